// Carries out the steps of tasks: finds the command in the revision that has it, and the copy that it runs
// in. One step is one answer; what runs in a copy of its own is known by a name that follows from the
// rollout, so that a new engine finds it. Engine thread only.
#pragma once

#include "core/engine/engine_config.h"
#include "core/rollout/rollout.h"

#include <memory>

namespace ratdeck {

class TaskRunner {
public:
  // `runtime` outlives this object.
  TaskRunner(Runtime& runtime, std::shared_ptr<const SpecSource> specs, RolloutId rollout);

  // Answers with what an observation of the step's end says: {"exit_code","output":[…]}, {"applied":[…]} of a
  // look. Errors: NotFound (no such revision or command, no running copy), those of Runtime.
  void run(const Effect& effect, const RolloutState& state, Callback<Json> done) const;

private:
  struct Job;
  Result<Job> jobOf(const Effect& effect, const RolloutState& state) const;
  void runInCopy(const Job& job, Callback<ExecReport> done) const;
  void lookOnce(const Job& job, Callback<ExecReport> done) const;
  void clear(const Effect& effect, const RolloutState& state, Callback<Json> done) const;

  Runtime& m_runtime;
  std::shared_ptr<const SpecSource> m_specs;
  RolloutId m_rollout;
};

} // namespace ratdeck
