#include "answers.h"
#include "fake_haproxy.h"

#include "core/runtime/router/haproxy_router.h"

#include <QTemporaryDir>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const RoutingTable table = {
    {"ratd",
     {{"ratd_8080", 8080, RouteProtocol::Http, "127.96.2.1:8080", "127.96.2.1:8080"},
      {"ratd_8090", 8090, RouteProtocol::Http, "127.96.2.1:8090", "127.96.2.1:8090"}}},
    {"ratq", {{"ratq_50051", 50051, RouteProtocol::H2, "127.96.3.1:50051", "127.96.3.1:50051"}}},
};

// Keeps what it is given; `put` may start the fake.
class MemorySink final : public ConfigSink {
public:
  explicit MemorySink(std::vector<std::string>& log) : m_log(log) {}
  void put(const std::string& config, bool reload, Callback<Done> done) override {
    m_log.push_back(reload ? "put reload" : "put");
    text = config;
    if (onPut)
      onPut(config);
    m_outbox.post(
        [done, fails = putFails] { fails ? done(failure(ErrorKind::Internal, "disk full")) : done(Done{}); });
  }
  Result<std::string> stored() const override {
    return text.empty() ? Result<std::string>(failure(ErrorKind::NotFound, "nothing")) : text;
  }

  std::string text;
  bool putFails = false;
  std::function<void(const std::string&)> onPut;

private:
  std::vector<std::string>& m_log;
  Outbox m_outbox;
};

// A router on a fake HAProxy; one log of what both did, in order.
struct Bench {
  Bench() : path(folder.path().toStdString() + "/haproxy.sock") {
    auto owned = std::make_unique<MemorySink>(log);
    sink = owned.get();
    haproxy.onChange = [this](const std::string& command) {
      log.push_back(command);
    };
    router = std::make_unique<HaproxyRouter>(table, RouterEndpoints{path, path, {}}, std::move(owned));
  }
  void run() {
    for (const char* backend : {"ratd_8080", "ratd_8090", "ratq_50051"})
      haproxy.backends[backend];
    haproxy.listen(path);
  }
  Result<Done> join(const std::string& service, const std::string& id, const std::string& address) {
    return answerOf<Done>([&](auto done) { router->join(service, InstanceId(id), address, done); });
  }
  Result<Done> drain(const std::string& service, const std::string& id) {
    return answerOf<Done>([&](auto done) { router->drain(service, InstanceId(id), done); });
  }
  Result<Done> leave(const std::string& service, const std::string& id) {
    return answerOf<Done>([&](auto done) { router->leave(service, InstanceId(id), done); });
  }
  Result<Done> giveBack(const std::string& service, const std::string& id, const std::string& address) {
    return answerOf<Done>([&](auto done) { router->giveBack(service, InstanceId(id), address, done); });
  }
  std::string story() {
    std::string text;
    for (const std::string& line : log)
      text += line + '\n';
    log.clear();
    return text;
  }
  // The file is stored beside what is told to the router: how often, and the rest in order.
  std::string storyBesideTheFile(long puts) {
    const auto count = std::erase(log, "put");
    return story() + (static_cast<long>(count) == puts ? "" : "put " + std::to_string(count) + " times\n");
  }

  QTemporaryDir folder;
  std::string path;
  std::vector<std::string> log;
  FakeHaproxy haproxy;
  MemorySink* sink = nullptr;
  std::unique_ptr<HaproxyRouter> router;
};

} // namespace

#define QVERIFY_DONE(expression)                                                                             \
  do {                                                                                                       \
    const auto result = (expression);                                                                        \
    QVERIFY2(result.has_value(), errorOf(result).c_str());                                                   \
  } while (false)

class HaproxyRouterTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void swapsInTheOrderThatLosesNothing() {
    Bench bench;
    bench.run();
    QVERIFY_DONE(bench.join("ratd", "rat-ratd-1", "127.96.2.10"));
    QVERIFY(bench.sink->text.find("server rat-ratd-1 127.96.2.10:8090 check") != std::string::npos);
    QCOMPARE(bench.storyBesideTheFile(1), std::string("add server ratd_8080/rat-ratd-1 127.96.2.10:8080 "
                                                      "check inter 200ms rise 2 fall 10 weight 100\n"
                                                      "enable health ratd_8080/rat-ratd-1\n"
                                                      "add server ratd_8090/rat-ratd-1 127.96.2.10:8090 "
                                                      "check inter 200ms rise 2 fall 10 weight 100\n"
                                                      "enable health ratd_8090/rat-ratd-1\n"
                                                      "enable health ratd_8080/rat-ratd-1\n"
                                                      "enable server ratd_8080/rat-ratd-1\n"
                                                      "enable health ratd_8090/rat-ratd-1\n"
                                                      "enable server ratd_8090/rat-ratd-1\n"));
    QVERIFY_DONE(bench.drain("ratd", "rat-ratd-1"));
    QCOMPARE(bench.story(), std::string("set server ratd_8080/rat-ratd-1 state drain\n"
                                        "set server ratd_8090/rat-ratd-1 state drain\n"
                                        "put\n"));
    QVERIFY_DONE(bench.giveBack("ratd", "rat-ratd-1", "127.96.2.10"));
    QCOMPARE(bench.story(), std::string("enable health ratd_8080/rat-ratd-1\n"
                                        "set server ratd_8080/rat-ratd-1 state ready\n"
                                        "enable health ratd_8090/rat-ratd-1\n"
                                        "set server ratd_8090/rat-ratd-1 state ready\n"
                                        "put\n"));
    QVERIFY_DONE(bench.leave("ratd", "rat-ratd-1"));
    QCOMPARE(bench.story(), std::string("set server ratd_8080/rat-ratd-1 state maint\n"
                                        "del server ratd_8080/rat-ratd-1\n"
                                        "set server ratd_8090/rat-ratd-1 state maint\n"
                                        "del server ratd_8090/rat-ratd-1\n"
                                        "put\n"));
    QVERIFY(bench.haproxy.backends["ratd_8080"].empty());
  }

  void changesNothingThatIsAsItShouldBe() {
    Bench bench;
    bench.run();
    QVERIFY_DONE(bench.join("ratq", "rat-ratq-1", "127.96.3.10"));
    bench.log.clear();
    QVERIFY_DONE(bench.join("ratq", "rat-ratq-1", "127.96.3.10"));
    QVERIFY_DONE(bench.giveBack("ratq", "rat-ratq-1", "127.96.3.10"));
    QVERIFY_DONE(bench.drain("ratq", "rat-ratq-9"));
    QVERIFY_DONE(bench.leave("ratq", "rat-ratq-9"));
    QCOMPARE(bench.story(), std::string("put\nput\nput\nput\n"));
  }

  void speaksHttp2ToGrpcServices() {
    Bench bench;
    bench.run();
    QVERIFY_DONE(bench.join("ratq", "rat-ratq-1", "127.96.3.10"));
    QVERIFY(bench.haproxy.log.at(0).ends_with("weight 100 proto h2"));
  }

  void joinsAnewWhatIsGoneWhenTrafficReturns() {
    Bench bench;
    bench.run();
    QVERIFY_DONE(bench.join("ratd", "rat-ratd-1", "127.96.2.10"));
    bench.haproxy.backends["ratd_8090"].clear();
    bench.haproxy.backends["ratd_8080"]["rat-ratd-1"].state = "DRAIN";
    QVERIFY_DONE(bench.giveBack("ratd", "rat-ratd-1", "127.96.2.10"));
    QCOMPARE(bench.haproxy.backends["ratd_8080"]["rat-ratd-1"].state, std::string("UP"));
    QCOMPARE(bench.haproxy.backends["ratd_8090"]["rat-ratd-1"].state, std::string("UP"));
  }

  void saysSoWhenTheSwitchDidNotHappen() {
    Bench bench;
    bench.run();
    bench.haproxy.refuse = [](const std::string& command) {
      return command.starts_with("enable server") ? std::string("Permission denied.") : std::string();
    };
    const auto joined = bench.join("ratq", "rat-ratq-1", "127.96.3.10");
    QVERIFY(!joined.has_value());
    QVERIFY2(joined.error().message.find("Permission denied") != std::string::npos, errorOf(joined).c_str());
  }

  void startsTheRouterWhereNoneRuns() {
    Bench bench;
    bench.sink->onPut = [&](const std::string&) {
      if (bench.haproxy.backends.empty())
        bench.run();
    };
    QVERIFY_DONE(answerOf<Done>([&](auto done) { bench.router->ensure(done); }));
    QCOMPARE(bench.story(), std::string("put\n"));
    for (const char* line :
         {"listen ratd_8080\n", "bind 127.96.2.1:8080\n", "bind 127.96.3.1:50051 proto h2\n", "retries 0\n"})
      QVERIFY2(bench.sink->text.find(line) != std::string::npos, line);
    QVERIFY_DONE(bench.join("ratq", "rat-ratq-1", "127.96.3.10"));
    QVERIFY(bench.sink->text.find("server rat-ratq-1 127.96.3.10:50051") != std::string::npos);
  }

  void bringsADeadRouterBackWithItsServers() {
    Bench bench;
    bench.run();
    QVERIFY_DONE(bench.join("ratq", "rat-ratq-1", "127.96.3.10"));
    bench.haproxy.close();
    bench.log.clear();
    std::string started;
    bench.sink->onPut = [&](const std::string& config) {
      if (started.empty())
        bench.haproxy.listen(bench.path);
      started = config;
    };
    // The first call finds nobody; the next one looks again and starts it.
    QCOMPARE(bench.join("ratq", "rat-ratq-2", "127.96.3.11").error().kind, ErrorKind::Unreachable);
    QVERIFY_DONE(bench.join("ratq", "rat-ratq-2", "127.96.3.11"));
    QVERIFY2(started.find("server rat-ratq-1 127.96.3.10:50051") != std::string::npos, started.c_str());
    QCOMPARE(bench.story().substr(0, 4), std::string("put\n"));
  }

  void reloadsForBackendsThatARunningRouterLacks() {
    Bench bench;
    bench.run();
    bench.haproxy.backends.erase("ratd_8090");
    bench.sink->onPut = [&](const std::string&) {
      bench.haproxy.backends["ratd_8090"];
    };
    QVERIFY_DONE(answerOf<Done>([&](auto done) { bench.router->ensure(done); }));
    QCOMPARE(bench.story(), std::string("put reload\n"));
  }

  void refusesToJoinWhatARunningRouterLacks() {
    Bench bench;
    bench.run();
    bench.haproxy.backends.erase("ratd_8090"); // and it does not reload
    const auto joined = bench.join("ratd", "rat-ratd-1", "127.96.2.10");
    QCOMPARE(joined.error().kind, ErrorKind::Refused);
    QVERIFY2(joined.error().message.find("ratd_8090") != std::string::npos, errorOf(joined).c_str());
    QVERIFY_DONE(bench.join("ratq", "rat-ratq-1", "127.96.3.10"));
  }

  void writesOnlyServersThatTakeTraffic() {
    Bench bench;
    bench.run();
    QVERIFY_DONE(bench.join("ratq", "rat-ratq-1", "127.96.3.10"));
    QVERIFY_DONE(bench.join("ratq", "rat-ratq-2", "127.96.3.11"));
    QVERIFY_DONE(bench.drain("ratq", "rat-ratq-1"));
    QVERIFY(bench.sink->text.find("server rat-ratq-1 ") == std::string::npos);
    QVERIFY(bench.sink->text.find("server rat-ratq-2 127.96.3.11:50051 check") != std::string::npos);
  }

  void aJoinThatFailsIsTakenOutOfTheFileAgain() {
    Bench bench;
    bench.run();
    bench.haproxy.backends.erase("ratd_8090");
    QVERIFY(!bench.join("ratd", "rat-ratd-1", "127.96.2.10"));
    QVERIFY2(bench.sink->text.find("server rat-ratd-1 127.96.2.10:8090") == std::string::npos,
             bench.sink->text.c_str());
  }

  void beginsNothingNewWhileTheFileIsBehind() {
    Bench bench;
    bench.run();
    bench.sink->putFails = true;
    QVERIFY_DONE(bench.join("ratq", "rat-ratq-1", "127.96.3.10")); // made before it could be known
    bench.log.clear();
    const auto refused = bench.join("ratq", "rat-ratq-2", "127.96.3.11");
    QCOMPARE(refused.error().message, std::string("the router's configuration file is behind: disk full"));
    QVERIFY2(bench.story().find("add server") == std::string::npos, "the refused join changed something");
    QVERIFY_DONE(bench.drain("ratq", "rat-ratq-1"));
    QVERIFY_DONE(bench.giveBack("ratq", "rat-ratq-1", "127.96.3.10"));
    bench.sink->putFails = false;
    QVERIFY_DONE(bench.join("ratq", "rat-ratq-2", "127.96.3.11"));
    QVERIFY(bench.sink->text.find("server rat-ratq-2 ") != std::string::npos);
  }

  void refusesServicesWithoutRoutes() {
    Bench bench;
    bench.run();
    QCOMPARE(bench.join("worker", "rat-worker-1", "127.96.9.10").error().kind, ErrorKind::NotFound);
    QVERIFY(!bench.router->routes("worker"));
    QVERIFY(bench.router->routes("ratd"));
    QCOMPARE(bench.router->frontendOf("ratd", 8090), std::string("127.96.2.1:8090"));
    QCOMPARE(bench.router->frontendOf("ratd", 1), std::string());
  }

  void sumsACopyOverItsPorts() {
    Bench bench;
    bench.run();
    bench.haproxy.backends["ratd_8080"]["rat-ratd-1"] = {"127.96.2.10:8080", "UP", 2, 100, 3, 0, 4};
    bench.haproxy.backends["ratd_8090"]["rat-ratd-1"] = {"127.96.2.10:8090", "DRAIN", 1, 10, 0, 1, 15};
    const auto samples = answerOf<std::vector<RouterSample>>([&](auto done) { bench.router->sample(done); });
    QVERIFY2(samples.has_value(), errorOf(samples).c_str());
    QCOMPARE(samples->size(), size_t(3)); // ratd as a whole, its copy, ratq as a whole
    const RouterSample& whole = samples->at(0);
    QVERIFY(whole.service == "ratd" && whole.instance.isEmpty());
    QCOMPARE(whole.requests, 110LL);
    QCOMPARE(whole.errors5xx, 3LL);
    const RouterSample& copy = samples->at(1);
    QCOMPARE(copy.instance.value, std::string("rat-ratd-1"));
    QCOMPARE(copy.routing, Routing::Draining);
    QCOMPARE(copy.inFlight, 3LL);
    QCOMPARE(copy.requests, 110LL);
    QCOMPARE(copy.errors5xx, 3LL);
    QCOMPARE(copy.retries, 1LL);
    QVERIFY(copy.timeMs.has_value());
    QCOMPARE(*copy.timeMs, 5.0); // 100 requests of 4 ms and 10 of 15 ms; not the life of its streams
    QVERIFY2(!whole.timeMs, "a time was made up for a row that tells none");
  }

  void aCopyWithoutRequestsHasNoTime() {
    Bench bench;
    bench.run();
    bench.haproxy.backends["ratq_50051"]["rat-ratq-1"] = {"127.96.3.10:50051", "UP", 0, 0, 0, 0, 0};
    const auto samples = answerOf<std::vector<RouterSample>>([&](auto done) { bench.router->sample(done); });
    QVERIFY2(samples.has_value(), errorOf(samples).c_str());
    for (const RouterSample& sample : *samples)
      QVERIFY2(!sample.timeMs, sample.service.c_str());
  }

  void looksWithoutStarting() {
    Bench bench;
    const auto samples = answerOf<std::vector<RouterSample>>([&](auto done) { bench.router->look(done); });
    QCOMPARE(samples.error().kind, ErrorKind::Unreachable);
    QCOMPARE(bench.story(), std::string());
  }

  void keepsFileAndRouterInStepUnderManyCalls() {
    Bench bench;
    bench.run();
    int answered = 0;
    for (int i = 1; i <= 20; ++i)
      bench.router->join("ratq", InstanceId("rat-ratq-" + std::to_string(i)),
                         "127.96.3." + std::to_string(9 + i),
                         [&](Result<Done> joined) { answered += joined.has_value(); });
    QVERIFY(waitUntil([&] { return answered == 20; }, 10000));
    for (int i = 1; i <= 20; ++i)
      QVERIFY(bench.sink->text.find("server rat-ratq-" + std::to_string(i) + " ") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(HaproxyRouterTest)
#include "tst_haproxy_router.moc"
