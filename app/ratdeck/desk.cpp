#include "app/ratdeck/desk.h"

#include "core/runtime/routes.h"

#include <QThread>

#include <algorithm>
#include <exception>

namespace ratdeck {

namespace {

constexpr auto lookInterval = std::chrono::seconds(5);
constexpr auto leaveLimit = std::chrono::seconds(2);

std::set<std::string> userFacingOf(const StackSpec& stack) {
  std::set<std::uint16_t> ofRouter;
  if (const auto* router = stack.find(stack.policy.routerService))
    for (const auto& port : router->ports)
      ofRouter.insert(port.target);
  std::set<std::string> services;
  for (const auto& [name, service] : stack.services)
    if (!service.ports.empty() && name != stack.policy.routerService)
      services.insert(name);
  for (const auto& [name, routes] : routesOf(stack))
    for (const auto& route : routes)
      if (ofRouter.count(route.port) > 0)
        services.insert(name);
  return services;
}

size_t copiesOf(const World& world) {
  return static_cast<size_t>(
      std::count_if(world.instances.begin(), world.instances.end(),
                    [](const InstanceInfo& copy) { return copy.state == InstanceState::Running; }));
}

bool isRouted(const InstanceInfo& copy) {
  return copy.routing != Routing::None && copy.routing != Routing::Maintenance;
}

} // namespace

TargetFacts Desk::targetFacts(const Place& place, const StackChoice& choice) {
  return {choice,          place.title(), choice.runtime, place.stack(), userFacingOf(place.stack()),
          place.warnings()};
}

Desk::Desk(const Environment& environment) : m_environment(environment), m_tasks(this), m_lookTimer(this) {
  connect(&m_lookTimer, &QTimer::timeout, this, [this] {
    if (!m_isLive)
      lookLater();
  });
}

Desk::~Desk() = default;

// A task that throws is a bug, and the next one is not to suffer.
void Desk::add(ConsoleAction action, std::function<Status()> task) {
  m_tasks.add([this, action, task = std::move(task)] {
    try {
      if (auto done = task(); !done)
        Q_EMIT failed(action, done.error());
    } catch (const std::exception& bug) {
      Q_EMIT failed(action, {ErrorKind::Internal, std::string("a bug: ") + bug.what(), {}, {}});
    }
    m_isWishUnderWay = false;
  });
}

Status Desk::checkIdle() const {
  return m_isLive ? failure(ErrorKind::Refused, "a rollout is under way", "wait until it has ended")
                  : Status(Done{});
}

Status Desk::checkOpen() const {
  return m_open ? Status(Done{}) : failure(ErrorKind::Refused, "no stack is open", "choose a target");
}

// Opening and looking.

void Desk::open(const StackChoice& choice) {
  add(ConsoleAction::Open, [this, choice] { return openNow(choice, false); });
}

Status Desk::openNow(const StackChoice& choice, bool isMade) {
  if (auto idle = checkIdle(); !idle)
    return idle;
  auto place = Place::open(m_environment, choice, true);
  if (!place)
    return failure(place.error());
  m_sampler.reset();
  m_sandbox.reset();
  m_planned.reset();
  m_work.reset();
  m_open.reset();
  m_open.emplace(std::move(*place));
  m_choice = choice;
  m_isLost = m_runsStack = false;
  m_newStack = isMade ? m_open->folders().stack : std::string();
  Q_EMIT opened(targetFacts(*m_open, choice));
  if (choice.runtime == "sandbox") {
    m_sandbox = std::make_unique<SandboxControls>(m_environment, choice);
    connect(m_sandbox.get(), &SandboxControls::loadSeen, this, &Desk::loadSeen);
    m_sandbox->watchLoad();
  }
  m_lookTimer.start(lookInterval);
  return lookNow();
}

void Desk::testTarget(const StackChoice& choice) {
  add(ConsoleAction::Open, [this, choice]() -> Status {
    auto place = Place::open(m_environment, choice, true);
    auto world = place ? place->observe() : failure(place.error());
    auto text = world ? tr("%1 answers: %n copies run", nullptr, static_cast<int>(copiesOf(*world)))
                            .arg(QString::fromStdString(place->title()))
                      : QString::fromStdString(world.error().toString());
    Q_EMIT tested(choice, world.has_value(), text);
    return Done{};
  });
}

void Desk::look() {
  lookLater();
}

void Desk::lookLater() {
  if (m_isLookPending)
    return;
  m_isLookPending = true;
  add(ConsoleAction::Look, [this] {
    m_isLookPending = false;
    return lookNow();
  });
}

// That it fails is told by lost().
Status Desk::lookNow() {
  if (!m_open || (m_isLost && !reopen()))
    return Done{};
  auto world = m_open->observe();
  m_isLost = !world;
  if (!world) {
    m_sampler.reset();
    Q_EMIT lost(world.error());
    return Done{};
  }
  StackFacts facts;
  facts.world = std::move(*world);
  facts.seenAt = m_clock.now().wall;
  m_past.fill(*m_open, facts);
  if (isNew(*m_open))
    facts.unfinished.clear();
  m_runsStack = std::any_of(facts.world.instances.begin(), facts.world.instances.end(),
                            [](const InstanceInfo& copy) { return copy.revision > 0; });
  sampleIdle(facts.world);
  Q_EMIT seen(facts);
  return Done{};
}

// What did not answer may answer at other addresses by now.
bool Desk::reopen() {
  auto place = Place::open(m_environment, m_choice, true);
  if (!place) {
    Q_EMIT lost(place.error());
    return false;
  }
  m_sampler.reset();
  m_open.reset();
  m_open.emplace(std::move(*place));
  return true;
}

// The engine of a live rollout samples itself; and where nothing is routed there is nothing to read.
void Desk::sampleIdle(const World& world) {
  auto* router = m_open->target()->target().router;
  const bool isWanted =
      !m_isLive && router && std::any_of(world.instances.begin(), world.instances.end(), isRouted);
  if (!isWanted)
    m_sampler.reset();
  else if (!m_sampler)
    m_sampler = std::make_unique<Sampler>([router](auto done) { router->look(std::move(done)); },
                                          [this](const Observation& sample) { show(sample); });
}

void Desk::show(const Observation& sample) {
  Event event;
  event.type = EventType::Sampled;
  event.at = m_clock.now();
  event.detail = sample.detail;
  Q_EMIT sampled(std::make_shared<const std::vector<Event>>(1, std::move(event)));
}

// A task that waits sees its event loop end, and everything it waits for from then on given up.
void Desk::close() {
  m_tasks.close();
  m_lookTimer.stop();
  if (m_tasks.isBusy())
    return thread()->quit();
  QTimer::singleShot(leaveLimit, this, [this] { thread()->quit(); });
  m_sampler.reset();
  m_sandbox.reset();
  m_work.reset();
  m_open.reset();
  thread()->quit();
}

} // namespace ratdeck
