// The pure parts of a router in a container: what it is dressed with, which addresses there are, what stands
// against it.
#include <QTest>

#include "core/runtime/docker/router_container.h"
#include "core/runtime/docker/router_findings.h"
#include "core/runtime/docker/router_network.h"
#include "core/runtime/docker/subnet.h"
#include "core/runtime/routes.h"

#include <set>

using namespace ratdeck;

namespace {

StackSpec stack() {
  StackSpec spec;
  spec.project = "rat";
  spec.policy.routerService = "router";
  ServiceSpec ratd;
  ratd.name = "ratd";
  ratd.ports = {{"127.0.0.1", "80", 8080, "tcp", "ingress"}};
  ratd.networks = {{"front", {"api"}}, {"back", {}}};
  ServiceSpec router;
  router.name = "router";
  router.networks = {{"front", {}}};
  spec.services = {{"ratd", ratd}, {"router", router}};
  spec.normalised = {{"networks", {{"front", {{"name", "rat_front"}}}, {"back", {{"name", "rat_back"}}}}}};
  return spec;
}

RoutingTable tableOf(const StackSpec& spec) {
  return routingTable(routesOf(spec), [](const std::string&) -> FrontendHosts {
    return {"0.0.0.0", "10.231.0.2"};
  });
}

} // namespace

class RouterContainerTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void carriesTheNamesAndTheHostPortsOfTheServicesBehindIt() {
    ContainerRequest request;
    request.body["NetworkingConfig"]["EndpointsConfig"]["rat_front"]["Aliases"] = {"rat-router-1", "router"};
    request.files.push_back(
        {"/usr/local/etc/haproxy/haproxy.cfg", {"haproxy.cfg", Secret("the file's own")}});
    dressAsRouter(request, stack(), tableOf(stack()), {"rat_ratdeck", "10.231.0.2", "/state/socket", "ours"});

    const Json& front = request.body["NetworkingConfig"]["EndpointsConfig"]["rat_front"];
    QCOMPARE(dumpJson(front["Aliases"]), std::string(R"(["api","rat-router-1","ratd","router"])"));
    QCOMPARE(request.networks.size(), size_t(2));
    QCOMPARE(request.networks[0].network, std::string("rat_back"));
    QCOMPARE(dumpJson(request.networks[0].endpoint["Aliases"]), std::string(R"(["ratd"])"));
    QCOMPARE(request.networks[1].network, std::string("rat_ratdeck"));
    QCOMPARE(textAt(request.networks[1].endpoint["IPAMConfig"], "IPv4Address"), std::string("10.231.0.2"));
    const Json& host = request.body["HostConfig"];
    QCOMPARE(dumpJson(host["PortBindings"]["8080/tcp"]),
             std::string(R"([{"HostIp":"127.0.0.1","HostPort":"80"}])"));
    QCOMPARE(dumpJson(host["Binds"]), std::string(R"(["/state/socket:/run/ratdeck"])"));
    QCOMPARE(request.files.size(), size_t(1));
    QCOMPARE(request.files[0].file.content.reveal(), std::string("ours"));
  }

  void knowsWhatARouterOfAnEarlierStackLacks() {
    DockerContainer router;
    router.networks["rat_front"].aliases = {"router", "ratd", "api"};
    router.networks["rat_back"].aliases = {"ratd"};
    router.raw["HostConfig"]["PortBindings"]["8080/tcp"] = {{{"HostIp", "127.0.0.1"}, {"HostPort", "80"}}};
    auto spec = stack();
    const auto lacked = [&] {
      std::string text;
      for (const auto& [service, things] : lackedBy(router, spec, tableOf(spec)))
        for (const auto& thing : things)
          text += service + ": " + thing + "|";
      return text;
    };
    QCOMPARE(lacked(), std::string());
    spec.services.at("ratd").networks.at("back") = {"inner"};
    QCOMPARE(lacked(), std::string("ratd: the name inner on the network rat_back|"));
    spec.services.at("ratd").networks.erase("back");
    spec.services.at("ratd").ports = {{"", "81", 8080, "tcp", "ingress"}};
    QCOMPARE(lacked(), std::string("ratd: host port 81|"));
    router.networks.erase("rat_front");
    QCOMPARE(lacked(), std::string("ratd: the name api on the network rat_front|"
                                   "ratd: the name ratd on the network rat_front|ratd: host port 81|"));
  }

  void findsTwoServicesThatOneAddressCannotTellApart() {
    auto spec = stack();
    QVERIFY(!routingConflict(tableOf(spec), spec));
    ServiceSpec other;
    other.name = "other";
    other.expose = {8080};
    spec.services["other"] = other;
    const auto conflict = routingConflict(tableOf(spec), spec);
    QVERIFY(conflict.has_value());
    QVERIFY2(conflict->message.find("other and ratd both answer on port 8080") != std::string::npos,
             conflict->message.c_str());
  }

  void countsAddressesOfARange() {
    const auto subnet = Subnet::parse("10.231.5.7/22");
    QVERIFY(subnet.has_value());
    QCOMPARE(subnet->toString(), std::string("10.231.4.0/22"));
    QCOMPARE(subnet->addressAt(2), std::string("10.231.4.2"));
    QCOMPARE(subnet->addressAt(300), std::string("10.231.5.44"));
    QCOMPARE(subnet->addressAt(1024), std::string());
    for (const char* none :
         {"", "10.231.0.0", "10.231.0.0/30", "10.0.0.0/8", "10.231.0/22", "10.231.0.0/22x"})
      QVERIFY2(!Subnet::parse(none), none);
  }

  void triesSeveralRangesThatDiffer() {
    const auto subnets = routerSubnets("rat");
    QCOMPARE(subnets, routerSubnets("rat"));
    QCOMPARE(std::set<std::string>(subnets.begin(), subnets.end()).size(), subnets.size());
    for (const auto& subnet : subnets)
      QCOMPARE(Subnet::parse(subnet).value_or(Subnet()).toString(), subnet);
  }
};

QTEST_GUILESS_MAIN(RouterContainerTest)
#include "tst_router_container.moc"
