// demo: the main job, start to end, on a sandbox of its own.
#include "app/ratdeckctl/commands.h"
#include "app/ratdeckctl/output.h"
#include "app/ratdeckctl/sandbox_session.h"
#include "core/base/duration.h"
#include "core/rollout/outcome.h"

#include <QEventLoop>
#include <QTimer>

namespace ratdeck {

namespace {

constexpr const char* versionVariable = "RAT_VERSION";
constexpr auto warmUp = std::chrono::seconds(2); // not counted as steady: connections open, caches fill
constexpr auto steadyTime = std::chrono::seconds(5);
constexpr auto afterTime = std::chrono::seconds(2);

// Lets time pass while the load goes on; for measuring, not for waiting on a fact.
void pass(std::chrono::milliseconds time) {
  QEventLoop loop;
  QTimer::singleShot(time, &loop, &QEventLoop::quit);
  loop.exec();
}

std::vector<BootTime> switchesOf(const std::vector<Instant>& instants) {
  std::vector<BootTime> times;
  for (const auto& instant : instants)
    times.push_back(instant.boot);
  return times;
}

Traffic trafficOf(const LoadReport& load, const SessionResult& result, Instant steadyFrom) {
  Traffic traffic;
  if (!load.postsLost() || !load.postsDoubled())
    traffic.noData = "whether writes were lost: the store's ledger could not be read";
  auto to = result.state.endedAt.boot;
  auto from = result.state.startedAt.boot;
  traffic.isMeasured = true;
  traffic.requests = load.requests();
  traffic.failed = load.failed() + load.postsLost().value_or(0) + load.postsDoubled().value_or(0);
  traffic.p50Ms = load.percentileMs(0.5, from, to);
  traffic.p99Ms = load.percentileMs(0.99, from, to);
  traffic.maxMs = load.maxMs();
  traffic.steadyP99Ms = load.percentileMs(0.99, steadyFrom.boot, from);
  traffic.nearSwitch = load.near(switchesOf(result.switches), std::chrono::seconds(1));
  traffic.routerRetries = result.routerRetries;
  return traffic;
}

class Demo {
public:
  Demo(Environment environment, const Options& options)
      : m_environment(std::move(environment)), m_options(options), m_session(m_environment, m_options),
        m_says(options.output == OutputFormat::Text) {}

  int run() {
    m_environment.variables[versionVariable] = "1.0.0";
    say("Bringing RAT Pro 1.0.0 up on the sandbox " + m_options.sandbox + " ...\n");
    auto up = m_session.up();
    if (!up)
      return printError(up.error());
    if (isUnfinished(*up))
      return stopped(*up);
    if (up->exitCode != exitDone) {
      printError({ErrorKind::Internal,
                  "version 1 did not come up: " + up->state.endReason,
                  "see " + up->journal,
                  {}});
      return up->exitCode;
    }
    if (auto started = m_session.sandbox().startLoad(m_options.loadRate); !started)
      return printError(started.error());
    say("Version 1.0.0 is up; " + std::to_string(static_cast<int>(m_options.loadRate)) +
        " requests a second run against it, and go on while it rolls.\n");
    pass(warmUp);
    auto steadyFrom = SystemClock().now();
    pass(steadyTime);
    return rollUnderLoad(steadyFrom);
  }

  void tidyUp() {
    if (m_options.keep)
      return say("The sandbox stays up: `ratdeckctl sandbox down --sandbox " + m_options.sandbox +
                 "` ends it.\n");
    if (auto ended = m_session.sandbox().down(); !ended)
      printError(ended.error());
  }

private:
  int rollUnderLoad(Instant steadyFrom) {
    m_environment.variables[versionVariable] = "2.0.0";
    auto place = openPlace(m_environment, m_options, true);
    if (!place)
      return printError(place.error());
    auto deployment = place->prepare(place->stack(), m_options, {});
    if (!deployment)
      return printError(deployment.error());
    if (auto held = holdForRollout(*place, m_environment.actor, m_options.takesOver); !held)
      return printError(held.error());
    auto result = carryOut(m_environment, m_options, *place, *deployment);
    if (!result)
      return printError(result.error());
    if (isUnfinished(*result))
      return stopped(*result);
    pass(afterTime);
    auto raw = m_session.sandbox().stopLoad();
    auto load = raw ? LoadReport::fromJson(*raw) : failure(raw.error());
    return load ? report(*result, *load, trafficOf(*load, *result, steadyFrom))
                : reportWithoutLoad(*result, load.error());
  }

  int report(const SessionResult& result, const LoadReport& load, const Traffic& traffic) {
    auto outcome = outcomeOf(result.state, result.rollout, result.journal, traffic);
    outcome["traffic"]["posts"] = {{"acknowledged", load.postsAcknowledged()},
                                   {"lost", countOrNull(load.postsLost())},
                                   {"doubled", countOrNull(load.postsDoubled())}};
    outcome["traffic"]["streams_completed"] = load.streamsCompleted();
    printOutcome(m_options, outcome);
    bool isGood = traffic.failed == 0 && traffic.noData.empty();
    return result.exitCode == exitDone && !isGood ? exitUsersHurt : result.exitCode;
  }

  // The rollout is over all the same, and its outcome is not to be lost.
  int reportWithoutLoad(const SessionResult& result, const Error& error) {
    auto outcome = outcomeOf(result.state, result.rollout, result.journal);
    outcome["traffic"] = {{"no_data", "the load's report could not be read: " + error.message}};
    printOutcome(m_options, outcome);
    return result.exitCode == exitDone ? exitUsersHurt : result.exitCode;
  }

  static bool isUnfinished(const SessionResult& result) {
    return !result.journal.empty() && result.state.phase != RolloutPhase::Ended;
  }

  int stopped(const SessionResult& result) {
    if (m_options.keep)
      return printResult(m_options, result);
    return printError({ErrorKind::Cancelled,
                       "the demo was stopped" + (result.fault.empty() ? "" : ": " + result.fault) +
                           "; its sandbox goes down with it",
                       {},
                       {}});
  }

  void say(const std::string& text) {
    if (m_says)
      printText(text);
  }

  Environment m_environment;
  const Options& m_options;
  SandboxSession m_session;
  bool m_says;
};

} // namespace

int runDemo(const Environment& environment, const Options& given) {
  auto options = given;
  if (options.sandbox == "default")
    options.sandbox = "demo";
  options.yes = true;
  auto quiet = environment;
  quiet.hasTerminal = false; // it asks nothing
  Demo demo(quiet, options);
  int code = demo.run();
  demo.tidyUp();
  return code;
}

} // namespace ratdeck
