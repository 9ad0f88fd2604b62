// What a live rollout does by itself once that which is in hand is done, for people. Pure.
#pragma once

#include "core/rollout/rollout_state.h"

#include <QString>

namespace ratdeck {

// "Next: wave 5 of 5, portal 1.0.0 → 2.0.0"; "" of a rollout that is new or over.
QString nextStepText(const RolloutState& state);

} // namespace ratdeck
