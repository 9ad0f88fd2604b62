// An event as a sentence for people. Pure.
#pragma once

#include "core/rollout/rollout_state.h"

#include <string>

namespace ratdeck {

// `state` is the state after the event. Empty for those that people need not see go by. May hold text from
// outside: it is to be shown as plain text.
std::string sentenceOf(const Event& event, const RolloutState& state);

} // namespace ratdeck
