// The time after which runs that nobody follows any more are marked failed: ratd's reaper looks once a tick
// for runs older than its timeout.
#pragma once

#include "core/rollout/rollout_state.h"

#include <string>

namespace ratdeck {

// ratd's own defaults, 120 min of timeout and a tick of 60 min: where its configuration could not be read.
inline constexpr Duration usualReaperTime = 180min;

// At most, from when the runs were ended.
Duration reaperTime(const ServiceRollout& service);
// "by about 14:32 UTC (within 180 min)", "… (within 180 min, unless ratd is configured otherwise)".
std::string reaperText(const ServiceRollout& service);

} // namespace ratdeck
