// When something follows from the time alone. The rules look at the same moments; this list is for the
// engine's heap and for countdowns.
#include "core/rollout/rollout.h"
#include "core/rollout/turn.h"

#include <algorithm>

namespace ratdeck {

using Phase = InstancePhase;
using Role = InstanceRole;

namespace {

void addCopies(std::vector<Deadline>& deadlines, const ServiceView& view) {
  for (const auto* copy : view.copies) {
    if (copy->phase == Phase::Gating && !copy->hasFailed && copy->role != Role::Old)
      deadlines.push_back({copy->gateDeadline, "gate", view.name(), true});
    if (copy->phase == Phase::Draining && copy->isOutOfRotation)
      deadlines.push_back({copy->inFlightDeadline, "in-flight", view.name(), true});
    if (copy->phase == Phase::Warm && copy->role == Role::Old && view.isForward() && !view.isStopFirst() &&
        isApprovedAfter(view))
      deadlines.push_back({warmUntil(view, *copy), "keep-warm", view.name(), false});
  }
}

void addService(std::vector<Deadline>& deadlines, const ServiceView& view) {
  const auto& service = view.service;
  if (service.isDrainingRuns && !service.runsDrained && !service.drainAwaitsDecision && !service.mustUndo &&
      service.phase == ServicePhase::Rolling)
    deadlines.push_back({service.drainDeadline, "runs", view.name(), true});
  if (view.rollout.phase != RolloutPhase::Rolling || !service.isBatchSwitched)
    return;
  auto since = service.batchSwitchedAt.boot;
  if (service.phase == ServicePhase::Rolling)
    deadlines.push_back({since + view.pauseAfterBatch(),
                         view.plan.delay > view.plan.monitor ? "delay" : "monitor", view.name(), false});
  if (service.phase == ServicePhase::Rolling && view.rollout.stopsHere)
    deadlines.push_back({since + view.plan.monitor, "monitor", view.name(), false});
  if (service.hasSwitched && !service.hasMonitorPassed && view.isForward())
    deadlines.push_back({since + view.plan.monitor, "monitor", view.name(), false});
}

} // namespace

std::vector<Deadline> deadlinesOf(const RolloutState& state) {
  std::vector<Deadline> deadlines;
  if (state.phase != RolloutPhase::Rolling && state.phase != RolloutPhase::Undoing)
    return deadlines;
  if (!state.stopsHere)
    for (const auto& [gate, approval] : state.approvals)
      if (approval.state == GateState::Waiting)
        deadlines.push_back({approval.expiresAt, "approval", "", true});
  for (const auto& view : viewsOf(state)) {
    addCopies(deadlines, view);
    addService(deadlines, view);
  }
  if (!canDestroy(state))
    std::erase_if(deadlines, [](const auto& deadline) { return deadline.isDestructive; });
  std::stable_sort(deadlines.begin(), deadlines.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  return deadlines;
}

} // namespace ratdeck
