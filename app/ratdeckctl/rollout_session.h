// One rollout watched from a command line: starts or resumes it, shows its progress, asks at gates, obeys
// Ctrl-C, and returns when it has ended. Main thread; the engine has a thread of its own. For one use.
#pragma once

#include "app/ratdeckctl/options.h"
#include "app/ratdeckctl/progress.h"
#include "app/ratdeckctl/prompt.h"
#include "app/ratdeckctl/signals.h"
#include "app/stack/environment.h"
#include "core/engine/engine_handle.h"

#include <QEventLoop>
#include <QTimer>

#include <functional>
#include <optional>
#include <string>

namespace ratdeck {

struct SessionResult {
  RolloutState state;
  RolloutId rollout;
  std::string journal;
  int exitCode = 1;
  std::string fault;             // why the engine stopped by itself, if it did
  std::vector<Instant> switches; // when a new copy got the traffic
  long long routerRetries = 0;   // retries and redispatches that the samples saw
};

class RolloutSession {
public:
  RolloutSession(const Environment& environment, const Options& options, EngineConfig config);

  // Errors: what kept the engine from opening the rollout. Once it is open, whatever happens is a result.
  Result<SessionResult> start(const StartRollout& request, const Revision& revision);
  Result<SessionResult> resume(const std::string& journalPath, const ResumeRollout& request);

private:
  Result<SessionResult> run(const std::function<void(EngineHandle&)>& begin);
  void listenToEngine();
  void listenToSignals();
  void show(const EventBatch& batch);
  void warn(const std::string& text);
  void stopAtFault(const std::string& what);
  void interrupt();
  void hangUp();
  void limitTime();
  void endInTime();
  void holdInstead(const std::string& why);
  void submit(CommandKind kind, const std::string& reason);

  const Environment& m_environment;
  const Options& m_options;
  const Clock& m_clock;
  EngineHandle m_engine;
  Progress m_progress;
  Prompt m_prompt;
  Signals m_signals;
  QEventLoop m_loop;
  QTimer m_waiting, m_timeout;
  SessionResult m_result;
  std::optional<Error> m_error;
  bool m_isInterrupted = false;
  bool m_hasLeft = false;    // the person at the terminal
  bool m_isOverdue = false;  // --timeout has passed
  bool m_isLeftHeld = false; // … and it was asked to hold, since it could not be undone
};

} // namespace ratdeck
