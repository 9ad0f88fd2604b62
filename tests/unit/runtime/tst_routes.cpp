#include "core/runtime/host_references.h"
#include "core/runtime/process/address_file.h"
#include "core/runtime/process/address_plan.h"
#include "core/runtime/router/routing_table.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace ratdeck;

namespace {

ServiceSpec service(const std::string& name) {
  ServiceSpec spec;
  spec.name = name;
  return spec;
}

StackSpec stackOf(std::vector<ServiceSpec> services) {
  StackSpec stack;
  stack.project = "rat";
  for (ServiceSpec& spec : services)
    stack.services.emplace(spec.name, spec);
  return stack;
}

std::string textOf(const std::map<std::string, Routes>& routes) {
  std::string text;
  for (const auto& [name, ports] : routes) {
    text += (text.empty() ? "" : "; ") + name;
    for (const RouteSpec& route : ports)
      text += ' ' + std::to_string(route.port) +
              (route.protocol == RouteProtocol::Http ? "/http"
               : route.protocol == RouteProtocol::H2 ? "/h2"
                                                     : "/tcp");
  }
  return text;
}

} // namespace

class RoutesTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void mapsHostsOfServices_data() {
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("mapped");
    const auto row = [](const char* value, const char* mapped) {
      QTest::newRow(value) << QString::fromLatin1(value) << QString::fromLatin1(mapped);
    };
    row("http://ratq:50051", "http://10.0.0.1:50051");
    row("ratq:50051", "10.0.0.1:50051");
    row("postgres://rat:rat@postgres:5432/rat?sslmode=disable",
        "postgres://rat:rat@10.0.0.2:5432/rat?sslmode=disable");
    row("jdbc:postgresql://postgres:5432/rat", "jdbc:postgresql://10.0.0.2:5432/rat");
    row("ratq:1,postgres:2,other:3", "10.0.0.1:1,10.0.0.2:2,other:3");
    row("host=postgres:5432 target=ratq:1", "host=10.0.0.2:5432 target=10.0.0.1:1");
    row("http://ratq:50051/", "http://10.0.0.1:50051/");
    row("tcp(postgres:5432)/db", "tcp(10.0.0.2:5432)/db");
    // Left alone: own listen values, hosts that are no service, names without a port, parts of other words.
    row("0.0.0.0:8080", "0.0.0.0:8080");
    row("http://localhost:8080", "http://localhost:8080");
    row("http://ratq", "http://ratq");
    row("ratq", "ratq");
    row("http://ratq.example:50051", "http://ratq.example:50051");
    row("http://my-ratq:50051", "http://my-ratq:50051");
    row("http://host/ratq:50051", "http://host/ratq:50051");
    row("urn:ratq:50051", "urn:ratq:50051");
    row("ratq:", "ratq:");
    row("ratq:0", "ratq:0");
    row("ratq:70000", "ratq:70000");
    row("ratq:123456", "ratq:123456");
    row("ratq:50051x", "ratq:50051x");
    row("minio/ratq:RELEASE", "minio/ratq:RELEASE");
    row("", "");
    row(":", ":");
    // A user and a password that look like a service and its port.
    row("postgres://postgres:5432@postgres:5432/db", "postgres://postgres:5432@10.0.0.2:5432/db");
  }
  void mapsHostsOfServices() {
    QFETCH(QString, value);
    QFETCH(QString, mapped);
    const auto addressOf = [](std::string_view host) -> std::string {
      return host == "ratq" ? "10.0.0.1" : host == "postgres" ? "10.0.0.2" : "";
    };
    QCOMPARE(QString::fromStdString(mapHosts(value.toStdString(), addressOf)), mapped);
  }

  void takesRoutesAsWritten() {
    ServiceSpec ratd = service("ratd");
    ratd.policy.route =
        Routes{{8090, RouteProtocol::Http}, {8080, RouteProtocol::Http}, {8090, RouteProtocol::Tcp}};
    ratd.expose = {9999};
    ServiceSpec hidden = service("hidden");
    hidden.policy.route = Routes{};
    hidden.expose = {80};
    QCOMPARE(textOf(routesOf(stackOf({ratd, hidden}))), std::string("ratd 8080/http 8090/http"));
  }

  void routesPortsExposeAndReferencesWhereNothingIsWritten() {
    ServiceSpec web = service("web");
    web.ports = {{"", "80", 3000, "tcp", "ingress"}, {"", "53", 53, "udp", "ingress"}};
    web.environment.emplace("QUERY", Secret("http://query:50051"));
    web.environment.emplace("SELF", Secret("http://web:1234"));
    ServiceSpec query = service("query");
    query.environment.emplace("GRPC_PORT", Secret("50051"));
    query.environment.emplace("DATABASE_URL", Secret("postgres://u:p@db:5432/x"));
    ServiceSpec db = service("db");
    db.expose = {5432};
    QCOMPARE(textOf(routesOf(stackOf({web, query, db}))),
             std::string("db 5432/tcp; query 50051/h2; web 3000/http"));
  }

  void routesNeitherJobsNorTheRouterItself() {
    ServiceSpec job = service("init");
    job.expose = {80};
    job.isOneShot = true;
    ServiceSpec router = service("router");
    router.ports = {{"", "8080", 8080, "tcp", "ingress"}};
    StackSpec stack = stackOf({job, router});
    stack.policy.routerService = "router";
    QCOMPARE(textOf(routesOf(stack)), std::string());
    stack.policy.routerService.clear();
    QCOMPARE(textOf(routesOf(stack)), std::string("router 8080/http"));
  }

  void knowsServicesByTheirAliases() {
    ServiceSpec a = service("a");
    a.containerName = "the-a";
    a.networks["backend"] = {"alpha", "b"};
    const auto hosts = hostNamesOf(stackOf({a, service("b")}));
    QCOMPARE(hosts.at("a"), std::string("a"));
    QCOMPARE(hosts.at("the-a"), std::string("a"));
    QCOMPARE(hosts.at("alpha"), std::string("a"));
    QCOMPARE(hosts.at("b"), std::string("b"));
  }

  void namesABackendForEachPort() {
    const RoutingTable table =
        routingTable({{"ratd", {{8080, RouteProtocol::Http}, {8090, RouteProtocol::H2}}},
                      {"nobody", {{1, RouteProtocol::Tcp}}}},
                     [](const std::string& name) {
                       return name == "ratd" ? FrontendHosts{"0.0.0.0", "127.96.4.1"} : FrontendHosts{};
                     });
    QCOMPARE(table.size(), size_t(1));
    QVERIFY(
        table.at("ratd") ==
        (std::vector<RoutedPort>{{"ratd_8080", 8080, RouteProtocol::Http, "0.0.0.0:8080", "127.96.4.1:8080"},
                                 {"ratd_8090", 8090, RouteProtocol::H2, "0.0.0.0:8090", "127.96.4.1:8090"}}));
  }

  void keepsNumbersWhenServicesAreAdded() {
    AddressPlan plan("127.96");
    QVERIFY(*plan.add({"ratq", "portal"}));
    QCOMPARE(plan.frontend("portal"), std::string("127.96.1.1"));
    QCOMPARE(plan.frontend("ratq"), std::string("127.96.2.1"));
    QVERIFY(*plan.add({"alpha", "ratq", "beta"}));
    QCOMPARE(plan.frontend("portal"), std::string("127.96.1.1"));
    QCOMPARE(plan.frontend("ratq"), std::string("127.96.2.1"));
    QCOMPARE(plan.frontend("alpha"), std::string("127.96.3.1"));
    QCOMPARE(plan.frontend("beta"), std::string("127.96.4.1"));
    QVERIFY(!*plan.add({"beta"}));
    QCOMPARE(plan.instance("beta", 1), std::string("127.96.4.10"));
    QCOMPARE(plan.instance("beta", 2), std::string("127.96.4.11"));
    QCOMPARE(plan.instance("beta", 245), std::string("127.96.4.254"));
    QCOMPARE(plan.instance("beta", 246), std::string("127.96.4.10"));
    QCOMPARE(plan.instance("unknown", 1), std::string());
    QCOMPARE(plan.frontend("unknown"), std::string());
    QVERIFY(*AddressPlan::fromJson(plan.toJson()) == plan);
    QCOMPARE(plan.movedTo("127.97").frontend("beta"), std::string("127.97.4.1"));
  }

  void refusesMoreServicesThanItHasNumbers() {
    std::vector<std::string> names;
    for (int i = 0; i < 254; ++i)
      names.push_back("s" + std::to_string(i));
    AddressPlan plan("127.96");
    QVERIFY(plan.add(names).has_value());
    const AddressPlan before = plan;
    QCOMPARE(plan.add({"one-more"}).error().kind, ErrorKind::Refused);
    QVERIFY(plan == before);
  }

  void refusesADamagedPlan() {
    for (const char* text : {R"({})", R"({"subnet":"127.1"})", R"({"subnet":"127.1","services":{"a":0}})",
                             R"({"subnet":"127.1","services":{"a":1,"b":1}})",
                             R"({"subnet":"127.1","services":{"a":"1"}})", R"([])"})
      QVERIFY2(!AddressPlan::fromJson(Json::parse(text)), text);
    QVERIFY(AddressPlan::fromJson(Json::parse(R"({"subnet":"127.1","services":{"a":1,"b":2}})")).has_value());
  }

  void keepsThePlanOnDisk() {
    QTemporaryDir folder;
    const std::string dir = folder.path().toStdString();
    const auto missing = extendAddressPlan(dir, {"a"});
    QCOMPARE(missing.error().kind, ErrorKind::NotFound);
    QVERIFY(!missing.error().next.empty());
    QVERIFY(writeSubnet(dir, "127.96").has_value());
    QVERIFY(extendAddressPlan(dir, {"b"}).has_value());
    QCOMPARE(extendAddressPlan(dir, {"a", "b"})->frontend("a"), std::string("127.96.2.1"));
    QVERIFY(writeSubnet(dir, "127.97").has_value());
    QCOMPARE(extendAddressPlan(dir, {})->frontend("b"), std::string("127.97.1.1"));
    std::ofstream(dir + "/addresses.json") << "{";
    QCOMPARE(extendAddressPlan(dir, {"a"}).error().kind, ErrorKind::Input);
    QCOMPARE(extendAddressPlan(dir + "/nowhere", {"a"}).error().kind, ErrorKind::NotFound);
  }
};

QTEST_GUILESS_MAIN(RoutesTest)
#include "tst_routes.moc"
