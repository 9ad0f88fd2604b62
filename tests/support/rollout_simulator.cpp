#include "tests/support/rollout_simulator.h"

#include "core/rollout/task_view.h"

#include "tests/support/random_rollout.h"
#include "tests/support/rollout_promises.h"

#include <algorithm>

namespace ratdeck::test {

namespace {

class Simulation {
public:
  Simulation(std::uint64_t seed, const Law& law);
  SimulationReport run();

private:
  const CopyFate& fateOf(const InstanceId& id);
  void deliver(const Observation& observation, Duration when);
  void lieAbout(const Observation& observation, Duration when);
  void disturb();
  void decideAsPerson();
  void crash();
  std::string standing() const;

  Dice m_dice;
  RolloutWorld m_world;
  RolloutPromises m_promises;
  Weather m_weather;
  bool m_foldsAlways = false;
  std::map<InstanceId, CopyFate> m_fates;
  std::map<std::string, TaskFate> m_taskFates;
  std::set<InstanceId> m_oldOnes, m_oneShots;
  std::map<std::string, Duration> m_said; // by watcher: when it last spoke
  Duration m_nextPerson = 60s;
  int m_steps = 0;
  SimulationReport m_report;
};

Simulation::Simulation(std::uint64_t seed, const Law& law)
    : m_dice(seed), m_world(randomPlan(m_dice)), m_promises(m_world) {
  m_report.seed = seed;
  m_weather = randomWeather(m_dice);
  m_foldsAlways = m_dice.chance(5);
  m_world.decideBy = law.decide;
  m_world.applyBy = law.apply;
  m_world.start.hasPerson = m_dice.chance(70);
  m_world.start.bakes = m_dice.chance(30);
  m_world.start.approve = m_dice.oneOf<std::string>({"ask", "auto", "wait"});
  m_world.fateOf = [this](const InstanceId& id) {
    return fateOf(id);
  };
  m_world.deliver = [this](RolloutWorld&, const Observation& observation, Duration when) {
    deliver(observation, when);
  };
  m_world.taskFateOf = [this](const std::string& task) {
    auto it = m_taskFates.find(task);
    return it != m_taskFates.end()
               ? it->second
               : m_taskFates.emplace(task, randomTaskFate(m_dice, m_weather)).first->second;
  };
  for (const auto& [name, service] : m_world.start.plan.services) {
    if (service.drain)
      m_world.runs[name] = {{0s, m_dice.below(3)}, {m_dice.upTo(40s), m_dice.chance(85) ? 0 : 1}};
    for (const auto& copy : service.oldCopies)
      m_oldOnes.insert(copy.id);
    for (const auto& copy : service.newCopies)
      if (service.isOneShot)
        m_oneShots.insert(copy.id);
  }
}

const CopyFate& Simulation::fateOf(const InstanceId& id) {
  auto it = m_fates.find(id);
  if (it != m_fates.end())
    return it->second;
  auto fate = randomFate(m_dice, m_weather, m_oldOnes.contains(id));
  if (m_oneShots.contains(id)) { // it ends by itself, well or badly
    fate.exitsAfter = fate.healthyAfter ? Duration(2s) : Duration(1s);
    fate.exitCode = fate.healthyAfter ? 0 : 1;
    fate.badAfter.reset();
  }
  return m_fates.emplace(id, fate).first->second;
}

// What one watcher says comes in its order, if late and more than once; an answer to an effect may come at
// any time, in the life of another engine too.
void Simulation::deliver(const Observation& observation, Duration when) {
  if (!m_weather.lies)
    return m_world.tell(observation, when);
  auto isDone = observation.kind == ObservationKind::EffectDone;
  if (isDone && m_dice.chance(3))
    return lieAbout(observation, when);
  auto late = when + (m_dice.chance(10) ? m_dice.upTo(1s) : Duration(0s));
  if (observation.effect.empty()) {
    auto& said = m_said[observation.service + "/" + observation.instance.value];
    said = late = std::max(late, said);
  }
  m_world.tell(observation, late);
  if (m_dice.chance(10) && isDone)
    m_world.repeat(observation, late + m_dice.upTo(3s));
  else if (m_dice.chance(10))
    m_world.tell(observation, late);
}

// What was done is said to have failed; the true answer may still come.
void Simulation::lieAbout(const Observation& observation, Duration when) {
  auto timeOut = observation;
  timeOut.kind = ObservationKind::EffectFailed;
  timeOut.detail = {{"message", "no answer in time"}, {"lost", true}};
  if (!observation.instance.isEmpty())
    m_world.doubt(observation.instance);
  m_world.tell(timeOut, when + 5s);
  if (m_dice.chance(50))
    m_world.repeat(observation, when + 5s + m_dice.upTo(2s));
}

// Somebody looks once a minute, and decides what only a person can decide.
void Simulation::decideAsPerson() {
  if (m_world.time() < m_nextPerson)
    return;
  m_nextPerson = m_world.time() + 60s;
  const auto& state = m_world.state();
  auto command = randomCommand(m_dice, state);
  if (state.isAway)
    return m_world.send(Observation{ObservationKind::Returned, "", "", {}, Json::object()});
  command.kind = state.isHeld
                     ? m_dice.oneOf({CommandKind::Continue, CommandKind::Abort, CommandKind::StopHere})
                     : CommandKind::DecideDrain;
  if (!state.isHeld && !mayExpire(state)) // only an answer ends that
    for (const auto& [gate, approval] : state.approvals)
      if (approval.state == GateState::Waiting) {
        command.kind = m_dice.chance(70) ? CommandKind::Approve : CommandKind::Reject;
        command.gate = gate;
        command.planHash = state.plan.hash;
      }
  m_world.send(command);
}

// The journal syncs what asks something of the world; what was only observed may be lost with a crash.
bool mayBeLost(const Event& event) {
  return event.type == EventType::ProbeResultChanged || event.type == EventType::InFlightObserved ||
         event.type == EventType::RunsObserved || event.type == EventType::DrainHealthObserved;
}

void Simulation::crash() {
  m_promises.checkFold();
  auto kept = m_world.events().size();
  for (auto most = m_dice.below(3); most > 0 && mayBeLost(m_world.events()[kept - 1]); --most)
    --kept;
  m_world.crash(kept, [this] { return m_dice.chance(50); });
  m_promises.forgetEvents();
  m_promises.checkFold();
  m_world.pass(m_dice.chance(80) ? m_dice.upTo(5s) : m_dice.upTo(100s) + 40s);
  m_world.resume(m_dice.chance(20), 1, m_dice.chance(80) ? m_world.state().bootId : "boot-2");
  ++m_report.crashes;
}

// What everything was at when the log ended.
std::string Simulation::standing() const {
  const auto& state = m_world.state();
  std::string text =
      std::string("standing: ") + toString(state.phase) + (state.isHeld ? ", held" : "") + "\n";
  for (const auto& [name, service] : state.services)
    text += "  " + name + ": " + toString(service.phase) + "\n";
  for (const auto& [id, copy] : state.instances)
    text += "  " + id.value + ": " + toString(copy.phase) + (copy.hasFailed ? ", failed" : "") + "\n";
  for (const auto& plan : state.plan.tasks)
    text += "  " + plan.spec.id + " of " + (plan.spec.service.empty() ? "all" : plan.spec.service) + ": " +
            toString(state.tasks.at(plan.spec.id).phase) + "\n";
  return text;
}

void Simulation::disturb() {
  decideAsPerson();
  const auto& approvals = m_world.state().approvals;
  auto isAsked = std::any_of(approvals.begin(), approvals.end(),
                             [](const auto& item) { return item.second.state == GateState::Waiting; });
  if (m_weather.commands && m_dice.chance(isAsked ? 5 : 1)) {
    m_world.send(randomCommand(m_dice, m_world.state()));
    ++m_report.commands;
  }
  if (m_weather.crashes && m_dice.chance(1))
    crash();
  if (m_weather.crashes && m_dice.below(500) == 0)
    m_world.send(Observation{ObservationKind::Away, "", "", {}, {{"seconds", 600}}});
}

SimulationReport Simulation::run() {
  m_world.begin();
  while (m_promises.broken().empty() && m_world.state().phase != RolloutPhase::Ended) {
    if (!m_world.step(m_nextPerson))
      m_world.pass(std::max(m_nextPerson - m_world.time(), Duration(0s)));
    disturb();
    m_promises.checkStep();
    if (m_foldsAlways)
      m_promises.checkFold();
    m_promises.expect(m_world.time() < 3h && m_world.events().size() < 20000 && ++m_steps < 200000,
                      "it does not end");
  }
  if (m_promises.broken().empty())
    m_promises.checkEnd();
  if (m_promises.broken().empty())
    m_promises.checkFold();
  m_report.broken = m_promises.broken();
  if (!m_report.broken.empty())
    m_report.log = m_world.log() + standing();
  m_report.result = m_world.state().result;
  m_report.events = m_world.events().size();
  m_report.virtualTime = m_world.time();
  return m_report;
}

} // namespace

SimulationReport simulate(std::uint64_t seed, const Law& law) {
  return Simulation(seed, law).run();
}

} // namespace ratdeck::test
