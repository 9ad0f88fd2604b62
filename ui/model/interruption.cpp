#include "ui/model/interruption.h"

#include "core/rollout/service_view.h"

#include <algorithm>

namespace ratdeck {

namespace {

// Whoever is being verified has the traffic already.
bool isAnswering(const InstanceRollout& copy) {
  return serves(copy) || (copy.phase == InstancePhase::Verifying && !copy.hasFailed);
}

bool isServed(const RolloutState& state, const std::string& service) {
  return std::any_of(state.instances.begin(), state.instances.end(), [&](const auto& entry) {
    return entry.second.service == service && isAnswering(entry.second);
  });
}

} // namespace

bool isInterrupted(const RolloutState& state, const std::string& name) {
  const auto service = state.services.find(name);
  const auto plan = state.plan.services.find(name);
  if (service == state.services.end() || plan == state.plan.services.end())
    return false;
  const auto phase = service->second.phase;
  const bool isInBetween = phase == ServicePhase::Rolling || phase == ServicePhase::Undoing;
  return isInBetween && plan->second.order == UpdateOrder::StopFirst && !plan->second.isOneShot &&
         !plan->second.oldCopies.empty() && !isServed(state, name);
}

} // namespace ratdeck
