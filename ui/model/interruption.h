// Where nobody serves a service for a while, because its old copy had to stop first. Pure.
#pragma once

#include "core/rollout/rollout_state.h"

#include <string>

namespace ratdeck {

// It is in between: its old copies are gone, and no new one has the traffic yet. What users feel.
bool isInterrupted(const RolloutState& state, const std::string& service);

} // namespace ratdeck
