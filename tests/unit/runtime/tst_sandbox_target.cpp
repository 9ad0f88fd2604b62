#include "answers.h"
#include "fake_haproxy.h"
#include "fake_supervisor.h"

#include "core/runtime/process/address_file.h"
#include "core/runtime/process/load_report.h"
#include "core/runtime/process/sandbox_admin.h"
#include "core/runtime/process/sandbox_target.h"
#include "core/runtime/router/haproxy_router.h"

#include <QTemporaryDir>

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

StackSpec stack() {
  StackSpec spec;
  spec.project = "rat";
  ServiceSpec ratd;
  ratd.name = "ratd";
  ratd.expose = {8080};
  ratd.healthCheck = HealthCheck{.test = {"CMD", "/ratd", "healthcheck"}};
  ServiceSpec init;
  init.name = "init";
  init.isOneShot = true;
  ServiceSpec plain;
  plain.name = "plain";
  spec.services = {{"ratd", ratd}, {"init", init}, {"plain", plain}};
  return spec;
}

Json instance(const std::string& service, int number, const std::string& state) {
  return {{"id", "rat-" + service + "-" + std::to_string(number)},
          {"service", service},
          {"number", number},
          {"state", state},
          {"address", "127.96.3." + std::to_string(9 + number)}};
}

} // namespace

class SandboxTargetTest : public QObject {
  Q_OBJECT

  // Up with a program that runs `supervise` as the shell text says; the supervisor answers, with subnet
  // 127.79, once `tried` was.
  Result<SandboxInfo> upWith(const std::string& dir, const char* supervise, const char* tried) {
    const std::string script = dir + "/program";
    QFile file(QString::fromStdString(script));
    if (!file.open(QIODevice::WriteOnly))
      return failure(ErrorKind::Internal, "no script");
    file.write("#!/bin/sh\necho \"$@\" >> '" + QByteArray::fromStdString(dir) +
               "/log'\n[ \"$1\" = down ] && exit 0\n" + supervise);
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    file.close();
    std::unique_ptr<FakeSupervisor> supervisor;
    SandboxAdmin admin(script, dir);
    QTimer opener;
    QObject::connect(&opener, &QTimer::timeout, &opener, [&] {
      QFile log(QString::fromStdString(dir + "/log"));
      if (!supervisor && log.open(QIODevice::ReadOnly) && log.readAll().contains(tried)) {
        supervisor = std::make_unique<FakeSupervisor>(dir);
        supervisor->on("GET /v1/info", 200,
                       {{"name", "t"}, {"pid", 7}, {"subnet", "127.79"}, {"router", nullptr}});
      }
    });
    opener.start(5);
    return answerOf<SandboxInfo>([&](auto done) { admin.up("t", done); }, 20000);
  }

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  void saysThatThereIsNoSandbox() {
    QTemporaryDir folder;
    const auto opened = openSandbox(folder.path().toStdString(), stack());
    QCOMPARE(opened.error().kind, ErrorKind::NotFound);
  }

  void observesCopiesRoutingAndHealthWithoutStartingAnything() {
    QTemporaryDir folder;
    const std::string dir = folder.path().toStdString();
    QVERIFY(writeSubnet(dir, "127.96").has_value());
    FakeSupervisor supervisor(dir);
    supervisor.on("GET /v1/instances", 200,
                  {{"instances",
                    {instance("ratd", 1, "running"), instance("ratd", 2, "running"),
                     instance("plain", 1, "running"), instance("init", 1, "exited")}}});
    supervisor.on("POST /v1/instances/rat-ratd-1/exec", 200, {{"exit_code", 0}, {"output", ""}});
    supervisor.on("POST /v1/instances/rat-ratd-2/exec", 200, {{"exit_code", 1}, {"output", "refused"}});
    auto target = openSandbox(dir, stack());
    QVERIFY2(target.has_value(), errorOf(target).c_str());
    QVERIFY((*target)->target().runs == nullptr);
    const auto observe = [&] {
      return answerOf<World>([&](auto done) { (*target)->observe(done); });
    };

    auto world = observe();
    QVERIFY2(world.has_value(), errorOf(world).c_str());
    QVERIFY(world->isReachable && world->hasRouter);
    QVERIFY(world->routedServices == std::vector<std::string>{"ratd"});
    QCOMPARE(world->instances.size(), size_t(4));
    const auto find = [&](const char* id) {
      for (const InstanceInfo& seen : world->instances)
        if (seen.id.value == id)
          return seen;
      return InstanceInfo{};
    };
    QCOMPARE(find("rat-ratd-1").health, Health::Healthy);
    QCOMPARE(find("rat-ratd-2").health, Health::Unhealthy);
    QCOMPARE(find("rat-ratd-2").healthDetail, std::string("healthcheck: exit code 1: refused"));
    QCOMPARE(find("rat-plain-1").health, Health::Unknown);
    QCOMPARE(find("rat-ratd-1").routing, Routing::None);
    for (const std::string& call : supervisor.calls)
      QVERIFY2(!call.starts_with("PUT"), call.c_str());

    FakeHaproxy haproxy;
    haproxy.backends["ratd_8080"] = {{"rat-ratd-1", {"127.96.3.10:8080", "UP"}}};
    haproxy.listen(dir + "/haproxy.sock");
    world = observe();
    QCOMPARE(find("rat-ratd-1").routing, Routing::Serving);
    QCOMPARE(find("rat-ratd-2").routing, Routing::None);
  }

  void startsTheRouterAtTheFirstJoin() {
    QTemporaryDir folder;
    const std::string dir = folder.path().toStdString();
    QVERIFY(writeSubnet(dir, "127.96").has_value());
    FakeSupervisor supervisor(dir);
    FakeHaproxy haproxy;
    haproxy.backends["ratd_8080"];
    bool isStarted = false;
    supervisor.handle([&](const std::string& call, const Json&) {
      if (call == "PUT /v1/router" && !std::exchange(isStarted, true))
        haproxy.listen(dir + "/haproxy.sock");
      return FakeSupervisor::Reply{};
    });
    auto target = openSandbox(dir, stack());
    Router& router = *(*target)->target().router;
    const auto joined = answerOf<Done>(
        [&](auto done) { router.join("ratd", InstanceId("rat-ratd-1"), "127.96.3.10", done); });
    QVERIFY2(joined.has_value(), errorOf(joined).c_str());
    QCOMPARE(supervisor.calls.at(0), std::string("PUT /v1/router"));
    const std::string first = textAt(supervisor.bodies.at(0), "config");
    QVERIFY2(first.find("listen ratd_8080\n  bind 127.96.3.1:8080\n") != std::string::npos, first.c_str());
    const std::string last = textAt(supervisor.bodies.back(), "config");
    QVERIFY2(last.find("server rat-ratd-1 127.96.3.10:8080") != std::string::npos, last.c_str());
  }

  void readsFaultsAsWritten() {
    const auto fault = parseFault("ratd", "errors=0.2");
    QCOMPARE(fault->kind, std::string("errors"));
    QCOMPARE(fault->value, std::string("0.2"));
    QCOMPARE(parseFault("ratd", "never-healthy")->value, std::string());
    QVERIFY(!parseFault("ratd", "=1").has_value());
    QVERIFY(!parseFault("", "errors").has_value());
  }

  void namesAProgramThatCannotBeStarted() {
    QTemporaryDir folder;
    SandboxAdmin admin("/nonexistent/ratdeck-sandbox", folder.path().toStdString());
    const auto up = answerOf<SandboxInfo>([&](auto done) { admin.up("t", done); });
    QCOMPARE(up.error().kind, ErrorKind::NotFound);
    SandboxAdmin long_("/bin/true", folder.path().toStdString() + std::string(100, 'x'));
    QCOMPARE(answerOf<SandboxInfo>([&](auto done) { long_.up("t", done); }).error().kind, ErrorKind::Input);
  }

  void triesTheNextSubnetWhereOneIsTaken() {
    QTemporaryDir folder;
    const std::string dir = folder.path().toStdString();
    const auto up = upWith(dir, "[ \"$7\" = 127.79 ] && exit 0\necho taken >&2\nexit 2\n", "127.79");
    QVERIFY2(up.has_value(), errorOf(up).c_str());
    QCOMPARE(up->pid, 7);
    QCOMPARE(extendAddressPlan(dir, {"a"})->frontend("a"), std::string("127.79.1.1"));
  }

  void takesTheSupervisorThatSomebodyElseHasStartedMeanwhile() {
    QTemporaryDir folder;
    const std::string dir = folder.path().toStdString();
    const auto up = upWith(dir, "echo runs already >&2\nexit 3\n", "127.77");
    QVERIFY2(up.has_value(), errorOf(up).c_str());
    QCOMPARE(up->pid, 7);
    QCOMPARE(extendAddressPlan(dir, {"a"})->frontend("a"), std::string("127.79.1.1")); // as it says
    QFile log(QString::fromStdString(dir + "/log"));
    QVERIFY(log.open(QIODevice::ReadOnly));
    QCOMPARE(log.readAll().count("supervise"), 1);
  }

  void refusesFaultsOfServicesThatNoStackHas() {
    QTemporaryDir folder;
    const std::string dir = folder.path().toStdString();
    QVERIFY(writeSubnet(dir, "127.96").has_value());
    FakeSupervisor supervisor(dir);
    SandboxAdmin admin("/bin/true", dir);
    const auto set = [&](const char* service) {
      return answerOf<Done>([&](auto done) { admin.setFault({service, "crash", ""}, done); });
    };
    QVERIFY(set("ratd").has_value()); // before the first stack any name is taken
    QVERIFY(extendAddressPlan(dir, {"ratd", "ratq"}).has_value());
    QVERIFY(set("ratd").has_value());
    const auto refused = set("ratdd");
    QCOMPARE(refused.error().kind, ErrorKind::NotFound);
    QCOMPARE(refused.error().next, std::string("name one of ratd, ratq"));
    QCOMPARE(supervisor.calls.size(), size_t(2));
  }

  void waitsForTheAddressesLockNotForever() {
    QTemporaryDir folder;
    const std::string dir = folder.path().toStdString();
    QVERIFY(writeSubnet(dir, "127.96").has_value());
    const int held = ::open((dir + "/addresses.json.lock").c_str(), O_RDWR | O_CLOEXEC);
    QCOMPARE(::flock(held, LOCK_EX), 0);
    QCOMPARE(extendAddressPlan(dir, {"ratd"}).error().kind, ErrorKind::Timeout);
    ::close(held);
    QVERIFY(extendAddressPlan(dir, {"ratd"}).has_value());
  }

  void readsALoadWithoutItsLedgerAsUnknown() {
    const Json posts = {{"acknowledged", 3}, {"lost", nullptr}, {"doubled", nullptr}};
    const auto unread = LoadReport::fromJson({{"requests", 5}, {"posts", posts}});
    QVERIFY(!unread->postsLost() && !unread->postsDoubled());
    QVERIFY(countOrNull(unread->postsLost()).is_null());
    const auto read = LoadReport::fromJson({{"requests", 5}, {"posts", {{"lost", 0}, {"doubled", 2}}}});
    QCOMPARE(*read->postsLost(), 0LL);
    QCOMPARE(*read->postsDoubled(), 2LL);
  }
};

QTEST_GUILESS_MAIN(SandboxTargetTest)
#include "tst_sandbox_target.moc"
