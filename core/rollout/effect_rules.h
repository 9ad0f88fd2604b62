// Inside core/rollout: which effect the phase of one copy implies.
#pragma once

#include "core/rollout/effect.h"
#include "core/rollout/rollout_state.h"

#include <optional>

namespace ratdeck {

// Nothing for a phase that waits for a fact, and for an effect that failed for good.
std::optional<EffectKind> effectKindOf(const InstanceRollout& copy);

} // namespace ratdeck
