// Why a rollout would refuse a command, for those who offer it.
#pragma once

#include "core/rollout/command.h"
#include "core/rollout/rollout_state.h"

#include <string>

namespace ratdeck {

// The reason that decide() would write into CommandRefused now; "" = it would obey. Follows nothing up, and
// so costs far less than decide() does. Pure.
std::string refusalOf(const RolloutState& state, const Command& command, Instant now);

} // namespace ratdeck
