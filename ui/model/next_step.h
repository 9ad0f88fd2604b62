// What a rollout does by itself once that which is in hand is done, and what a person can do after its end,
// for people. Pure.
#pragma once

#include "core/rollout/rollout_state.h"

#include <QString>

namespace ratdeck {

// "Next: wave 5 of 5, portal 1.0.0 → 2.0.0"; "" of a rollout that is new.
QString nextStepText(const RolloutState& state);

} // namespace ratdeck
