// The whole chain on real processes: the sandbox's supervisor and stand-ins, HAProxy, RAT's own Compose file,
// the load. Copies of a gateway, a gRPC service and the frontend are swapped through the ports that a rollout
// uses.
#include "answers.h"

#include "core/runtime/process/sandbox_admin.h"
#include "core/runtime/process/sandbox_target.h"
#include "core/runtime/router/haproxy_router.h"
#include "core/spec/compose/loader.h"
#include "core/spec/own_checks.h"

#include <QTemporaryDir>

#include <csignal>
#include <curl/curl.h>
#include <signal.h>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

constexpr int longWait = 60000;
constexpr std::string_view stackRouter = "router";

Result<StackSpec> ratStack() {
  compose::LoadRequest request;
  request.files = {RATDECK_RESOURCES "/docker-compose.yml"};
  const auto loaded = compose::load(request);
  return loaded ? Result<StackSpec>(loaded->stack) : failure(loaded.error());
}

StartRequest copyOf(const StackSpec& stack, const std::string& service, int number) {
  StartRequest request;
  request.number = number;
  request.id = InstanceId("rat-" + service + "-" + std::to_string(number));
  request.revision = number;
  request.rollout = RolloutId("test");
  request.service = stack.services.at(service);
  const std::string& image = request.service.image;
  if (image.starts_with("rat/"))
    request.service.image = image.substr(0, image.rfind(':') + 1) + std::to_string(number) + ".0.0";
  return request;
}

// A sandbox that goes down with the test.
struct House {
  House() : dir(folder.path().toStdString() + "/s"), admin(RATDECK_SANDBOX_PROGRAM, dir) {}
  ~House() {
    (void)answerOf<Done>([&](auto done) { admin.down(done); }, longWait);
  }

  // Without the one service, which the sandbox's stack then lacks.
  std::string up(const std::string& without = {}) {
    const auto stackRead = ratStack();
    if (!stackRead)
      return errorOf(stackRead);
    stack = *stackRead;
    stack.services.erase(without);
    const auto started = answerOf<SandboxInfo>([&](auto done) { admin.up("test", done); }, longWait);
    if (!started)
      return errorOf(started);
    info = *started;
    return open();
  }

  std::string open() {
    auto opened = openSandbox(dir, stack);
    if (!opened)
      return errorOf(opened);
    target = std::move(*opened);
    return {};
  }

  Target ports() const { return target->target(); }

  // Starts a copy and waits until its own checks pass three times in a row.
  std::string start(const std::string& service, int number) {
    const StartRequest request = copyOf(stack, service, number);
    const auto started = answerOf<InstanceInfo>([&](auto done) { ports().runtime->start(request, done); });
    if (!started)
      return errorOf(started);
    std::string last;
    int passes = 0;
    for (int look = 0; look < 600 && passes < 3; ++look) {
      bool isWell = true;
      for (const ProbeSpec& check : ownChecks(request.service)) {
        const auto result = answerOf<ProbeResult>(
            [&](auto done) { ports().prober->probe(check, request.id, started->address, done); });
        if (!result || !result->passed) {
          isWell = false;
          last = check.name + ": " + (result ? result->detail : errorOf(result));
        }
      }
      passes = isWell ? passes + 1 : 0;
      Outbox pause;
      bool isOver = false;
      pause.postAfter(50ms, [&] { isOver = true; });
      (void)waitUntil([&] { return isOver; });
    }
    return passes == 3 ? std::string() : service + " is not well: " + last;
  }

  std::string join(const std::string& service, int number) {
    const StartRequest request = copyOf(stack, service, number);
    const auto world = answerOf<std::vector<InstanceInfo>>([&](auto done) { ports().runtime->list(done); });
    if (!world)
      return errorOf(world);
    for (const InstanceInfo& seen : *world)
      if (seen.id == request.id)
        return errorOf(answerOf<Done>(
            [&](auto done) { ports().router->join(service, request.id, seen.address, done); }, longWait));
    return "no copy " + request.id.value;
  }

  std::string bring(const std::string& service, int number) {
    const std::string problem = start(service, number);
    return problem.empty() ? join(service, number) : problem;
  }

  std::string drain(const std::string& service, int number) {
    const InstanceId id = copyOf(stack, service, number).id;
    const auto drained = answerOf<Done>([&](auto done) { ports().router->drain(service, id, done); });
    if (!drained)
      return errorOf(drained);
    for (int look = 0; look < 2000; ++look) {
      const auto samples =
          answerOf<std::vector<RouterSample>>([&](auto done) { ports().router->sample(done); });
      for (const RouterSample& sample : samples ? *samples : std::vector<RouterSample>())
        if (sample.instance == id && sample.inFlight == 0)
          return {};
      Outbox pause;
      bool isOver = false;
      pause.postAfter(10ms, [&] { isOver = true; });
      (void)waitUntil([&] { return isOver; });
    }
    return id.value + " does not drain";
  }

  std::string retire(const std::string& service, int number) {
    const InstanceId id = copyOf(stack, service, number).id;
    if (const auto left = answerOf<Done>([&](auto done) { ports().router->leave(service, id, done); }); !left)
      return errorOf(left);
    return stop(service, number);
  }

  std::string stop(const std::string& service, int number) {
    const InstanceId id = copyOf(stack, service, number).id;
    const StopRequest request{id, "SIGTERM", 10s};
    const auto stopped =
        answerOf<StopReport>([&](auto done) { ports().runtime->stop(request, done); }, longWait);
    if (!stopped)
      return errorOf(stopped);
    if (stopped->forcedKill)
      return id.value + " had to be killed";
    return errorOf(answerOf<Done>([&](auto done) { ports().runtime->remove(id, done); }));
  }

  std::string swap(const std::string& service, int from) {
    std::string problem = bring(service, from + 1);
    if (problem.empty())
      problem = drain(service, from);
    return problem.empty() ? retire(service, from) : problem;
  }

  std::string startAll() {
    for (const char* service : {"postgres", "minio", "nessie", "ratq", "runner", "ratd", "portal"})
      if (stack.services.contains(service))
        if (const std::string problem = bring(service, 1); !problem.empty())
          return problem;
    return {};
  }

  std::string startLoad() {
    const Router& router = *ports().router;
    const Json request = {{"rate", 100},
                          {"streams", 2},
                          {"targets",
                           {{"portal", router.frontendOf("portal", 3000)},
                            {"ratd", router.frontendOf("ratd", 8080)},
                            {"ledger", router.frontendOf("postgres", 5432)}}}};
    return errorOf(answerOf<Json>([&](auto done) { admin.startLoad(request, done); }));
  }

  // Until the load has seen so many requests more.
  bool watch(long long requests) {
    long long first = -1;
    for (int look = 0; look < 1000; ++look) {
      const auto live = answerOf<Json>([&](auto done) { admin.readLoad(done); });
      const long long seen = live ? integerAt(*live, "requests") : 0;
      first = first < 0 ? seen : first;
      if (seen - first >= requests)
        return true;
      Outbox pause;
      bool isOver = false;
      pause.postAfter(50ms, [&] { isOver = true; });
      (void)waitUntil([&] { return isOver; });
    }
    return false;
  }

  Json endLoad() {
    auto report = answerOf<Json>([&](auto done) { admin.stopLoad(done); }, longWait);
    if (!report)
      return {{"error", errorOf(report)}};
    report->erase("samples");
    return *report;
  }

  QTemporaryDir folder;
  std::string dir;
  SandboxAdmin admin;
  StackSpec stack;
  SandboxInfo info;
  std::unique_ptr<SandboxTarget> target;
};

} // namespace

#define QVERIFY_FINE(expression)                                                                             \
  do {                                                                                                       \
    const std::string problem = (expression);                                                                \
    QVERIFY2(problem.empty(), problem.c_str());                                                              \
  } while (false)

class SandboxTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  void swapsUnderLoadLoseNothingAndTheWrongOrderLoses() {
    House house;
    QVERIFY_FINE(house.up());
    QVERIFY_FINE(house.startAll());
    QVERIFY_FINE(house.startLoad());
    QVERIFY(house.watch(200));
    for (const char* service : {"ratq", "ratd", "portal"})
      QVERIFY_FINE(house.swap(service, 1));
    QVERIFY(house.watch(100));
    const Json right = house.endLoad();
    const Json posts = memberAt(right, "posts");
    const std::string seen = dumpJson(right).substr(0, 1500);
    qInfo("right order: %lld requests, %lld failed, p99 %.1f ms, posts %s", integerAt(right, "requests"),
          integerAt(right, "failed", -1), numberAt(right, "p99_ms"), dumpJson(posts).c_str());
    QVERIFY2(integerAt(right, "requests") > 500, seen.c_str());
    QVERIFY2(integerAt(right, "failed", -1) == 0, seen.c_str());
    QCOMPARE(integerAt(posts, "lost", -1), 0LL);
    QCOMPARE(integerAt(posts, "doubled", -1), 0LL);
    const auto samples =
        answerOf<std::vector<RouterSample>>([&](auto done) { house.ports().router->sample(done); });
    QVERIFY(samples.has_value());
    for (const RouterSample& sample : *samples)
      QCOMPARE(sample.retries, 0LL);

    // The control: the old copy is stopped while it is still in the router.
    QVERIFY_FINE(house.startLoad());
    QVERIFY(house.watch(100));
    QVERIFY_FINE(house.stop("portal", 2));
    QVERIFY_FINE(house.bring("portal", 3));
    QVERIFY(house.watch(50));
    const Json wrong = house.endLoad();
    qInfo("wrong order: %lld requests, %lld failed", integerAt(wrong, "requests"),
          integerAt(wrong, "failed"));
    QVERIFY(integerAt(wrong, "failed") > 0);
  }

  void aServiceThatIsNewToARunningRouterJoinsUnderLoadAndNothingIsLost() {
    House house;
    QVERIFY_FINE(house.up("nessie"));
    QVERIFY_FINE(house.startAll());
    const auto routerPid = [&] {
      const auto info = answerOf<SandboxInfo>([&](auto done) { house.admin.info(done); });
      return info ? info->routerPid : 0;
    };
    const int before = routerPid();
    QVERIFY_FINE(house.startLoad());
    QVERIFY(house.watch(200));
    house.stack = *ratStack();
    QVERIFY_FINE(house.open());
    QVERIFY_FINE(house.bring("nessie", 1));
    QVERIFY(routerPid() != before);
    ProbeSpec reach;
    reach.kind = ProbeKind::Tcp;
    reach.port = 19120;
    const auto reached = answerOf<ProbeResult>([&](auto done) {
      house.ports().prober->probe(reach, InstanceId(), house.ports().router->frontendOf("nessie", 19120),
                                  done);
    });
    QVERIFY2(reached && reached->passed, reached ? reached->detail.c_str() : errorOf(reached).c_str());
    QVERIFY_FINE(house.swap("ratd", 1)); // its servers have survived
    QVERIFY(house.watch(100));
    const Json report = house.endLoad();
    const std::string seen = dumpJson(report).substr(0, 1500);
    const Json posts = memberAt(report, "posts");
    qInfo("reload: %lld requests, %lld failed, streams %s, posts %s", integerAt(report, "requests"),
          integerAt(report, "failed", -1), dumpJson(memberAt(report, "streams")).c_str(),
          dumpJson(posts).c_str());
    QVERIFY2(integerAt(report, "requests") > 300, seen.c_str());
    QVERIFY2(integerAt(report, "failed", -1) == 0, seen.c_str());
    QCOMPARE(integerAt(posts, "lost", -1), 0LL);
    QCOMPARE(integerAt(posts, "doubled", -1), 0LL);
    const auto samples =
        answerOf<std::vector<RouterSample>>([&](auto done) { house.ports().router->sample(done); });
    QVERIFY2(samples.has_value(), errorOf(samples).c_str());
    for (const RouterSample& sample : *samples)
      QCOMPARE(sample.retries, 0LL);

    // The control: the router is started anew instead.
    QVERIFY_FINE(house.startLoad());
    QVERIFY(house.watch(100));
    QCOMPARE(::kill(routerPid(), SIGKILL), 0);
    QVERIFY(house.watch(100));
    const Json cut = house.endLoad();
    qInfo("restart: %lld requests, %lld failed", integerAt(cut, "requests"), integerAt(cut, "failed"));
    QVERIFY(integerAt(cut, "failed") > 0);
  }

  void observesTheWorldAndReadsActiveRuns() {
    House house;
    QVERIFY_FINE(house.up());
    QVERIFY_FINE(house.startAll());
    const auto world = answerOf<World>([&](auto done) { house.target->observe(done); }, longWait);
    QVERIFY2(world.has_value(), errorOf(world).c_str());
    std::string services;
    for (const InstanceInfo& seen : world->instances) {
      services += seen.service + " ";
      if (seen.service == stackRouter)
        continue; // played by the supervisor's HAProxy, which no rollout started
      QVERIFY2(seen.health == Health::Healthy, (seen.id.value + " " + seen.healthDetail).c_str());
      QVERIFY2(seen.routing == Routing::Serving, seen.id.value.c_str());
      QCOMPARE(seen.rollout.value, std::string("test"));
    }
    QCOMPARE(services, std::string("minio nessie portal postgres ratd ratq runner router "));
    const auto none = answerOf<ActiveWork>([&](auto done) { house.ports().runs->activeRuns(done); });
    QVERIFY2(none.has_value(), errorOf(none).c_str());
    QCOMPARE(none->count, 0LL);
    const auto lines = answerOf<std::vector<std::string>>(
        [&](auto done) { house.ports().runtime->output(InstanceId("rat-ratd-1"), 5, done); });
    QVERIFY(lines && !lines->empty());

    // A faulty copy started later never passes; the one that serves is not touched.
    const SandboxFault fault{"ratq", "never-healthy", "", "default"};
    QVERIFY_FINE(errorOf(answerOf<Done>([&](auto done) { house.admin.setFault(fault, done); })));
    const auto status = answerOf<SandboxStatus>([&](auto done) { house.admin.status(done); });
    QVERIFY2(status.has_value(), errorOf(status).c_str());
    QCOMPARE(status->faults.size(), size_t(1));
    QCOMPARE(status->faults.at(0).kind, std::string("never-healthy"));
    QVERIFY(status->info.routerPid > 0);
    QVERIFY_FINE(errorOf(answerOf<Done>([&](auto done) { house.admin.clearFaults("ratq", done); })));
  }

  void clearsAwayWhatADeadSupervisorLeft() {
    House house;
    QVERIFY_FINE(house.up());
    QVERIFY_FINE(house.bring("minio", 1));
    QVERIFY(house.info.pid > 1);
    QCOMPARE(::kill(house.info.pid, SIGKILL), 0);
    QVERIFY(waitUntil(
        [&] { return !answerOf<SandboxInfo>([&](auto done) { house.admin.info(done); }).has_value(); }));
    QVERIFY_FINE(errorOf(answerOf<Done>([&](auto done) { house.admin.down(done); }, longWait)));
    // The same folder serves again, with its addresses free.
    const auto again = answerOf<SandboxInfo>([&](auto done) { house.admin.up("test", done); }, longWait);
    QVERIFY2(again.has_value(), errorOf(again).c_str());
    QVERIFY(again->pid != house.info.pid);
    const auto twice = answerOf<SandboxInfo>([&](auto done) { house.admin.up("test", done); }, longWait);
    QCOMPARE(twice->pid, again->pid);
  }
};

QTEST_GUILESS_MAIN(SandboxTest)
#include "tst_sandbox.moc"
