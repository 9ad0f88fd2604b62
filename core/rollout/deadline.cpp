// When something follows from the time alone. The rules look at the same moments; this list is for the
// engine's heap and for countdowns.
#include "core/rollout/rollout.h"
#include "core/rollout/task_view.h"
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
        isApprovedAfter(view) && !awaitsVerdict(view))
      deadlines.push_back({warmUntil(view, *copy), "keep-warm", view.name(), false});
  }
}

// Only what the time alone holds back: a moment that has passed must not stay in the list.
void addService(std::vector<Deadline>& deadlines, const ServiceView& view) {
  const auto& service = view.service;
  if (!view.isForward())
    return;
  if (service.phase == ServicePhase::Rolling && service.isDrainingRuns && !service.runsDrained &&
      !view.awaitsDrainDecision() && !service.mustUndo)
    deadlines.push_back({service.drainDeadline, "runs", view.name(), true});
  if (!service.isBatchSwitched)
    return;
  if (!service.hasMonitorPassed && !awaitsVerdict(view))
    deadlines.push_back({service.batchSwitchedAt.boot + view.plan.monitor, "monitor", view.name(), false});
  else if (view.mayStartNextBatch())
    deadlines.push_back({service.batchSwitchedAt.boot + view.plan.delay, "delay", view.name(), false});
}

} // namespace

std::vector<Deadline> deadlinesOf(const RolloutState& state) {
  std::vector<Deadline> deadlines;
  if (state.phase != RolloutPhase::Rolling && state.phase != RolloutPhase::Undoing)
    return deadlines;
  if (mayExpire(state))
    for (const auto& [gate, approval] : state.approvals)
      if (approval.state == GateState::Waiting)
        deadlines.push_back({approval.expiresAt, "approval", "", true});
  if (state.isBaking)
    deadlines.push_back({state.bakeDeadline, "bake", "", false});
  for (const auto& view : viewsOf(state)) {
    addCopies(deadlines, view);
    addService(deadlines, view);
  }
  for (const auto& [id, task] : state.tasks) {
    const auto* plan = planOf(state, task);
    if (plan && task.deadline != BootTime())
      deadlines.push_back({task.deadline, "task", plan->spec.service, true});
    if (plan && isRetryDue(state, *plan, task))
      deadlines.push_back({task.retryAt, "retry", plan->spec.service, false});
  }
  if (!canDestroy(state))
    std::erase_if(deadlines, [](const auto& deadline) { return deadline.isDestructive; });
  std::stable_sort(deadlines.begin(), deadlines.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  return deadlines;
}

} // namespace ratdeck
