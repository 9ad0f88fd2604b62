#include "tests/support/rollout_simulator.h"

#include <algorithm>
#include <random>

namespace ratdeck::test {

namespace {

class Dice {
public:
  explicit Dice(std::uint64_t seed) : m_engine(seed) {}
  int below(int n) { return static_cast<int>(m_engine() % static_cast<std::uint64_t>(n)); }
  int between(int low, int high) { return low + below(high - low + 1); }
  bool chance(int percent) { return below(100) < percent; }
  Duration upTo(Duration most) {
    return std::chrono::milliseconds(below(static_cast<int>(most / std::chrono::milliseconds(1)) + 1));
  }
  template <class T>
  T oneOf(std::initializer_list<T> values) {
    return *(values.begin() + below(static_cast<int>(values.size())));
  }

private:
  std::mt19937_64 m_engine;
};

struct Weather { // how bad a run is
  int faultPercent = 0;
  bool drops = false, commands = false, crashes = false;
};

void vary(Dice& dice, ServicePlan& plan) {
  plan.order = dice.chance(80) ? UpdateOrder::StartFirst : UpdateOrder::StopFirst;
  plan.isOneShot = dice.chance(6);
  plan.isRouted = !plan.isOneShot && dice.chance(85);
  plan.parallelism = dice.oneOf({0, 1, 1, 2});
  plan.delay = dice.chance(20) ? dice.upTo(5s) : Duration(0s);
  plan.monitor = dice.chance(50) ? dice.upTo(5s) : Duration(0s);
  plan.keepWarm = dice.chance(50) ? dice.upTo(8s) : Duration(0s);
  plan.maxFailureRatio = dice.oneOf({0.0, 0.0, 0.0, 0.3, 0.6});
  plan.failureAction = dice.oneOf(
      {FailureAction::Rollback, FailureAction::Rollback, FailureAction::Pause, FailureAction::Continue});
  if (dice.chance(20)) {
    plan.drain = DrainPolicy();
    plan.drain->waitForRuns = true;
    plan.drain->deadline = dice.upTo(20s) + 4s;
    plan.drain->extension = 10s;
    plan.drain->atDeadline =
        dice.oneOf({DeadlineAction::Wait, DeadlineAction::Extend, DeadlineAction::End, DeadlineAction::Undo});
  }
}

Plan randomPlan(Dice& dice) {
  auto count = dice.chance(70) ? dice.between(1, 3) : dice.between(4, 12);
  std::vector<ServicePlan> services;
  int wave = 1;
  for (int i = 0; i < count; ++i) {
    auto oldCopies = dice.chance(15) ? 0 : dice.between(1, dice.oneOf({1, 2, 4}));
    auto newCopies = dice.chance(75) && oldCopies > 0 ? oldCopies : dice.between(1, 3);
    services.push_back(servicePlan(std::string(1, static_cast<char>('a' + i)), wave, oldCopies, newCopies));
    vary(dice, services.back());
    wave += dice.chance(50) ? 1 : 0;
  }
  auto plan = planOf(services);
  plan.onFailureScope = dice.chance(80) ? FailureScope::Release : FailureScope::Service;
  plan.unattended = dice.chance(20);
  for (int i = 0; i < (dice.chance(25) ? dice.between(1, 2) : 0); ++i) {
    ApprovalSpec spec;
    spec.id = "gate-" + std::to_string(i);
    spec.when = dice.chance(50) ? ApprovalSpec::When::Before : ApprovalSpec::When::After;
    if (dice.chance(50))
      spec.service = services[static_cast<size_t>(dice.below(count))].service;
    else
      spec.wave = dice.between(1, wave);
    spec.expires = dice.upTo(60s) + 5s;
    plan.approvals.push_back(spec);
  }
  sign(plan);
  return plan;
}

CopyFate randomFate(Dice& dice, const Weather& weather) {
  CopyFate fate;
  fate.startTakes = dice.upTo(2s);
  fate.callTakes = dice.upTo(300ms);
  fate.healthyAfter = 400ms + dice.upTo(2s);
  fate.inFlightTakes = dice.upTo(2s);
  if (!dice.chance(weather.faultPercent))
    return fate;
  switch (dice.below(8)) {
  case 0:
    fate.healthyAfter.reset();
    break;
  case 1:
    fate.exitsAfter = dice.upTo(12s);
    break;
  case 2:
    fate.badAfter = dice.upTo(6s);
    break;
  case 3:
    fate.failures[EffectKind::StartInstance] = dice.between(1, 4);
    break;
  case 4:
    fate.failures[dice.oneOf({EffectKind::JoinRouter, EffectKind::Verify})] = dice.between(1, 4);
    break;
  case 5:
    fate.failures[dice.oneOf({EffectKind::DrainRouter, EffectKind::LeaveRouter})] =
        dice.chance(80) ? dice.between(1, 3) : 1000;
    break;
  case 6:
    fate.failures[dice.oneOf({EffectKind::StopInstance, EffectKind::RemoveInstance, EffectKind::ReturnRouter,
                              EffectKind::CaptureEvidence})] = dice.between(1, 4);
    break;
  default:
    fate.inFlightTakes.reset();
  }
  return fate;
}

class Simulation {
public:
  Simulation(std::uint64_t seed, const RolloutWorld::Decide& decideBy)
      : m_dice(seed), m_world(randomPlan(m_dice)) {
    m_report.seed = seed;
    m_weather = {m_dice.oneOf({0, 10, 30, 60}), m_dice.chance(40), m_dice.chance(60), m_dice.chance(40)};
    m_foldsAlways = m_dice.chance(5);
    m_world.decideBy = decideBy;
    m_world.start.hasPerson = m_dice.chance(70);
    m_world.start.approve = m_dice.oneOf<std::string>({"ask", "auto", "wait"});
    m_world.fateOf = [this](const InstanceId& id) -> CopyFate {
      auto it = m_fates.find(id);
      if (it == m_fates.end())
        it = m_fates.emplace(id, randomFate(m_dice, m_weather)).first;
      if (oneShot(id))
        it->second.exitsAfter = it->second.healthyAfter ? Duration(2s) : Duration(1s);
      if (oneShot(id))
        it->second.exitCode = it->second.healthyAfter ? 0 : 1;
      return it->second;
    };
    m_world.deliver = [this](RolloutWorld& world, const Observation& observation, Duration when) {
      deliver(world, observation, when);
    };
    m_world.afterEach = [this](const Decision& decision) {
      check(decision);
    };
    for (const auto& [name, service] : m_world.start.plan.services)
      if (service.drain)
        m_world.runs[name] = {{0s, m_dice.below(3)}, {m_dice.upTo(40s), m_dice.chance(85) ? 0 : 1}};
  }

  SimulationReport run();

private:
  bool oneShot(const InstanceId& id) const;
  void deliver(RolloutWorld& world, const Observation& observation, Duration when);
  void check(const Decision& decision);
  void checkCapacity();
  void checkRequests(const Decision& decision);
  void checkReasons();
  void checkFold();
  void checkEnd();
  void checkNewServe(const ServicePlan& plan);
  void checkOldServe(const ServicePlan& plan);
  void decideAsPerson();
  void command();
  void crash();
  void expect(bool holds, const std::string& promise);
  int mourned(const std::string& service) const;

  Dice m_dice;
  RolloutWorld m_world;
  Weather m_weather;
  bool m_foldsAlways = false;
  std::map<InstanceId, CopyFate> m_fates;
  std::set<std::string> m_requests;
  RolloutState m_folded;
  size_t m_foldedEvents = 0;
  Duration m_nextPerson = 60s;
  int m_steps = 0;
  SimulationReport m_report;
};

void Simulation::expect(bool holds, const std::string& promise) {
  if (!holds && m_report.broken.empty()) {
    m_report.broken = promise + " (at " + std::to_string(seconds(m_world.time())) + " s)";
    m_report.log = m_world.log();
  }
}

bool Simulation::oneShot(const InstanceId& id) const {
  for (const auto& [name, service] : m_world.start.plan.services)
    if (service.isOneShot && id.value.starts_with("rat-" + name + "-"))
      return true;
  return false;
}

// Answers come late, twice, or not at all: then the engine's time-out says that the effect failed.
void Simulation::deliver(RolloutWorld& world, const Observation& observation, Duration when) {
  auto send = [&](const Observation& what, Duration at) {
    world.at(at, what); // it may arrive in another engine's life: decide has to bear that
  };
  auto isAnswer = observation.kind == ObservationKind::EffectDone;
  if (m_weather.drops && m_dice.chance(3) && isAnswer) {
    auto lost = observation;
    lost.kind = ObservationKind::EffectFailed;
    lost.detail = {{"message", "no answer in time"}};
    send(lost, when + 5s);
    if (m_dice.chance(50))
      send(observation, when + 5s + m_dice.upTo(2s));
    return;
  }
  if (m_weather.drops && m_dice.chance(10))
    send(observation, when + m_dice.upTo(1s));
  if (m_weather.drops && m_dice.chance(10))
    when += m_dice.upTo(1s);
  send(observation, when);
}

void Simulation::check(const Decision& decision) {
  if (!m_report.broken.empty())
    return;
  checkCapacity();
  checkRequests(decision);
  checkReasons();
  if (m_foldsAlways)
    checkFold();
  expect(m_world.trouble().empty(), m_world.trouble());
}

// Copies that died, went bad or cannot be routed by themselves are nobody's fault.
int Simulation::mourned(const std::string& service) const {
  int n = 0;
  for (const auto& [id, body] : m_world.bodies()) {
    if (body.service != service)
      continue;
    auto fate = m_fates.find(id);
    auto hasExited = body.exitAt && *body.exitAt <= m_world.time();
    auto cannotReturn = fate != m_fates.end() && fate->second.failures.contains(EffectKind::ReturnRouter);
    n += hasExited || body.wasBad || (body.isOld && cannotReturn) ? 1 : 0;
  }
  return n;
}

void Simulation::checkCapacity() {
  for (const auto& [name, plan] : m_world.start.plan.services) {
    if (plan.isOneShot || plan.order != UpdateOrder::StartFirst)
      continue;
    auto least = static_cast<int>(std::min(plan.oldCopies.size(), plan.newCopies.size())) - mourned(name);
    expect(m_world.answering(name) >= least, "capacity of " + name + " fell below " + std::to_string(least));
  }
}

void Simulation::checkRequests(const Decision& decision) {
  for (const auto& event : decision.events)
    if (event.type == EventType::StartRequested || event.type == EventType::JoinRequested)
      expect(m_requests.insert(m_world.name(event)).second, "twice: " + m_world.name(event));
}

void Simulation::checkReasons() {
  const auto& state = m_world.state();
  if (state.phase != RolloutPhase::Rolling && state.phase != RolloutPhase::Undoing)
    return;
  auto isOwned = !effectsOf(state).empty() || !deadlinesOf(state).empty() || state.isHeld || state.isAway;
  for (const auto& [name, service] : state.services)
    isOwned = isOwned || service.drainAwaitsDecision;
  expect(isOwned, "nobody and nothing ends this wait");
  expect(!effectsOf(state).empty() || !reasonsOf(state).empty(), "it waits without a reason");
}

// Through the journal's form and back, the events give the same state.
void Simulation::checkFold() {
  for (; m_foldedEvents < m_world.events().size(); ++m_foldedEvents) {
    const auto& event = m_world.events()[m_foldedEvents];
    auto text = parseJson(dumpJson(dataOf(event)));
    auto read = text ? eventFrom(toString(event.type), event.at, *text) : failure(text.error());
    expect(read.has_value(), "an event cannot be read back");
    if (read)
      apply(m_folded, *read);
  }
  expect(m_folded == m_world.state(), "the fold of the journal is another state");
}

void Simulation::checkNewServe(const ServicePlan& plan) {
  const auto& bodies = m_world.bodies();
  for (const auto& copy : plan.newCopies) {
    auto it = bodies.find(copy.id);
    auto fate = m_fates[copy.id];
    auto isUp = it != bodies.end() && (plan.isOneShot ? it->second.exists : m_world.isAnswering(it->second));
    expect(isUp || (it != bodies.end() && it->second.exitAt), copy.id.value + " does not serve at the end");
  }
}

void Simulation::checkOldServe(const ServicePlan& plan) {
  if (plan.isOneShot)
    return;
  auto wanted = static_cast<int>(plan.oldCopies.size());
  int serving = 0;
  for (const auto& [id, body] : m_world.bodies()) {
    auto isNew = std::any_of(plan.newCopies.begin(), plan.newCopies.end(),
                             [&, key = id](const auto& copy) { return copy.id == key; });
    auto exits = body.exitAt && *body.exitAt <= m_world.time();
    if (body.service == plan.service && !isNew)
      serving += m_world.isAnswering(body) || exits ? 1 : 0;
  }
  expect(serving >= wanted, "not all old or restored copies of " + plan.service + " serve at the end");
}

void Simulation::checkEnd() {
  const auto& state = m_world.state();
  auto result = state.result;
  auto back = result == RolloutResult::RolledBack || result == RolloutResult::Aborted ||
              result == RolloutResult::Rejected || result == RolloutResult::Failed;
  for (const auto& [name, plan] : state.plan.services) {
    auto isBack = back && state.services.at(name).phase != ServicePhase::Finished;
    if (result == RolloutResult::Succeeded)
      checkNewServe(plan);
    if (isBack)
      checkOldServe(plan);
    const auto& gone = result == RolloutResult::Succeeded ? plan.oldCopies : plan.newCopies;
    if (result == RolloutResult::Succeeded || isBack)
      for (const auto& copy : gone) {
        auto it = m_world.bodies().find(copy.id);
        expect(it == m_world.bodies().end() || !it->second.exists || state.instances.at(copy.id).isLeftover,
               copy.id.value + " is left over");
      }
  }
  for (const auto& [id, body] : m_world.bodies())
    expect(result == RolloutResult::RollbackFailed || body.routing != Body::Routing::Draining || !body.exists,
           id.value + " is left without traffic");
  expect(decide(state, Command{CommandKind::Abort, "x", "", {}, "", "", DeadlineAction::Wait}, m_world.now())
             .effects.empty(),
         "an undo of an ended rollout does something");
}

Command randomCommand(Dice& dice, const RolloutState& state) {
  Command command;
  command.actor = "person";
  command.reason = "at random";
  command.planHash = state.plan.hash;
  command.kind =
      dice.oneOf({CommandKind::Approve, CommandKind::Reject, CommandKind::Hold, CommandKind::Continue,
                  CommandKind::Abort, CommandKind::StopHere, CommandKind::DecideDrain});
  if (!state.approvals.empty())
    command.gate = state.approvals.begin()->first;
  command.decision =
      dice.oneOf({DeadlineAction::Wait, DeadlineAction::Extend, DeadlineAction::End, DeadlineAction::Undo});
  for (const auto& [name, service] : state.services)
    if (service.isDrainingRuns)
      command.service = name;
  return command;
}

void Simulation::command() {
  m_world.send(randomCommand(m_dice, m_world.state()));
}

// Somebody looks once a minute, and decides what only a person can decide.
void Simulation::decideAsPerson() {
  if (m_world.time() < m_nextPerson)
    return;
  m_nextPerson = m_world.time() + 60s;
  const auto& state = m_world.state();
  auto command = randomCommand(m_dice, state);
  if (state.isAway) {
    Observation back;
    back.kind = ObservationKind::Returned;
    m_world.send(back);
  } else if (state.isHeld) {
    command.kind = m_dice.oneOf({CommandKind::Continue, CommandKind::Abort, CommandKind::StopHere});
    m_world.send(command);
  } else {
    command.kind = CommandKind::DecideDrain;
    m_world.send(command);
  }
}

void Simulation::crash() {
  checkFold();
  auto all = m_world.events().size();
  auto kept = all - static_cast<size_t>(m_dice.chance(50) ? 0 : m_dice.below(3));
  kept = std::max<size_t>(kept, 1);
  // What was asked of the world was journaled before: only events that asked nothing can be lost.
  for (size_t i = kept; i < all; ++i)
    if (m_world.events()[i].type != EventType::ProbeResultChanged)
      kept = all;
  m_world.crash(kept, [this] { return m_dice.chance(50); });
  m_folded = {};
  m_foldedEvents = 0;
  m_world.pass(m_dice.chance(80) ? m_dice.upTo(5s) : m_dice.upTo(100s) + 40s);
  m_world.resume(m_dice.chance(20), 1, m_dice.chance(80) ? m_world.state().bootId : "boot-2");
}

SimulationReport Simulation::run() {
  m_world.begin();
  Observation away;
  away.kind = ObservationKind::Away;
  away.detail = {{"seconds", 600}};
  while (m_report.broken.empty() && m_world.state().phase != RolloutPhase::Ended) {
    if (!m_world.step(m_nextPerson))
      m_world.pass(m_nextPerson - m_world.time());
    decideAsPerson();
    if (m_weather.commands && m_dice.chance(1))
      command();
    if (m_weather.crashes && m_dice.chance(1))
      crash();
    if (m_weather.crashes && m_dice.below(500) == 0)
      m_world.send(away);
    expect(m_world.time() < 3h && m_world.events().size() < 20000 && ++m_steps < 200000, "it does not end");
  }
  if (m_report.broken.empty())
    checkEnd();
  if (m_report.broken.empty())
    checkFold();
  m_report.result = m_world.state().result;
  m_report.events = m_world.events().size();
  m_report.virtualTime = m_world.time();
  return m_report;
}

} // namespace

SimulationReport simulate(std::uint64_t seed, const RolloutWorld::Decide& decideBy) {
  return Simulation(seed, decideBy).run();
}

} // namespace ratdeck::test
