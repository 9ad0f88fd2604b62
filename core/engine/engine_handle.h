// What a window or a command line holds: the one door to the engine, which runs in a worker thread of its
// own.
//
// Lives in its owner's thread; its signals arrive there. It shuts the engine down in order: commands are
// refused, effects cancelled, the journal synced, the loop quit, the thread joined. An unfinished rollout can
// be resumed from its journal.
#pragma once

#include "core/engine/engine_config.h"
#include "core/engine/event_batch.h"
#include "core/engine/revision_store.h"
#include "core/rollout/rollout.h"

#include <QObject>
#include <QThread>

namespace ratdeck {

class Engine;

class EngineHandle : public QObject {
  Q_OBJECT
public:
  explicit EngineHandle(EngineConfig config, QObject* parent = nullptr);
  ~EngineHandle() override;

  void startRollout(const StartRollout& request, const Revision& revision);
  void resumeRollout(const std::string& journalPath, const ResumeRollout& request);
  void submit(const Command& command);
  // Shuts down, and delivers the signals that were still on their way. The destructor shuts down without
  // them.
  void shutDown();

Q_SIGNALS:
  // The journal is open and its first event is on disk.
  void opened(const QString& rollout, const QString& journalPath);
  // The rollout could not be started or resumed; nothing was changed.
  void rejected(const ratdeck::Error& error);
  // Events that are on disk, in order, at most 1,000 a batch. After a resume everything from the beginning
  // comes first.
  void published(const ratdeck::EventBatch& batch);
  // The rollout reached its end and its journal is closed.
  void ended();
  // The engine stopped before the end; events published before it still count.
  void faulted(const QString& what);
  // Nothing stops, but somebody should know.
  void warned(const QString& what);

private:
  void join();
  // Runs `call` on the engine's thread; an exception there is a bug and becomes faulted().
  void post(std::function<void(Engine&)> call);

  QThread m_thread;
  Engine* m_engine = nullptr; // lives in m_thread
};

} // namespace ratdeck
