#include "tests/ui/stage.h"

#include "core/base/duration.h"
#include "ui/model/plain.h"

#include <QtGlobal>

namespace ratdeck::test {

namespace {

constexpr Duration turn = 100ms;
constexpr int turnsOfSecond = 10;
constexpr int mostTurns = 36'000;
constexpr Duration timeOfDay = 13h + 31min + 12s;

// How long copies of the shipped stack take to start and to be well, and how long what is in flight goes on.
struct Pace {
  Duration start, health, inFlight;
};

CopyFate usualFate(const std::string& service) {
  static const std::map<std::string, Pace> paces = {
      {"ratq", {900ms, 3200ms, 700ms}},          {"runner", {1100ms, 2600ms, 300ms}},
      {"auth-keycloak", {700ms, 2100ms, 200ms}}, {"cloud-aws", {700ms, 1700ms, 200ms}},
      {"enforcement", {800ms, 2900ms, 200ms}},   {"executor-container", {1300ms, 2400ms, 400ms}},
      {"ratd", {600ms, 3800ms, 4400ms}},         {"portal", {1500ms, 4400ms, 2600ms}}};
  CopyFate fate;
  if (const auto pace = paces.find(service); pace != paces.end()) {
    fate.startTakes = pace->second.start;
    fate.healthyAfter = pace->second.health;
    fate.inFlightTakes = pace->second.inFlight;
  }
  return fate;
}

RoutedCopy routedCopyOf(const InstanceInfo& copy) {
  return {copy.service, copy.id, false, false};
}

} // namespace

Instant Stage::beginning() {
  ManualClock clock;
  clock.advance(timeOfDay);
  return clock.now();
}

Stage::Stage(const TargetFacts& target, const StackFacts& stack)
    : m_model(m_clock), m_window(m_model, "anna"), m_stack(stack) {
  m_clock.advance(timeOfDay);
  m_model.showTarget(target);
  m_window.showTarget(target);
  m_window.showStack(m_stack);
  m_model.showStack(m_stack);
  m_model.refresh();
}

Stage::~Stage() = default;

CopyFate Stage::fateOf(const InstanceId& id) const {
  const auto body = m_world->bodies().find(id);
  auto role = body != m_world->bodies().end() && body->second.isOld ? InstanceRole::Old : InstanceRole::New;
  auto service = body != m_world->bodies().end() ? body->second.service : std::string();
  if (const auto copy = state().instances.find(id); copy != state().instances.end()) {
    role = copy->second.role;
    service = copy->second.service;
  }
  auto fate = usualFate(service);
  if (m_fates)
    m_fates(fate, service, role);
  return fate;
}

void Stage::begin(Plan plan, Fates fates) {
  m_fates = std::move(fates);
  m_world = std::make_unique<RolloutWorld>(std::move(plan));
  m_world->fateOf = [this](const InstanceId& id) {
    return fateOf(id);
  };
  m_world->start.actor = "anna";
  m_world->start.reason = "CHG-4711";
  for (const auto& [service, count] : m_runs)
    m_world->runs[service] = {{0s, count}};
  m_world->pass(m_clock.now().boot - m_world->now().boot);
  const std::string rollout = "20251218-133112-c0ff";
  m_model.beginRollout(rollout);
  m_window.showRollout();
  m_window.notice(Mood::Idle, MainWindow::tr("rollout %1").arg(plain(rollout)));
  m_traffic.restart();
  m_world->begin();
  tellEvents();
}

void Stage::command(Command command) {
  command.actor = "anna";
  m_world->send(command);
  tellEvents();
}

void Stage::cutOff(const Error& why) {
  m_isCutOff = true;
  m_world->deliver = [](RolloutWorld&, const Observation&, Duration) {
  };
  m_model.loseTarget();
  m_window.notice(Mood::Unknown, plain(why.toString()));
}

void Stage::noticeAway(Duration silence) {
  m_world->send(Observation{ObservationKind::Away, {}, {}, {}, {{"seconds", seconds(silence)}}});
  tellEvents();
}

void Stage::pass(Duration time) {
  for (auto left = time; left > 0s; left -= turn)
    passTurn();
  m_model.refresh();
}

void Stage::passUntil(const std::string& logged) {
  for (int turns = 0; !isLogged(logged); ++turns) {
    if (turns == mostTurns || state().phase == RolloutPhase::Ended)
      qFatal("it never came to \"%s\":\n%s", logged.c_str(), m_world->log({EventType::Sampled}).c_str());
    passTurn();
  }
  m_model.refresh();
}

void Stage::passUntilEnd() {
  for (int turns = 0; state().phase != RolloutPhase::Ended; ++turns) {
    if (turns == mostTurns)
      qFatal("it never ended:\n%s", m_world->log({EventType::Sampled}).c_str());
    passTurn();
  }
  m_model.endRollout();
  lookAgain();
}

// As the window's own look after an end: what the rollout left running, beside what it did not touch.
void Stage::lookAgain() {
  std::erase_if(m_stack.world.instances,
                [this](const InstanceInfo& copy) { return state().plan.services.contains(copy.service); });
  for (const auto& [id, copy] : state().instances) {
    if (!m_world->bodies().contains(id) || !m_world->isAnswering(m_world->bodies().at(id)))
      continue;
    InstanceInfo seen;
    seen.id = id;
    seen.service = copy.service;
    seen.health = Health::Healthy;
    m_stack.world.instances.push_back(seen);
  }
  if (state().result == RolloutResult::Succeeded || state().result == RolloutResult::PausedMixed ||
      state().result == RolloutResult::RollbackFailed)
    m_stack.rollsBackTo = "1.0.0";
  m_clock.advance(2s);
  m_stack.seenAt = m_clock.now().wall;
  m_model.showStack(m_stack);
  m_model.refresh();
}

bool Stage::isLogged(const std::string& logged) {
  while (m_looked < m_world->events().size())
    if (m_world->name(m_world->events()[m_looked++]) == logged)
      return true;
  return false;
}

void Stage::passTurn() {
  m_clock.advance(turn);
  if (m_world)
    m_world->pass(m_clock.now().boot - m_world->now().boot);
  if (++m_turns % turnsOfSecond == 0 && m_stack.world.hasRouter && !m_isCutOff)
    sample();
  if (m_world)
    tellEvents();
}

std::vector<RoutedCopy> Stage::routedCopies() const {
  std::vector<RoutedCopy> copies;
  const auto isInPlan = [this](const std::string& service) {
    return m_world && m_world->start.plan.services.contains(service);
  };
  for (const auto& copy : m_stack.world.instances)
    if (!isInPlan(copy.service))
      copies.push_back(routedCopyOf(copy));
  if (!m_world)
    return copies;
  for (const auto& [id, body] : m_world->bodies()) {
    const auto copy = state().instances.find(id);
    const bool isNew = copy != state().instances.end() && copy->second.role == InstanceRole::New;
    if (body.routing != Body::Routing::None)
      copies.push_back({body.service, id, isNew, body.routing == Body::Routing::Draining});
  }
  return copies;
}

void Stage::sample() {
  auto counts = m_traffic.count(routedCopies());
  if (m_world && state().phase != RolloutPhase::Ended) {
    m_world->send(Observation{ObservationKind::Sampled, {}, {}, {}, std::move(counts)});
  } else if (!m_world) {
    Event event;
    event.at = m_clock.now();
    event.detail = std::move(counts);
    m_model.addEvents({event});
  }
  if (m_tellsLoad)
    tellCounts();
}

void Stage::tellEvents() {
  const auto& events = m_world->events();
  m_model.addEvents({events.begin() + static_cast<std::ptrdiff_t>(m_told), events.end()});
  m_told = events.size();
}

void Stage::tellCounts() {
  LoadFacts load;
  load.requests = m_traffic.requests();
  load.failed = m_traffic.failed();
  load.requestsLastSecond = 300;
  load.p50Ms = 6;
  load.p99Ms = 31;
  load.maxMs = 64;
  m_window.showLoad(load);
}

} // namespace ratdeck::test
