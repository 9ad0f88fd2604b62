// Why a rollout goes on while users are hurt. Pure.
#pragma once

#include "core/rollout/rollout_state.h"

#include <QString>

namespace ratdeck {

// "rolls on: 0.86 % of all requests to ratd 2.4.0 failed, its gate acts above 1 %": of the new version that
// fails most. "" in an undo, after the end, and while nobody is reached.
QString whyItGoesOn(const RolloutState& state);

} // namespace ratdeck
