#include "app/ratdeck/desk.h"

#include "app/ratdeck/background.h"
#include "app/stack/before_rollout.h"

#include <QThread>

#include <algorithm>
#include <exception>

namespace ratdeck {

namespace {

constexpr auto lookInterval = std::chrono::seconds(5);
constexpr auto leaveLimit = std::chrono::seconds(2);

TargetFacts factsOf(const Place& place, const StackChoice& choice) {
  return {choice, place.title(), choice.runtime, place.stack(), place.warnings()};
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
  Q_EMIT opened(factsOf(*m_open, choice));
  if (choice.runtime == "sandbox") {
    m_sandbox = std::make_unique<SandboxControls>(m_environment, choice);
    connect(m_sandbox.get(), &SandboxControls::loadSeen, this, &Desk::loadSeen);
    m_sandbox->watchLoad();
  }
  m_lookTimer.start(lookInterval);
  lookNow();
  return Done{};
}

void Desk::testTarget(const StackChoice& choice) {
  m_tasks.add([this, choice] {
    auto place = Place::open(m_environment, choice, true);
    auto world = place ? place->observe() : failure(place.error());
    auto text = world ? tr("%1 answers: %n copies run", nullptr, static_cast<int>(copiesOf(*world)))
                            .arg(QString::fromStdString(place->title()))
                      : QString::fromStdString(world.error().toString());
    Q_EMIT tested(choice, world.has_value(), text);
  });
}

void Desk::look() {
  lookLater();
}

void Desk::lookLater() {
  if (m_isLookPending)
    return;
  m_isLookPending = true;
  m_tasks.add([this] {
    m_isLookPending = false;
    lookNow();
  });
}

void Desk::lookNow() {
  if (!m_open || (m_isLost && !reopen()))
    return;
  auto world = m_open->observe();
  m_isLost = !world;
  if (!world) {
    m_sampler.reset();
    Q_EMIT lost(world.error());
    return;
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

// Rollouts.

Status Desk::workOn(const StackChoice& choice) {
  if (auto idle = checkIdle(); !idle)
    return idle;
  m_planned.reset();
  m_work.reset();
  auto place = Place::open(m_environment, choice, true);
  if (!place)
    return failure(place.error());
  m_work.emplace(std::move(*place));
  m_workChoice = choice;
  return Done{};
}

void Desk::plan(const PlanWish& wish) {
  add(ConsoleAction::Plan, [this, wish] { return planNow(wish); });
}

Status Desk::planNow(const PlanWish& wish) {
  if (auto opened = workOn(wish.choice); !opened)
    return opened;
  if (!isNew(*m_work))
    if (auto free = checkNothingUnfinished(*m_work, wish.choice); !free)
      return free;
  auto made = planOn(*m_work, wish);
  if (!made)
    return failure(made.error());
  m_planned = std::move(*made);
  Q_EMIT planned(m_planned->facts);
  return Done{};
}

void Desk::carryOut(const StartWish& wish) {
  add(ConsoleAction::CarryOut, [this, wish] { return carryOutNow(wish); });
}

Status Desk::carryOutNow(const StartWish& wish) {
  if (auto idle = checkIdle(); !idle)
    return idle;
  if (!m_planned)
    return failure(ErrorKind::Conflict, "there is no plan to carry out", "make a plan and look at it");
  auto start =
      readyToStart(*m_work, *m_planned, wish, {m_environment.actor, isNew(*m_work)},
                   [this](const std::string& step) { Q_EMIT preparing(QString::fromStdString(step)); });
  if (!start)
    return failure(start.error());
  goLive(*start);
  return Done{};
}

void Desk::goLive(const RolloutStart& start) {
  m_isLive = true;
  m_sampler.reset();
  Q_EMIT ready(start);
}

void Desk::resume(const ResumeWish& wish) {
  add(ConsoleAction::Resume, [this, wish] {
    auto open = checkOpen();
    return open ? resumeNow(wish) : open;
  });
}

Status Desk::resumeNow(const ResumeWish& wish) {
  if (auto opened = workOn(m_choice); !opened)
    return opened;
  auto start = readyToResume(*m_work, wish, m_environment.actor);
  if (!start)
    return failure(start.error());
  goLive(*start);
  return Done{};
}

void Desk::rolloutEnded() {
  m_tasks.add([this] { endNow(); });
}

// What is deployed now may be another stack than the one that was opened.
void Desk::endNow() {
  m_isLive = false;
  m_newStack.clear();
  m_planned.reset();
  m_work.reset();
  if (m_open && reopen())
    lookNow();
}

void Desk::release() {
  m_tasks.add([this] {
    m_isLive = false;
    if (m_work)
      m_work->letGo();
    lookNow();
  });
}

void Desk::handOver(const std::string& rollout) {
  add(ConsoleAction::HandOver, [this, rollout] { return handOverNow(rollout); });
}

Status Desk::handOverNow(const std::string& rollout) {
  m_isLive = false;
  if (auto open = checkOpen(); !open)
    return open;
  const auto& place = m_work ? *m_work : *m_open;
  auto path = place.journals().find(rollout);
  auto past = path ? readPastRollout(*path, place.folders().stack) : failure(path.error());
  if (!past)
    return failure(past.error());
  if (auto started = startBackground(m_environment, m_work ? m_workChoice : m_choice, *past); !started)
    return started;
  Q_EMIT handedOver(QString::fromStdString(past->id()));
  endNow();
  return Done{};
}

void Desk::takeBack(const ResumeWish& wish) {
  add(ConsoleAction::Resume, [this, wish] {
    if (auto open = checkOpen(); !open)
      return open;
    auto ended = endBackground(*m_open, wish.rollout);
    return ended ? resumeNow(wish) : ended;
  });
}

// The sandbox.

Result<SandboxControls*> Desk::sandbox() const {
  if (m_sandbox)
    return m_sandbox.get();
  return failure(ErrorKind::Refused, "no sandbox is open", "open one first");
}

void Desk::bringSandboxUp(const StackChoice& choice) {
  add(ConsoleAction::Sandbox, [this, choice] { return bringSandboxUpNow(choice); });
}

Status Desk::bringSandboxUpNow(const StackChoice& choice) {
  if (auto idle = checkIdle(); !idle)
    return idle;
  auto isMade = SandboxControls(m_environment, choice).up();
  if (!isMade)
    return failure(isMade.error());
  if (auto isOpen = openNow(choice, *isMade); !isOpen)
    return isOpen;
  Q_EMIT sandboxUp(m_runsStack);
  return Done{};
}

void Desk::startLoad(double rate) {
  add(ConsoleAction::Load, [this, rate]() -> Status {
    auto open = sandbox();
    auto started = open ? (*open)->startLoad(rate) : failure(open.error());
    if (started)
      Q_EMIT loadStarted();
    return started;
  });
}

void Desk::stopLoad() {
  add(ConsoleAction::Load, [this]() -> Status {
    auto open = sandbox();
    auto load = open ? (*open)->stopLoad() : failure(open.error());
    if (!load)
      return failure(load.error());
    Q_EMIT loadStopped(*load);
    return Done{};
  });
}

void Desk::setFault(const std::string& service, const std::string& fault, const std::string& scope) {
  add(ConsoleAction::Fault, [this, service, fault, scope]() -> Status {
    auto open = sandbox();
    auto set = open ? (*open)->setFault(service, fault, scope) : failure(open.error());
    if (set)
      Q_EMIT faultSet(QString::fromStdString(service));
    return set;
  });
}

void Desk::clearFaults(const std::string& service) {
  add(ConsoleAction::Fault, [this, service]() -> Status {
    auto open = sandbox();
    auto cleared = open ? (*open)->clearFaults(service) : failure(open.error());
    if (cleared)
      Q_EMIT faultSet(QString::fromStdString(service));
    return cleared;
  });
}

// A task that waits sees its event loop end, and everything it waits for from then on given up.
void Desk::close() {
  m_tasks.close();
  m_lookTimer.stop();
  if (m_tasks.isBusy())
    return thread()->quit();
  QTimer::singleShot(leaveLimit, thread(), &QThread::quit);
  m_sampler.reset();
  m_sandbox.reset();
  m_work.reset();
  m_open.reset();
  thread()->quit();
}

} // namespace ratdeck
