// What the window knows: facts come in, one view comes out. A live rollout is folded here from the engine's
// events with the engine's own law, so a rollout that is watched, resumed or read from a journal looks the
// same.
//
// Life: NoTarget -> Idle -> Preparing -> Live -> Ended -> Idle. Facts may come at any rate; the view is made
// anew by refresh(), which its owner calls a few times a second. Knows no engine and no widgets. One thread.
#pragma once

#include "ui/model/console_facts.h"
#include "ui/model/console_view.h"
#include "ui/model/event_log_model.h"
#include "ui/model/sample_history.h"
#include "ui/model/service_detail.h"
#include "ui/model/step_timeline.h"

#include <QObject>
#include <QTimer>

#include <deque>
#include <functional>
#include <memory>

namespace ratdeck {

class ConsoleModel : public QObject {
  Q_OBJECT
public:
  // `clock` outlives this object.
  explicit ConsoleModel(const Clock& clock, QObject* parent = nullptr);

  // of the target
  void showTarget(const TargetFacts& target);
  void showStack(const StackFacts& stack);
  void loseTarget(); // it does not answer any more; showStack ends that
  void setReadOnly(bool isReadOnly) { m_isReadOnly = isReadOnly; }
  void setUtc(bool isUtc);
  // of a rollout
  void prepareRollout();  // its stack is being held, its images are pulled
  void cancelPreparing(); // it was refused; nothing was changed
  // The events that follow are its. `target`: where, if it is another stack or choice than the one that was
  // shown.
  void beginRollout(const std::string& rollout, const std::optional<TargetFacts>& target = {});
  // What takes longer than 8 ms, as a journal that is taken over, is folded on in the turns of the event loop
  // that follow: meanwhile the view says so, and offers nothing to decide.
  void addEvents(std::vector<Event> events);
  void addEvents(std::shared_ptr<const std::vector<Event>> events); // one batch, which others may have too
  bool isBehind() const { return !m_behind.empty(); }
  // When all that was added so far is folded; at once where it is. Not at all once another rollout or target
  // is shown.
  void whenFolded(std::function<void()> call);
  // An unfinished one that nobody carries out now: what its journal tells, as it was at its last event.
  void inspectRollout(const std::string& rollout, const std::vector<Event>& events);
  void markFault(const QString& what); // the engine stopped by itself
  void endRollout();                   // no more events will come
  void leaveRollout();                 // its end was seen: back to the live stack

  void refresh();
  const ConsoleView& view() const { return m_view; }
  const RolloutState& state() const { return m_state; }
  const std::optional<TargetFacts>& target() const { return m_target; }
  const std::optional<StackFacts>& stack() const { return m_stack; }
  const StepTimeline& timeline() const { return m_timeline; }
  const TrafficCount& traffic() const { return m_traffic; }
  const SampleHistory& history() const { return m_history; }
  EventLogModel& log() { return m_log; }
  // When what is shown is so: now, or the end of what is over, or the last event of what is inspected.
  Instant shownAt() const;
  bool hasRollout() const { return m_mode == ConsoleMode::Live || m_mode == ConsoleMode::Ended; }
  bool isUtc() const { return m_isUtc; }
  // Of a rollout that is not over: since when nobody knows how it goes on; absent: it is known.
  std::optional<Instant> unknownSince() const;
  ServiceDetail detailOf(const QString& service) const;

Q_SIGNALS:
  // The view is another one than before.
  void viewChanged();
  // The rollout refused a command, and why.
  void refused(const QString& why);

private:
  void restart();
  void fold(const Event& event, std::vector<LogRow>& rows);
  void foldFurther();
  bool isReached() const;
  bool isOver() const;
  void fillBand(ConsoleView& view) const;
  void fillRollout(ConsoleView& view, Instant now) const;
  void fillUsers(ConsoleView& view, Instant now) const;
  StatusLine headline(Instant now) const;
  bool isSeenSinceEnd() const;
  StatusLine inspectedHeadline() const;

  const Clock& m_clock;
  ConsoleMode m_mode = ConsoleMode::NoTarget;
  ConsoleMode m_modeBefore = ConsoleMode::Idle; // of Preparing
  bool m_isReadOnly = false, m_isUtc = false, m_isLost = false;
  bool m_isInspected = false; // the rollout is shown from its journal alone
  std::optional<TargetFacts> m_target;
  std::optional<StackFacts> m_stack;
  std::string m_rollout;
  RolloutState m_state;
  TrafficCount m_traffic;
  StepTimeline m_timeline;
  SampleHistory m_history;
  EventLogModel m_log;
  std::deque<std::shared_ptr<const std::vector<Event>>> m_behind; // not folded yet, but for …
  size_t m_foldedOfFirst = 0;                                     // … so many of the first
  std::vector<std::function<void()>> m_whenFolded;
  QTimer m_slice;
  Duration m_foldedFor{}; // in this turn
  QString m_fault;
  Instant m_restartedAt;
  ConsoleView m_view;
};

} // namespace ratdeck
