// What a copy's gate asks, ready to run.
#pragma once

#include "core/engine/engine_config.h"
#include "core/rollout/rollout_state.h"

#include <vector>

namespace ratdeck {

// The revision that the copy was or will be started from.
int revisionOf(const RolloutState& state, const InstanceRollout& copy);

// The probes of the plan's gate, with the commands that only the copy's own spec has. One whose command is
// not known any more is left without, and whoever runs it gets an error.
std::vector<ProbeSpec> gateProbesOf(const RolloutState& state, const InstanceRollout& copy,
                                    const SpecSource& specs);

} // namespace ratdeck
