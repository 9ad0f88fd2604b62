// Carries effects out: one remote call each, through the target's ports, and says what came of it. Before
// each that changes something the target's lock is asked whether it is still ours.
//
// It decides nothing and remembers only which effects it has begun, so that none is done twice in its life; a
// retry is another effect (another attempt). Engine thread only.
#pragma once

#include "core/engine/engine_config.h"
#include "core/engine/task_runner.h"
#include "core/rollout/rollout.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace ratdeck {

class EffectRunner {
public:
  using Post = std::function<void(Observation)>;
  EffectRunner(Target target, std::shared_ptr<const SpecSource> specs, RolloutId rollout, Post post);
  ~EffectRunner();
  void inherit(const RolloutState& state) { m_tasks.inherit(state); } // TaskRunner's; before the first begin

  // Begins every effect that the state asks for, whose time has come and that is not under way yet. Returns
  // when the next one is due, if one waits for its time.
  std::optional<BootTime> begin(const RolloutState& state, Instant now);

private:
  struct Call; // what an effect needs to report back
  void run(const Effect& effect, const RolloutState& state);
  void carryOut(const Effect& effect, const RolloutState& state, const Call& call);
  void start(const Effect& effect, const RolloutState& state, const Call& call);
  void verify(const Effect& effect, const RolloutState& state, const Call& call);
  void callHook(const Effect& effect, const RolloutState& state, const Call& call);
  void captureEvidence(const Effect& effect, const RolloutState& state, const Call& call);

  Target m_target;
  std::shared_ptr<const SpecSource> m_specs;
  RolloutId m_rollout;
  TaskRunner m_tasks;
  std::shared_ptr<Post> m_post;  // shared with calls under way; reset when the runner goes
  std::set<std::string> m_begun; // keys of those that the state still asks for
};

} // namespace ratdeck
