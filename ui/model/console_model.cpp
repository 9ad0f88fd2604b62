#include "ui/model/console_model.h"

#include "core/rollout/rollout.h"
#include "ui/model/countdown.h"
#include "ui/model/plain.h"
#include "ui/model/service_rows.h"
#include "ui/model/stack_now.h"
#include "ui/model/start_offer.h"
#include "ui/model/why_on.h"

namespace ratdeck {

namespace {

constexpr size_t logLines = 200'000;
constexpr size_t logBytes = size_t(64) << 20;
constexpr Duration longestSlice = std::chrono::milliseconds(8);
constexpr int eventsBetweenLooksAtTheClock = 8;
constexpr int longestVersion = 24; // characters, on a button

} // namespace

ConsoleModel::ConsoleModel(const Clock& clock, QObject* parent)
    : QObject(parent), m_clock(clock), m_log(clock, {logLines, logBytes}) {
  m_slice.setSingleShot(true);
  m_slice.setInterval(0);
  connect(&m_slice, &QTimer::timeout, this, [this] {
    m_foldedFor = 0s;
    if (isBehind())
      foldFurther();
  });
  refresh();
}

// A new count of users, a new state.
void ConsoleModel::restart() {
  m_state = {};
  m_traffic = {};
  m_history.clear();
  m_log.clear();
  m_behind.clear();
  m_foldedOfFirst = 0;
  m_whenFolded.clear();
  m_slice.stop();
  if (m_target) {
    m_traffic.setUserFacing(m_target->userFacing);
    m_history.setUserFacing(m_target->userFacing);
  }
  m_timeline = {};
  m_fault.clear();
  m_rollout.clear();
  m_isInspected = false;
  m_restartedAt = m_clock.now();
}

void ConsoleModel::showTarget(const TargetFacts& target) {
  m_target = target;
  m_stack.reset();
  m_isLost = false;
  m_mode = ConsoleMode::Idle;
  restart();
  refresh();
}

void ConsoleModel::setUtc(bool isUtc) {
  m_isUtc = isUtc;
  m_log.setUtc(isUtc);
  refresh();
}

void ConsoleModel::showStack(const StackFacts& stack) {
  m_stack = stack;
  m_isLost = false;
}

void ConsoleModel::loseTarget() {
  m_isLost = true;
}

void ConsoleModel::prepareRollout() {
  m_modeBefore = m_mode;
  m_mode = ConsoleMode::Preparing;
  refresh();
}

void ConsoleModel::cancelPreparing() {
  if (m_mode == ConsoleMode::Preparing)
    m_mode = m_modeBefore;
  refresh();
}

void ConsoleModel::beginRollout(const std::string& rollout, const std::optional<TargetFacts>& target) {
  if (target)
    m_target = target;
  restart();
  m_isLost = false; // the engine has reached it
  m_rollout = rollout;
  m_mode = ConsoleMode::Live;
  refresh();
}

void ConsoleModel::addEvents(std::vector<Event> events) {
  addEvents(std::make_shared<const std::vector<Event>>(std::move(events)));
}

void ConsoleModel::addEvents(std::shared_ptr<const std::vector<Event>> events) {
  if (events->empty())
    return;
  m_behind.push_back(std::move(events));
  foldFurther();
}

void ConsoleModel::whenFolded(std::function<void()> call) {
  if (!isBehind())
    return call();
  m_whenFolded.push_back(std::move(call));
}

void ConsoleModel::fold(const Event& event, std::vector<LogRow>& rows) {
  if (hasRollout())
    apply(m_state, event);
  m_traffic.add(event, m_state);
  m_timeline.add(event, m_state);
  m_history.fold(event, m_state);
  if (auto row = logRowOf(event, m_state))
    rows.push_back(std::move(*row));
  const bool isOfNow = event.at.wall >= m_restartedAt.wall; // else of an engine before this one
  if (event.type == EventType::CommandRefused && isOfNow)
    Q_EMIT refused(plain(event.reason));
}

// Until all calls of this turn together have taken as long as a slice may; the timer tells of the next turn.
void ConsoleModel::foldFurther() {
  const auto begun = m_clock.now().boot;
  const auto ends = begun + longestSlice - m_foldedFor;
  std::vector<LogRow> rows;
  for (int count = 0; isBehind(); ++count) {
    if (count % eventsBetweenLooksAtTheClock == 0 && m_clock.now().boot >= ends)
      break;
    const auto& first = *m_behind.front();
    fold(first[m_foldedOfFirst++], rows);
    if (m_foldedOfFirst == first.size()) {
      m_behind.pop_front();
      m_foldedOfFirst = 0;
    }
  }
  m_log.append(std::move(rows));
  m_foldedFor += m_clock.now().boot - begun;
  m_slice.start();
  if (isBehind())
    return;
  for (const auto& call : std::exchange(m_whenFolded, {}))
    call();
}

void ConsoleModel::inspectRollout(const std::string& rollout, const std::vector<Event>& events) {
  if (m_mode == ConsoleMode::Live || m_mode == ConsoleMode::Preparing)
    return;
  restart();
  m_isInspected = true;
  m_rollout = rollout;
  m_mode = ConsoleMode::Ended;
  addEvents(events);
  refresh();
}

void ConsoleModel::markFault(const QString& what) {
  m_fault = what;
}

void ConsoleModel::endRollout() {
  if (m_mode == ConsoleMode::Live)
    m_mode = ConsoleMode::Ended;
  refresh();
}

void ConsoleModel::leaveRollout() {
  if (m_mode != ConsoleMode::Ended)
    return;
  m_mode = ConsoleMode::Idle;
  restart();
  refresh();
}

ServiceDetail ConsoleModel::detailOf(const QString& service) const {
  return serviceDetailOf(service.toStdString(), hasRollout() ? &m_state : nullptr,
                         m_stack ? &m_stack->world : nullptr, shownAt());
}

void ConsoleModel::fillBand(ConsoleView& view) const {
  if (!m_target) {
    view.title = tr("no target is open");
    return;
  }
  view.band = bandOf(*m_target);
  view.title = plain(m_target->stack.project) + QStringLiteral(" · ") + plain(m_target->title);
}

StatusLine ConsoleModel::headline(Instant now) const {
  if (!m_fault.isEmpty())
    return {Mood::Failed, tr("THE ENGINE STOPPED"),
            m_fault + tr(" · the rollout is unfinished: Resume or Undo it")};
  if (isBehind() && hasRollout())
    return {Mood::Running, tr("CATCHING UP"), tr("what has happened so far is being read")};
  switch (m_mode) {
  case ConsoleMode::NoTarget:
    return {Mood::Idle, tr("NO TARGET"), tr("open one with Target → Open…")};
  case ConsoleMode::Preparing:
    return {Mood::Running, tr("PREPARING"),
            tr("it begins by itself once the stack is held and the images are here; nothing has been changed "
               "yet")};
  case ConsoleMode::Ended:
    if (m_isInspected && !isOver())
      return inspectedHeadline();
    if (m_state.phase != RolloutPhase::Ended)
      return {Mood::Unknown, tr("NOT FOLLOWED"),
              tr("its end was not seen from here; it may go on without this window")};
    [[fallthrough]];
  case ConsoleMode::Live:
    return headlineOf(m_state, now);
  case ConsoleMode::Idle:
    break;
  }
  if (m_isLost)
    return {Mood::Unknown, tr("NOT REACHED"), tr("the target does not answer; it is asked again every 5 s")};
  if (!m_stack)
    return {Mood::Running, tr("LOOKING"), tr("what runs here is being read")};
  return idleHeadline(*m_stack, now.wall, m_isUtc);
}

StatusLine ConsoleModel::inspectedHeadline() const {
  const auto last = headlineOf(m_state, m_state.lastEventAt);
  return {Mood::Waiting, tr("UNFINISHED"),
          tr("left %1, when it was %2 · ").arg(dateText(m_state.lastEventAt.wall, m_isUtc), last.word) +
              last.detail};
}

Instant ConsoleModel::shownAt() const {
  return isOver() ? m_state.endedAt : m_isInspected ? m_state.lastEventAt : m_clock.now();
}

bool ConsoleModel::isOver() const {
  return m_mode == ConsoleMode::Ended && m_state.phase == RolloutPhase::Ended;
}

bool ConsoleModel::isReached() const {
  return m_fault.isEmpty() && !m_isLost && !m_state.isAway;
}

std::optional<Instant> ConsoleModel::unknownSince() const {
  const bool isFollowed = m_mode == ConsoleMode::Live && isReached();
  if (!hasRollout() || m_isInspected || m_state.phase == RolloutPhase::Ended || isFollowed)
    return std::nullopt;
  return m_state.isAway ? m_state.awaySince : m_state.lastEventAt;
}

void ConsoleModel::fillUsers(ConsoleView& view, Instant now) const {
  if (m_mode == ConsoleMode::NoTarget) {
    view.users = {UsersState::NotMeasured,
                  {Mood::Unknown, tr("USERS NOT MEASURED"), tr("no target is open")}};
    return;
  }
  if (isOver() || m_isInspected) {
    view.users = endVerdict(m_traffic, shownAt());
    return;
  }
  UsersFacts facts;
  facts.count = &m_traffic;
  facts.hasRouter = m_stack && m_stack->world.hasRouter;
  facts.isConnected = m_mode != ConsoleMode::Ended && isReached();
  facts.silence = m_restartedAt;
  facts.now = now;
  view.users = usersVerdict(facts);
}

void ConsoleModel::fillRollout(ConsoleView& view, Instant now) const {
  if (!hasRollout())
    return;
  view.rollout = plain(m_rollout);
  view.isOver = isOver();
  if (m_mode != ConsoleMode::Live || !m_fault.isEmpty() || isBehind())
    return;
  view.waits = waitLinesOf(m_state, now);
  view.decisions = decisionRequestsOf(m_state, now);
  view.hold = holdVerb(m_state, now);
  view.undo = undoVerb(m_state, now);
  view.stopHere = stopHereVerb(m_state, now);
  if (view.users.state != UsersState::Hurt)
    return;
  if (const auto why = whyItGoesOn(m_state); !why.isEmpty()) // first, so that it is never cut off
    view.headline.detail = why + QStringLiteral(" · ") + view.headline.detail;
}

// What was seen before an end tells of another last change.
bool ConsoleModel::isSeenSinceEnd() const {
  return m_stack && (!isOver() || m_stack->seenAt >= m_state.endedAt.wall);
}

void ConsoleModel::refresh() {
  const auto now = m_clock.now();
  ConsoleView view;
  view.mode = m_mode;
  view.canChange = m_mode != ConsoleMode::NoTarget && !m_isReadOnly;
  view.hasUnfinished = m_stack && !m_stack->unfinished.empty();
  if (const auto* left = m_stack ? resumable(*m_stack) : nullptr; left && left->left)
    view.undoUnfinished = left->left->undo;
  if (isSeenSinceEnd())
    view.rollBackTo = plain(QString::fromStdString(m_stack->rollsBackTo), longestVersion);
  if (isOver() && isSeenSinceEnd())
    view.stackNow = stackNowText(m_stack->world);
  fillBand(view);
  view.headline = headline(now);
  fillUsers(view, now);
  fillRollout(view, now);
  const bool isPast = isOver() || m_isInspected;
  const bool isKnown = isReached() && (isOver() || !m_isInspected);
  view.rows =
      serviceRowsOf({m_target ? &m_target->stack : nullptr, hasRollout() ? &m_state : nullptr,
                     m_stack ? &m_stack->world : nullptr, isPast ? nullptr : &m_traffic, isKnown, shownAt()});
  if (view == m_view)
    return;
  m_view = std::move(view);
  Q_EMIT viewChanged();
}

} // namespace ratdeck
