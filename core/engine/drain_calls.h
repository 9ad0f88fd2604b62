// What a drain calls and counts, ready to run.
#pragma once

#include "core/engine/engine_config.h"
#include "core/rollout/rollout_state.h"

namespace ratdeck {

// The drain of the plan, with the commands and addresses that only the revision being rolled out has. Errors:
// NotFound (it has no drain, or its revision is gone).
Result<DrainPolicy> drainCallsOf(const RolloutState& state, const std::string& service,
                                 const SpecSource& specs);

} // namespace ratdeck
