// The desk's part in rollouts: planned, made ready, resumed, ended, handed over.
#include "app/ratdeck/background.h"
#include "app/ratdeck/desk.h"
#include "app/stack/before_rollout.h"

namespace ratdeck {

namespace {

Status cancelled() {
  return failure(ErrorKind::Cancelled, "cancelled; no service was changed");
}

} // namespace

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

// What waits for its turn and what is under way can be cancelled.
void Desk::addWish(ConsoleAction action, std::function<Status()> task) {
  m_waitingWishes[++m_wishes] = action;
  add(action, [this, task = std::move(task), number = m_wishes]() -> Status {
    if (m_waitingWishes.erase(number) == 0)
      return Done{}; // it was cancelled, and that was told
    m_isWishUnderWay = true;
    return task();
  });
}

void Desk::cancel() {
  for (const auto& [number, action] : std::exchange(m_waitingWishes, {}))
    Q_EMIT failed(action, cancelled().error());
  if (m_isWishUnderWay && m_work)
    m_work->cancel();
}

// As after the plan was made, with nothing under way: what was cancelled ends with the place it was asked of.
void Desk::workAnew() {
  m_work.reset();
  auto place = Place::open(m_environment, m_workChoice, true);
  if (place)
    m_work.emplace(std::move(*place));
  else
    m_planned.reset();
}

void Desk::plan(const PlanWish& wish) {
  addWish(ConsoleAction::Plan, [this, wish] { return planNow(wish); });
}

Status Desk::planNow(const PlanWish& wish) {
  if (auto opened = workOn(wish.choice); !opened)
    return opened;
  if (!isNew(*m_work))
    if (auto free = checkNothingUnfinished(*m_work, wish.choice); !free)
      return free;
  auto made = planOn(*m_work, wish);
  if (m_work->isCancelled()) {
    m_work.reset();
    return cancelled();
  }
  if (!made)
    return failure(made.error());
  m_planned = std::move(*made);
  Q_EMIT planned(m_planned->facts);
  return Done{};
}

void Desk::carryOut(const StartWish& wish) {
  addWish(ConsoleAction::CarryOut, [this, wish] { return carryOutNow(wish); });
}

Status Desk::carryOutNow(const StartWish& wish) {
  if (auto idle = checkIdle(); !idle)
    return idle;
  if (!m_planned)
    return failure(ErrorKind::Conflict, "there is no plan to carry out", "make a plan and look at it");
  auto start =
      readyToStart(*m_work, *m_planned, wish, {m_environment.actor, isNew(*m_work)},
                   [this](const std::string& step) { Q_EMIT preparing(QString::fromStdString(step)); });
  if (m_work->isCancelled()) {
    if (start)
      m_work->letGo();
    workAnew();
    return cancelled();
  }
  if (!start)
    return failure(start.error());
  goLive(*start);
  return Done{};
}

void Desk::goLive(RolloutStart start) {
  start.target = targetFacts(*m_work, m_workChoice);
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

void Desk::inspect(const std::string& rollout) {
  add(ConsoleAction::Look, [this, rollout] {
    auto open = checkOpen();
    return open ? inspectNow(rollout) : open;
  });
}

Status Desk::inspectNow(const std::string& rollout) {
  auto path = m_open->journals().find(rollout);
  auto events = path ? readPastEvents(*path, m_open->folders().stack) : failure(path.error());
  if (!events)
    return failure(events.error());
  Q_EMIT inspected(QString::fromStdString(rollout),
                   std::make_shared<const std::vector<Event>>(std::move(*events)));
  return Done{};
}

void Desk::rolloutEnded() {
  add(ConsoleAction::Look, [this] { return endNow(); });
}

// What is deployed now may be another stack than the one that was opened.
Status Desk::endNow() {
  m_isLive = false;
  m_newStack.clear();
  m_planned.reset();
  m_work.reset();
  return m_open && reopen() ? lookNow() : Done{};
}

void Desk::release() {
  add(ConsoleAction::Look, [this] {
    m_isLive = false;
    if (m_work)
      m_work->letGo();
    return lookNow();
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
  return endNow();
}

void Desk::takeBack(const ResumeWish& wish) {
  add(ConsoleAction::Resume, [this, wish] {
    if (auto open = checkOpen(); !open)
      return open;
    auto ended = endBackground(*m_open, wish.rollout);
    return ended ? resumeNow(wish) : ended;
  });
}

} // namespace ratdeck
