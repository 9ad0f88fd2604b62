// Carries out the steps of tasks: finds the command in the revision that has it, and the copy that it runs
// in. One step is one answer; what runs in a copy of its own is known by a name that follows from the
// rollout, so that a new engine finds it. Engine thread only.
#pragma once

#include "core/engine/engine_config.h"
#include "core/rollout/rollout.h"

#include <memory>
#include <set>

namespace ratdeck {

class TaskRunner {
public:
  // `runtime` outlives this object; of a look that is out when it goes nothing more is begun.
  TaskRunner(Runtime& runtime, std::shared_ptr<const SpecSource> specs, RolloutId rollout);

  // The commands in hand in this state, that of a journal: an engine before this one may have begun them. A
  // migration whose copy is gone is then not run again, but ends with exit code -1.
  void inherit(const RolloutState& state);

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
  std::set<InstanceId> m_inherited; // copies of migrations
  std::shared_ptr<const bool> m_life = std::make_shared<const bool>(true);
};

} // namespace ratdeck
