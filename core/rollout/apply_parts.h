// Inside core/rollout: the parts of apply(), by the noun an event is about. Each is total.
#pragma once

#include "core/rollout/rollout_state.h"

namespace ratdeck {

void applyToService(RolloutState& state, ServiceRollout& service, const Event& event);
void applyToInstance(RolloutState& state, InstanceRollout& copy, const Event& event);
// Not of one copy, but seen in one: EffectFailed too.
bool isAboutInstance(EventType type);

// Of a Sampled event.
void countTraffic(RolloutState& state, const Event& event);
void takeTotals(InstanceRollout& copy, const Event& event);
// Under which ServiceRollout::analyses has it; no copy: one that is judged for the service as a whole.
std::string analysisKey(const std::string& name, const InstanceId& copy);

// A restored copy comes into being with its StartRequested.
void addRestoredCopy(RolloutState& state, const Event& event);

// How long the gate of one copy may take, from its start.
Duration gateLimit(const ServicePlan& plan);
// From here on it is a gap: nobody looked.
inline constexpr Duration shortestGap = 30s;
// What a destructive deadline has left at least after a gap in which nobody looked.
inline constexpr Duration graceAfterGap = 30s;
// A drain or leave that fails is tried again for this long.
inline constexpr Duration troubleLimit = 300s;

const ServicePlan* planOf(const RolloutState& state, const std::string& service);

} // namespace ratdeck
