#include "tests/support/rollout_world.h"

#include "core/plan/planner.h"

#include <algorithm>
#include <cstdio>

namespace ratdeck::test {

namespace {

const BootTime bootZero(std::chrono::hours(1));
const WallTime wallZero(std::chrono::hours(24 * 365 * 56));

bool isActive(const RolloutState& state) {
  return state.phase == RolloutPhase::Rolling || state.phase == RolloutPhase::Undoing;
}

} // namespace

RolloutWorld::RolloutWorld(Plan plan) {
  sign(plan);
  start.plan = std::move(plan);
  start.actor = "tester";
  start.bootId = "boot-1";
  for (const auto& [name, service] : start.plan.services)
    for (const auto& copy : service.oldCopies) {
      Body body;
      body.exists = body.isOld = true;
      body.isRunning = !service.isOneShot;
      body.service = name;
      body.routing = service.isRouted ? Body::Routing::Serving : Body::Routing::None;
      m_bodies[copy.id] = body;
    }
}

Instant RolloutWorld::now() const {
  return {bootZero + m_time + m_shift, wallZero + m_time};
}

void RolloutWorld::schedule(Duration when, std::function<void()> happen) {
  m_happenings.push({std::max(when, m_time), ++m_order, std::move(happen)});
}

void RolloutWorld::begin() {
  send(start);
}

void RolloutWorld::at(Duration when, Stimulus stimulus) {
  schedule(when, [this, stimulus = std::move(stimulus)] { send(stimulus); });
}

void RolloutWorld::send(const Stimulus& stimulus) {
  if (m_isDead)
    return;
  auto before = effectsOf(m_state);
  auto decision = decideBy(m_state, stimulus, now());
  for (const auto& event : decision.events) {
    apply(m_state, event);
    m_events.push_back(event);
  }
  check(decision, before);
  follow(decision);
  if (afterEach)
    afterEach(decision);
}

void RolloutWorld::check(const Decision& decision, const std::vector<Effect>& before) {
  auto gained = effectsOf(m_state);
  std::erase_if(gained, [&](const auto& effect) {
    return std::find(before.begin(), before.end(), effect) != before.end();
  });
  if (gained != decision.effects && m_trouble.empty())
    m_trouble = "the decision's effects are not what the state gained";
}

void RolloutWorld::follow(const Decision& decision) {
  for (const auto& effect : decision.effects)
    issue(effect);
  auto wanted = watchesOf(m_state);
  auto had = std::exchange(m_watches, wanted);
  for (const auto& item : wanted)
    if (!had.contains(item))
      watch(item);
  auto deadlines = deadlinesOf(m_state);
  if (deadlines.empty() || (m_nextTick && *m_nextTick == deadlines.front().at))
    return;
  auto at = deadlines.front().at;
  m_nextTick = at;
  schedule(std::max(at - bootZero - m_shift, m_time), [this, at, life = m_life] {
    if (life != m_life || m_nextTick != at)
      return;
    m_nextTick.reset();
    send(Tick());
  });
}

void RolloutWorld::observe(const Observation& observation) {
  send(observation);
}

void RolloutWorld::answer(const Observation& observation, Duration when) {
  if (deliver)
    return deliver(*this, observation, when);
  schedule(when, [this, observation, life = m_life] {
    if (life == m_life)
      observe(observation);
  });
}

// The deed is done at the moment the answer is sent.
void RolloutWorld::issue(const Effect& effect) {
  if (m_inHand.contains(effect.key()) && m_trouble.empty())
    m_trouble = "asked twice without a retry: " + effect.key();
  m_inHand[effect.key()] = effect;
  auto fate = fateOf(effect.instance);
  auto takes = effect.kind == EffectKind::StartInstance  ? fate.startTakes
               : effect.kind == EffectKind::StopInstance ? fate.stopTakes
                                                         : fate.callTakes;
  auto fails = fate.failures.contains(effect.kind) && effect.attempt <= fate.failures[effect.kind];
  auto due = std::max(effect.notBefore - bootZero - m_shift, m_time) + takes;
  schedule(due, [this, effect, fails, life = m_life] {
    if (life != m_life)
      return;
    m_inHand.erase(effect.key());
    if (!fails)
      finish(effect);
    Observation observation;
    observation.kind = fails ? ObservationKind::EffectFailed : ObservationKind::EffectDone;
    observation.effect = effect.key();
    observation.service = effect.service;
    observation.instance = effect.instance;
    observation.detail = fails ? Json({{"message", "refused"}}) : Json({{"address", "127.0.0.1"}});
    answer(observation, m_time);
  });
}

void RolloutWorld::finish(const Effect& effect) {
  auto& body = m_bodies[effect.instance];
  auto fate = fateOf(effect.instance);
  switch (effect.kind) {
  case EffectKind::StartInstance:
    if (body.exists)
      return;
    body.exists = body.isRunning = true;
    body.service = effect.service;
    body.startedAt = m_time;
    body.healthyAt = fate.healthyAfter ? m_time + *fate.healthyAfter : Duration::max();
    if (fate.exitsAfter)
      body.exitAt = m_time + *fate.exitsAfter;
    return;
  case EffectKind::JoinRouter:
  case EffectKind::ReturnRouter:
    body.routing = body.exists ? Body::Routing::Serving : Body::Routing::None;
    if (body.switchedAt < Duration::zero())
      body.switchedAt = m_time;
    return;
  case EffectKind::DrainRouter:
    if (body.routing != Body::Routing::None)
      body.routing = Body::Routing::Draining;
    return;
  case EffectKind::LeaveRouter:
    body.routing = Body::Routing::None;
    return;
  case EffectKind::StopInstance:
    body.isRunning = false;
    return;
  case EffectKind::RemoveInstance:
    body.exists = body.isRunning = false;
    return;
  case EffectKind::Verify:
  case EffectKind::CaptureEvidence:
    return;
  }
}

void RolloutWorld::reportExit(const Watch& watch, const Body& body) {
  if (!body.exitAt)
    return;
  Observation exit;
  exit.kind = ObservationKind::InstanceExited;
  exit.service = watch.service;
  exit.instance = watch.instance;
  exit.detail = {{"exit_code", fateOf(watch.instance).exitCode}, {"restarts", 0}};
  auto when = std::max(*body.exitAt, m_time);
  schedule(when, [this, watch, exit, life = m_life] {
    m_bodies[watch.instance].isRunning = false;
    if (life == m_life)
      answer(exit, m_time);
  });
}

void RolloutWorld::watchGate(const Watch& watch) {
  auto& body = m_bodies[watch.instance];
  reportExit(watch, body);
  Observation streak;
  streak.kind = ObservationKind::GateStreak;
  streak.service = watch.service;
  streak.instance = watch.instance;
  if (body.healthyAt == Duration::max() || (body.exitAt && *body.exitAt <= body.healthyAt))
    return;
  schedule(std::max(body.healthyAt, m_time + 400ms), [this, streak, life = m_life] {
    if (life == m_life)
      answer(streak, m_time);
  });
}

void RolloutWorld::watchServing(const Watch& watch) {
  auto& body = m_bodies[watch.instance];
  reportExit(watch, body);
  auto fate = fateOf(watch.instance);
  if (!fate.badAfter || body.isOld)
    return;
  auto when = std::max(std::max(body.switchedAt, body.startedAt) + *fate.badAfter, m_time);
  schedule(when, [this, watch, life = m_life] {
    auto& bad = m_bodies[watch.instance];
    bad.wasBad = true;
    Observation observation;
    observation.kind = ObservationKind::ServingBad;
    observation.service = watch.service;
    observation.instance = watch.instance;
    observation.detail = {{"why", "answers 500"}, {"requests", 40}, {"failed", 12}};
    if (life == m_life)
      answer(observation, m_time);
  });
}

void RolloutWorld::watchRuns(const Watch& watch) {
  auto changes = runs[watch.service];
  int count = 0;
  for (const auto& [when, n] : changes)
    count = when <= m_time ? n : count;
  changes.insert(changes.begin(), {m_time, count});
  for (size_t i = 0; i < changes.size(); ++i) {
    auto [when, n] = changes[i];
    if (when < m_time || (i > 0 && when == m_time))
      continue;
    Observation seen;
    seen.kind = ObservationKind::RunsChanged;
    seen.service = watch.service;
    seen.detail = {{"count", n}, {"runs", Json::array()}};
    for (int run = 0; run < n; ++run)
      seen.detail["runs"].push_back({{"id", "run-" + std::to_string(run)}, {"status", "running"}});
    answer(seen, when);
    auto isLast = i + 1 >= changes.size() || changes[i + 1].first - when >= 3s;
    if (n > 0 || !isLast)
      continue;
    Observation quiet;
    quiet.kind = ObservationKind::RunsQuiet;
    quiet.service = watch.service;
    answer(quiet, when + 3s);
  }
}

void RolloutWorld::watch(const Watch& watch) {
  switch (watch.kind) {
  case WatchKind::Gate:
    return watchGate(watch);
  case WatchKind::Serving:
    return watchServing(watch);
  case WatchKind::Runs:
    return watchRuns(watch);
  case WatchKind::InFlight:
    break;
  }
  auto takes = fateOf(watch.instance).inFlightTakes;
  Observation seen;
  seen.kind = ObservationKind::InFlightChanged;
  seen.service = watch.service;
  seen.instance = watch.instance;
  seen.detail = {{"count", takes == 0s ? 0 : 3}};
  answer(seen, m_time);
  if (!takes || *takes == 0s)
    return;
  seen.detail = {{"count", 0}};
  answer(seen, m_time + *takes);
}

bool RolloutWorld::step(Duration limit) {
  if (m_happenings.empty() || m_happenings.top().when > limit)
    return false;
  auto next = m_happenings.top();
  m_happenings.pop();
  m_time = std::max(m_time, next.when);
  next.happen();
  return true;
}

bool RolloutWorld::run(Duration limit) {
  while (isActive(m_state) && step(limit))
    ;
  return m_state.phase == RolloutPhase::Ended;
}

bool RolloutWorld::runUntil(const std::string& logged) {
  auto seen = [&] {
    return std::any_of(m_events.begin(), m_events.end(),
                       [&](const auto& event) { return name(event) == logged; });
  };
  while (!seen())
    if (!isActive(m_state) || !step())
      return false;
  return true;
}

void RolloutWorld::pass(Duration time) {
  auto until = m_time + time;
  while (step(until))
    ;
  m_time = until;
}

void RolloutWorld::crash(size_t kept, const std::function<bool()>& wasDone) {
  ++m_life;
  m_isDead = true;
  for (const auto& [key, effect] : m_inHand)
    if (wasDone())
      finish(effect);
  m_inHand.clear();
  m_watches.clear();
  m_nextTick.reset();
  m_events.resize(std::min(kept, m_events.size()));
  m_state = {};
  for (const auto& event : m_events)
    apply(m_state, event);
}

void RolloutWorld::resume(bool undo, double awaySeconds, const std::string& boot) {
  m_isDead = false;
  if (boot != m_state.bootId && !m_state.bootId.empty())
    m_shift = -m_time - 59min;
  ResumeRollout resumption;
  resumption.actor = "tester";
  resumption.bootId = boot;
  resumption.awaySeconds = awaySeconds;
  resumption.undo = undo;
  auto decision = decideBy(m_state, resumption, now());
  for (const auto& event : decision.events) {
    apply(m_state, event);
    m_events.push_back(event);
  }
  decision.effects = effectsOf(m_state); // a new engine has nothing in hand yet
  follow(decision);
  if (afterEach)
    afterEach(decision);
}

std::string RolloutWorld::name(const Event& event) const {
  std::string text = toString(event.type);
  auto subject = !event.instance.isEmpty() ? event.instance.value : event.service;
  if (subject.empty())
    subject = event.gate.value;
  auto prefix = m_state.plan.project + "-";
  if (subject.starts_with(prefix))
    subject.erase(0, prefix.size());
  if (event.type == EventType::WaveStarted || event.type == EventType::WaveFinished)
    subject = std::to_string(integerAt(event.detail, "wave"));
  if (event.type == EventType::RolloutEnded)
    subject = textAt(event.detail, "result");
  return subject.empty() ? text : text + " " + subject;
}

std::string RolloutWorld::log(const std::set<EventType>& leftOut) const {
  std::string text;
  for (const auto& event : m_events) {
    if (leftOut.contains(event.type))
      continue;
    char time[32];
    std::snprintf(time, sizeof time, "%.1f ", seconds(event.at.boot - bootZero - m_shift));
    text += time + name(event) + "\n";
  }
  return text;
}

bool RolloutWorld::isAnswering(const Body& body) const {
  const auto& plan = start.plan.services.at(body.service);
  if (!body.exists || !body.isRunning || body.healthyAt > m_time)
    return false;
  return !plan.isRouted || body.routing == Body::Routing::Serving;
}

int RolloutWorld::answering(const std::string& service) const {
  int n = 0;
  for (const auto& [id, body] : m_bodies)
    n += body.service == service && isAnswering(body) ? 1 : 0;
  return n;
}

ServicePlan servicePlan(const std::string& name, int wave, int oldCopies, int newCopies) {
  ServicePlan plan;
  plan.service = name;
  plan.wave = wave;
  plan.action = oldCopies > 0 ? PlanAction::Update : PlanAction::Create;
  plan.fromVersion = "1";
  plan.toVersion = "2";
  plan.fromRevision = 1;
  plan.isRouted = true;
  plan.gate.worstCase = 30s;
  for (int n = 1; n <= oldCopies + newCopies; ++n)
    (n <= oldCopies ? plan.oldCopies : plan.newCopies)
        .push_back({InstanceId("rat-" + name + "-" + std::to_string(n)), n});
  return plan;
}

Plan planOf(std::vector<ServicePlan> services) {
  Plan plan;
  plan.project = "rat";
  plan.runtime = "sandbox";
  plan.revision = 2;
  std::map<int, WavePlan> waves;
  for (auto& service : services) {
    auto& wave = waves[service.wave];
    wave.index = service.wave;
    wave.title = "wave " + std::to_string(service.wave);
    wave.services.push_back(service.service);
    plan.services.emplace(service.service, std::move(service));
  }
  for (auto& [index, wave] : waves)
    plan.waves.push_back(std::move(wave));
  sign(plan);
  return plan;
}

void sign(Plan& plan) {
  plan.hash = planHash(plan);
}

} // namespace ratdeck::test
