// The engine of one rollout: takes one stimulus at a time, decides, appends the events to the journal,
// applies them, publishes them and starts what the new state asks for.
//
// The life of one request: a command or an observation is queued -> decide() -> append (synced for decisions,
// group commit for observations) -> apply() -> EffectRunner, WatchSet and the deadline timer follow the state
// -> events that are on disk go to the listener in batches. It must not know who listens. Engine thread only.
#pragma once

#include "core/engine/deadline_timer.h"
#include "core/engine/effect_runner.h"
#include "core/engine/engine_config.h"
#include "core/engine/event_batch.h"
#include "core/engine/revision_store.h"
#include "core/engine/sampler.h"
#include "core/engine/watch_set.h"
#include "core/journal/writer.h"
#include "core/rollout/rollout.h"

#include <QObject>
#include <QTimer>

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace ratdeck {

class Engine : public QObject {
  Q_OBJECT
public:
  explicit Engine(EngineConfig config);
  ~Engine() override;

  // Saves the revision and the adopted one before it, opens a journal and starts; at the end the stack is let
  // go. Errors: Refused (another engine has the stack, or changed it since the plan was made; an earlier
  // rollout is unfinished), Internal (no journal).
  Status start(const StartRollout& request, Revision revision);
  // Recovers the journal of an unfinished rollout and goes on with it, or undoes it.
  // One that was never begun ends at once as failed. Errors: NotFound, Refused (of another stack; overtaken
  // by a later rollout; finished already; damaged in the middle: with the place).
  Status resume(const std::string& journalPath, ResumeRollout request);
  // Obeyed or refused by an event.
  void submit(const Command& command);
  // Stops at once: nothing new is begun; the journal is synced and left open for a resume, and so is the
  // target's lock.
  void stop();

Q_SIGNALS:
  void opened(const QString& rollout, const QString& journalPath);
  void published(const ratdeck::EventBatch& batch);
  void ended();
  // A bug, a journal that cannot be written, a lock of the target that was lost: nothing more is done; the
  // rollout can be resumed.
  void faulted(const QString& what);
  // Something that stops nothing, but that somebody should know. Once each time it begins.
  void warned(const QString& what);

private:
  Status lock(const std::string& rollout);
  Status reachTarget();
  void open(const RolloutId& rollout, JournalWriter journal);
  void take(Stimulus stimulus);
  void drainQueue();
  void turn(const Stimulus& stimulus);
  void beat();
  void noticeGap(Instant now);
  void handle(const Stimulus& stimulus, Instant now);
  void follow();
  Status record(const std::vector<Event>& events);
  void publish();
  void watchHead();
  void finish();
  void letGo(std::function<void()> done);
  void fault(const std::string& what);

  EngineConfig m_config;
  std::shared_ptr<StackLock> m_lock;
  std::optional<JournalWriter> m_journal;
  std::unique_ptr<StackTarget> m_target;
  std::unique_ptr<EffectRunner> m_effects;
  std::unique_ptr<WatchSet> m_watches;
  std::unique_ptr<Sampler> m_sampler;
  std::unique_ptr<DeadlineTimer> m_deadline;
  std::unique_ptr<QTimer> m_heartbeat;
  RolloutState m_state;
  std::deque<Stimulus> m_queue;
  bool m_isStopped = false;
  bool m_isHeadBehind = false; // and the warning was given
  BootTime m_lastBeat;
  std::vector<Event> m_unpublished;
};

} // namespace ratdeck
