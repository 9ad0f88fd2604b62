// Inside core/rollout: which effect the phase of one copy, or of one task, implies.
#pragma once

#include "core/rollout/effect.h"
#include "core/rollout/rollout_state.h"

#include <optional>

namespace ratdeck {

// Nothing for a phase that waits for a fact, and for an effect that failed for good.
std::optional<EffectKind> effectKindOf(const InstanceRollout& copy);

// task_view.cpp: likewise of a task. One effect at most; what its command left is cleared first.
std::optional<Effect> effectOf(const RolloutState& state, const TaskRollout& task);

} // namespace ratdeck
