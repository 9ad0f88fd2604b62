// A world for a rollout to act upon, on a virtual clock: copies that start, pass gates, take traffic, fail
// and end as they are told to. It answers effects and watches as an engine would, applies each decision's
// events, and keeps its own books of what physically runs and is routed, so that tests judge the world and
// not the state's opinion of it.
#pragma once

#include "core/rollout/rollout.h"
#include "tests/support/task_ground.h"

#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <vector>

namespace ratdeck::test {

// What one copy does. Defaults: all is well.
struct CopyFate {
  Duration startTakes = 1s;
  Duration callTakes = 100ms;                   // join, verify, drain, leave, remove …
  std::optional<Duration> healthyAfter = 600ms; // after its start; none = never
  std::optional<Duration> sickAfter;            // after it became healthy, once, for `sickFor`
  Duration sickFor = 2s;
  std::optional<Duration> exitsAfter; // after its start; of an old copy: after the rollout's
  int exitCode = 1;
  std::optional<Duration> badAfter; // after it took traffic
  // What each analysis of its requests says, and when: after it took traffic. Empty: too little to say.
  std::vector<std::pair<Duration, Verdict>> judged = {{300ms, Verdict::Passing}};
  std::optional<Duration> inFlightTakes = 200ms;
  Duration stopTakes = 500ms;
  std::map<EffectKind, int> failures; // how many first attempts fail
};

// The fate of copies whose checks never pass.
CopyFate neverHealthy(const InstanceId& copy);

// What is true of a copy, whatever anybody believes. Times are the world's; the largest one = never.
struct Body {
  enum class Routing { None, Serving, Draining };
  bool exists = false, isRunning = false, isOld = false, wasBad = false;
  bool wasRemoved = false;
  bool takesNewWork = true;
  bool isDoubtful = false; // an effect on it was said to have failed, and had not
  Routing routing = Routing::None;
  std::string service;
  Duration startedAt = 0s, healthyAt = 0s, switchedAt = -1s;
  Duration sickFrom = Duration::max(), sickUntil = Duration::max();
  Duration drainingSince = 0s, inFlightUntil = 0s;
  std::optional<Duration> exitAt;

  bool isHealthy(Duration at) const { return at >= healthyAt && (at < sickFrom || at >= sickUntil); }
  bool hasExited(Duration at) const { return exitAt && *exitAt <= at; }
};

class RolloutWorld {
public:
  using Decide = std::function<Decision(const RolloutState&, const Stimulus&, Instant)>;
  using Apply = std::function<void(RolloutState&, const Event&)>;

  explicit RolloutWorld(Plan plan);

  StartRollout start;
  Decide decideBy = decide;
  Apply applyBy = apply; // of the live state
  std::function<CopyFate(const InstanceId&)> fateOf = [](const InstanceId&) {
    return CopyFate();
  };
  std::function<TaskFate(const std::string&)> taskFateOf = [](const std::string&) {
    return TaskFate();
  };
  std::vector<std::string> applied;                                  // schema versions
  std::function<void(const Effect&)> beforeTask;                     // before a command of a task begins
  std::map<std::string, std::vector<std::pair<Duration, int>>> runs; // service -> when, how many active runs
  // service -> when after its switch, what the analyses say that judge it as a whole
  std::map<std::string, std::vector<std::pair<Duration, Verdict>>> judged;
  // Tried on the way of every answer: may drop, double or delay it.
  std::function<void(RolloutWorld&, const Observation&, Duration)> deliver;
  std::function<void(const Stimulus&, const Decision&)> afterEach; // after each decision is applied
  std::function<void(const Effect&, const Body&)> beforeDeed;      // before the world is changed by an effect

  void begin(); // sends StartRollout
  void at(Duration when, Stimulus stimulus);
  void tell(const Observation& observation, Duration when); // unless the engine of now is dead by then
  // Says once more that an effect is done, to whichever engine; not if the same one was asked for again.
  void repeat(const Observation& observation, Duration when);
  void send(const Stimulus& stimulus); // now
  bool run(Duration limit = 24h);      // until the end of the rollout (true), of the time or of all events
  bool runUntil(const std::string& logged); // until this event was logged: "GatePassed a-2"
  bool step(Duration limit = 24h * 365);    // the next thing that happens; false: nothing ever will
  void pass(Duration time);                 // all that happens in it
  // The engine dies: the first `kept` events survive, answers under way are lost (what they did is done or
  // not).
  void crash(size_t kept, const std::function<bool()>& wasDone);
  void resume(bool undo, double awaySeconds = 1, const std::string& boot = "boot-1");
  void doubt(const InstanceId& copy) { m_bodies[copy].isDoubtful = true; }

  const RolloutState& state() const { return m_state; }
  const std::vector<Event>& events() const { return m_events; }
  const std::map<InstanceId, Body>& bodies() const { return m_bodies; }
  const std::map<std::string, TaskBody>& tasks() const { return m_tasks; }
  Duration time() const { return m_time; }
  Instant now() const;
  std::string log(const std::set<EventType>& leftOut = {}) const;
  std::string name(const Event& event) const; // "GatePassed a-2"
  // Copies of a service that answer requests (or work, where nothing routes to it).
  int answering(const std::string& service) const;
  bool isAnswering(const Body& body) const;
  const std::string& trouble() const { return m_trouble; } // a broken rule of the effects' contract

private:
  struct Happening {
    Duration when;
    long long order;
    std::function<void()> happen;
    bool operator>(const Happening& other) const {
      return std::tie(when, order) > std::tie(other.when, other.order);
    }
  };

  void schedule(Duration when, std::function<void()> happen);
  void answer(const Observation& observation, Duration when);
  void take(const Stimulus& stimulus, Decision decision);
  void follow(const Decision& decision);
  void tickAt(BootTime at);
  void issue(const Effect& effect);
  void begin(const Effect& effect);
  void finish(const Effect& effect);
  void migrateAtStart(const InstanceId& id, const std::string& service);
  void beginTask(const Effect& effect);
  void beginCommand(const Effect& effect);
  void loseCommand(const Effect& effect);
  void awaitCommand(const Effect& effect);
  void endCommand(const Effect& effect);
  void answerTask(const Effect& effect, Duration when, Json detail);
  void startBody(const InstanceId& id, Body& body, const std::string& service);
  void exitLater(const InstanceId& id, Body& body, Duration when);
  void watch(const Watch& watch);
  void say(const Watch& watch, Duration when, const Observation& observation);
  void watchGate(const Watch& watch);
  void watchServing(const Watch& watch);
  void watchAnalysis(const Watch& watch);
  void judge(const Watch& watch, const AnalysisSpec& analysis, Duration when, Verdict verdict);
  void watchRuns(const Watch& watch);
  void watchInFlight(const Watch& watch);
  void watchDrainHealth(const Watch& watch);
  void reportExits();
  void complain(const std::string& trouble);
  void check(const Decision& decision, const std::vector<Effect>& before);

  Duration m_time = 0s;
  Duration m_shift = 0s; // of the boot clock, after another boot
  long long m_order = 0;
  bool m_isDead = false;
  int m_life = 0; // of the engine: answers to an earlier one are lost
  RolloutState m_state;
  std::vector<Event> m_events;
  std::map<InstanceId, Body> m_bodies;
  std::map<std::string, TaskBody> m_tasks;
  std::map<std::string, Effect> m_inHand; // under way
  std::map<std::string, int> m_asked;     // how often each key was
  std::set<InstanceId> m_exited;          // whose exit this life has not been told
  std::set<Watch> m_watches;
  std::priority_queue<Happening, std::vector<Happening>, std::greater<>> m_happenings;
  std::optional<BootTime> m_nextTick;
  std::string m_trouble;
};

} // namespace ratdeck::test
