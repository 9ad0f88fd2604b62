#include "tests/support/rollout_world.h"

#include "tests/support/rollout_plans.h"

#include <algorithm>
#include <cstdio>

namespace ratdeck::test {

namespace {

const BootTime bootZero(std::chrono::hours(1));
const WallTime wallZero(std::chrono::hours(24 * 365 * 56));

bool isActive(const RolloutState& state) {
  return state.phase == RolloutPhase::Rolling || state.phase == RolloutPhase::Undoing;
}

// In which an engine looks after the process of a copy.
bool shouldRun(InstancePhase phase) {
  return phase >= InstancePhase::Gating && phase <= InstancePhase::Returning;
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
  for (auto& [id, body] : m_bodies)
    if (auto exits = fateOf(id).exitsAfter; exits && body.isRunning)
      exitLater(id, body, *exits);
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
  take(stimulus, decision);
  check(decision, before);
  follow(decision);
}

void RolloutWorld::take(const Stimulus& stimulus, Decision decision) {
  for (const auto& event : decision.events) {
    applyBy(m_state, event);
    m_events.push_back(event);
  }
  if (afterEach)
    afterEach(stimulus, decision);
}

void RolloutWorld::complain(const std::string& trouble) {
  if (m_trouble.empty())
    m_trouble = trouble;
}

void RolloutWorld::check(const Decision& decision, const std::vector<Effect>& before) {
  auto gained = effectsOf(m_state);
  std::erase_if(gained, [&](const auto& effect) {
    return std::find(before.begin(), before.end(), effect) != before.end();
  });
  if (gained != decision.effects)
    complain("the decision's effects are not what the state gained");
}

void RolloutWorld::follow(const Decision& decision) {
  for (const auto& effect : decision.effects)
    issue(effect);
  auto wanted = watchesOf(m_state);
  auto had = std::exchange(m_watches, wanted);
  for (const auto& item : wanted)
    if (!had.contains(item))
      watch(item);
  reportExits();
  auto deadlines = deadlinesOf(m_state);
  if (!deadlines.empty() && m_nextTick != deadlines.front().at)
    tickAt(deadlines.front().at);
}

void RolloutWorld::tickAt(BootTime at) {
  m_nextTick = at;
  schedule(std::max(at - bootZero - m_shift, m_time), [this, at, life = m_life] {
    if (life != m_life || m_nextTick != at)
      return;
    m_nextTick.reset();
    send(Tick());
  });
}

void RolloutWorld::answer(const Observation& observation, Duration when) {
  if (deliver)
    return deliver(*this, observation, when);
  tell(observation, when);
}

void RolloutWorld::repeat(const Observation& observation, Duration when) {
  schedule(when, [this, observation, asked = m_asked[observation.effect]] {
    if (m_asked[observation.effect] == asked)
      send(observation);
  });
}

void RolloutWorld::tell(const Observation& observation, Duration when) {
  schedule(when, [this, observation, life = m_life] {
    if (life == m_life)
      send(observation);
  });
}

// As an engine does it: an effect that is due later begins then, if the state still asks for it.
void RolloutWorld::issue(const Effect& effect) {
  if (m_inHand.contains(effect.key()))
    complain("asked twice without a retry: " + effect.key());
  ++m_asked[effect.key()];
  auto due = effect.notBefore - bootZero - m_shift;
  if (due <= m_time)
    return begin(effect);
  schedule(due, [this, effect, life = m_life] {
    auto wanted = effectsOf(m_state);
    if (life == m_life && std::find(wanted.begin(), wanted.end(), effect) != wanted.end())
      begin(effect);
  });
}

// The deed is done at the moment the answer is sent.
void RolloutWorld::begin(const Effect& effect) {
  m_inHand[effect.key()] = effect;
  auto fate = fateOf(effect.instance);
  auto takes = effect.kind == EffectKind::StartInstance  ? fate.startTakes
               : effect.kind == EffectKind::StopInstance ? fate.stopTakes
                                                         : fate.callTakes;
  auto fails = fate.failures.contains(effect.kind) && effect.attempt <= fate.failures[effect.kind];
  schedule(m_time + takes, [this, effect, fails, life = m_life] {
    if (life != m_life)
      return;
    m_inHand.erase(effect.key());
    if (!fails)
      finish(effect);
    auto kind = fails ? ObservationKind::EffectFailed : ObservationKind::EffectDone;
    auto detail = fails ? Json({{"message", "refused"}}) : Json({{"address", "127.0.0.1"}});
    answer({kind, effect.key(), effect.service, effect.instance, std::move(detail)}, m_time);
  });
}

void RolloutWorld::startBody(const InstanceId& id, Body& body, const std::string& service) {
  auto fate = fateOf(id);
  body.exists = body.isRunning = true;
  body.service = service;
  body.startedAt = m_time;
  body.healthyAt = fate.healthyAfter ? m_time + *fate.healthyAfter : Duration::max();
  if (fate.healthyAfter && fate.sickAfter) {
    body.sickFrom = body.healthyAt + *fate.sickAfter;
    body.sickUntil = body.sickFrom + fate.sickFor;
  }
  if (fate.exitsAfter)
    exitLater(id, body, m_time + *fate.exitsAfter);
}

void RolloutWorld::exitLater(const InstanceId& id, Body& body, Duration when) {
  body.exitAt = when;
  schedule(when, [this, id] {
    m_bodies[id].isRunning = false;
    m_exited.insert(id);
    reportExits();
  });
}

void RolloutWorld::reportExits() {
  for (auto it = m_exited.begin(); it != m_exited.end();) {
    auto copy = m_state.instances.find(*it);
    auto isSeen = !m_isDead && copy != m_state.instances.end() && shouldRun(copy->second.phase);
    if (isSeen)
      answer({ObservationKind::InstanceExited,
              "",
              copy->second.service,
              *it,
              {{"exit_code", fateOf(*it).exitCode}, {"restarts", 0}}},
             m_time);
    it = isSeen ? m_exited.erase(it) : std::next(it);
  }
}

void RolloutWorld::finish(const Effect& effect) {
  auto& body = m_bodies[effect.instance];
  if (body.service.empty())
    body.service = effect.service;
  if (beforeDeed)
    beforeDeed(effect, body);
  switch (effect.kind) {
  case EffectKind::StartInstance:
    if (!body.exists)
      startBody(effect.instance, body, effect.service);
    return;
  case EffectKind::JoinRouter:
  case EffectKind::ReturnRouter:
    body.routing = body.exists ? Body::Routing::Serving : Body::Routing::None;
    if (body.switchedAt < Duration::zero())
      body.switchedAt = m_time;
    return;
  case EffectKind::DrainRouter:
    if (body.routing != Body::Routing::Serving)
      return;
    body.routing = Body::Routing::Draining;
    body.drainingSince = m_time;
    if (auto takes = fateOf(effect.instance).inFlightTakes)
      body.inFlightUntil = m_time + *takes;
    else
      body.inFlightUntil = Duration::max();
    return;
  case EffectKind::LeaveRouter:
    body.routing = Body::Routing::None;
    return;
  case EffectKind::StopInstance:
    body.isRunning = false;
    return;
  case EffectKind::RemoveInstance:
    body.wasRemoved = body.wasRemoved || body.exists;
    body.exists = body.isRunning = false;
    return;
  case EffectKind::DrainHook:
  case EffectKind::BackHook:
    body.takesNewWork = effect.kind == EffectKind::BackHook;
    for (const auto& watch : m_watches)
      if (watch.kind == WatchKind::DrainHealth && watch.instance == effect.instance)
        watchDrainHealth(watch);
    return;
  case EffectKind::Verify:
  case EffectKind::CaptureEvidence:
    return;
  }
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
  size_t seen = 0;
  while (true) {
    for (; seen < m_events.size(); ++seen)
      if (name(m_events[seen]) == logged)
        return true;
    if (!isActive(m_state) || !step())
      return false;
  }
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
    applyBy(m_state, event);
}

void RolloutWorld::resume(bool undo, double awaySeconds, const std::string& boot) {
  m_isDead = false;
  if (boot != m_state.bootId && !m_state.bootId.empty())
    m_shift = -m_time - 59min;
  for (const auto& [id, body] : m_bodies)
    if (body.hasExited(m_time))
      m_exited.insert(id);
  ResumeRollout resumption{"tester", boot, awaySeconds, undo, start.hasPerson};
  auto decision = decideBy(m_state, resumption, now());
  take(resumption, decision);
  decision.effects = effectsOf(m_state); // a new engine has nothing in hand yet
  follow(decision);
}

std::string RolloutWorld::name(const Event& event) const {
  std::string text = toString(event.type);
  auto subject = !event.instance.isEmpty() ? event.instance.value : event.service;
  if (subject.empty())
    subject = event.gate.value;
  auto prefix = start.plan.project + "-";
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
    std::snprintf(time, sizeof time, "%.1f ", seconds(event.at.wall - wallZero));
    text += time + name(event) + "\n";
  }
  return text;
}

bool RolloutWorld::isAnswering(const Body& body) const {
  const auto& plan = start.plan.services.at(body.service);
  if (!body.exists || !body.isRunning || body.healthyAt > m_time)
    return false; // one that takes no new work answers for what it has
  return !plan.isRouted || body.routing == Body::Routing::Serving;
}

int RolloutWorld::answering(const std::string& service) const {
  int n = 0;
  for (const auto& [id, body] : m_bodies)
    n += body.service == service && isAnswering(body) ? 1 : 0;
  return n;
}

CopyFate neverHealthy(const InstanceId&) {
  CopyFate fate;
  fate.healthyAfter.reset();
  return fate;
}

} // namespace ratdeck::test
