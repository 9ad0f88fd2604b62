// One rollout watched from a command line: starts or resumes it, shows its progress, asks at gates, obeys
// Ctrl-C, and returns when it has ended. Main thread; the engine has a thread of its own.
#pragma once

#include "app/ratdeckctl/environment.h"
#include "app/ratdeckctl/options.h"
#include "app/ratdeckctl/progress.h"
#include "core/engine/engine_handle.h"

#include <functional>
#include <string>

namespace ratdeck {

struct SessionResult {
  RolloutState state;
  RolloutId rollout;
  std::string journal;
  int exitCode = 1;
  std::vector<Instant> switches; // when a new copy got the traffic
  long long routerRetries = 0;   // retries and redispatches that the samples saw
};

class RolloutSession {
public:
  RolloutSession(const Environment& environment, const Options& options, EngineConfig config);

  Result<SessionResult> start(const StartRollout& request, const Revision& revision);
  Result<SessionResult> resume(const std::string& journalPath, const ResumeRollout& request);

private:
  Result<SessionResult> run(const std::function<void(EngineHandle&)>& begin);

  const Environment& m_environment;
  const Options& m_options;
  EngineConfig m_config;
};

} // namespace ratdeck
