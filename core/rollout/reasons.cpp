// Why nothing seems to happen. As long as a rollout is neither new nor ended, and no effect is in hand, there
// is at least one reason.
#include "core/rollout/drain_steps.h"
#include "core/rollout/effect_rules.h"
#include "core/rollout/rollout.h"
#include "core/rollout/task_view.h"
#include "core/rollout/turn.h"

#include <algorithm>

namespace ratdeck {

using Phase = InstancePhase;
using Role = InstanceRole;

namespace {

// The time a destructive deadline has; none while it cannot fire.
std::optional<BootTime> unlessAway(const RolloutState& state, BootTime at) {
  return canDestroy(state) ? std::optional(at) : std::nullopt;
}

void addApprovals(std::vector<WaitReason>& reasons, const RolloutState& state) {
  for (const auto& [gate, approval] : state.approvals) {
    if (approval.state != GateState::Waiting)
      continue;
    auto service = approval.service;
    for (const auto& spec : state.plan.approvals)
      if (spec.id == gate.value)
        service = spec.service;
    auto text = approval.question.empty() ? "waiting for approval \"" + gate.value + "\""
                                          : "waiting for a decision: " + approval.question;
    reasons.push_back({"approval", service, text, approval.since,
                       mayExpire(state) ? unlessAway(state, approval.expiresAt) : std::nullopt,
                       mayExpire(state) || state.stopsHere ? "nobody decided: undo" : ""});
  }
}

void addHold(std::vector<WaitReason>& reasons, const RolloutState& state) {
  if (!state.isHeld)
    return;
  std::string text = state.stopsHere ? "stopping here, after the swaps in hand" : "held";
  if (!state.heldBy.empty())
    text += " by " + state.heldBy;
  if (!state.heldReason.empty())
    text += ": " + state.heldReason;
  reasons.push_back({"held", "", text, state.heldSince, std::nullopt, ""});
}

const char* afterDrainDeadline(const ServiceView& view) {
  switch (view.plan.drain ? view.plan.drain->atDeadline : DeadlineAction::Wait) {
  case DeadlineAction::Wait:
    return view.rollout.hasPerson ? "ask a person" : "undo";
  case DeadlineAction::Extend:
    return view.service.isDrainExtended ? (view.rollout.hasPerson ? "ask a person" : "undo") : "extend once";
  case DeadlineAction::End:
    return "end the runs and switch";
  case DeadlineAction::Undo:
    return "undo";
  }
  return "undo";
}

std::string runsText(const ServiceView& view) {
  const int runs = view.service.activeRuns;
  if (runs < 0)
    return "an unknown number of active runs of " + view.name() +
           (view.service.runsTrouble.empty() ? "" : " (" + view.service.runsTrouble + ")");
  return std::to_string(runs) + (runs == 1 ? " active run of " : " active runs of ") + view.name();
}

void addRuns(std::vector<WaitReason>& reasons, const ServiceView& view) {
  const auto& service = view.service;
  if (!service.isDrainingRuns || service.runsDrained)
    return;
  const auto steps = drainStepsText(view);
  const auto runs = runsText(view) + (service.drainAwaitsDecision ? "" : " to end") +
                    (steps.empty() ? "" : " (" + steps + ")");
  const auto oldest = oldestRunSince(service);
  if (service.drainAwaitsDecision)
    reasons.push_back({"runs", view.name(), "waiting for a decision on " + runs, service.drainAskedAt,
                       std::nullopt, "", oldest});
  else
    reasons.push_back({"runs", view.name(), "waiting for " + runs, service.drainSince,
                       unlessAway(view.rollout, service.drainDeadline), afterDrainDeadline(view), oldest});
}

std::string inFlightText(const InstanceRollout& copy) {
  const auto count = copy.inFlight < 0 ? std::string() : std::to_string(copy.inFlight) + " ";
  return count + (copy.inFlight == 1 ? "request" : "requests") + " in flight on " + copy.id.value;
}

// Where the old copy had to stop first, that is what users feel.
std::string absenceText(const ServiceView& view) {
  const bool isServed =
      view.any([](const auto& copy) { return copy.phase == Phase::Serving && !copy.hasFailed; });
  return view.isStopFirst() && !isServed ? "; nobody serves " + view.name() + " meanwhile" : std::string();
}

std::string gateText(const ServiceView& view, const InstanceRollout& copy) {
  for (const auto& [probe, answer] : copy.probes)
    if (!answer.empty())
      return copy.id.value + " is not healthy yet: " + probe + " says " + answer + absenceText(view);
  return copy.id.value + " is not healthy yet" + absenceText(view);
}

std::string afterGateDeadline(const ServiceView& view) {
  if (view.rollout.phase == RolloutPhase::Undoing)
    return "try a new copy";
  switch (view.plan.failureAction) {
  case FailureAction::Rollback:
    return "undo";
  case FailureAction::Pause:
    return view.rollout.hasPerson ? "hold and ask" : "undo";
  case FailureAction::Continue:
    return "keep the old copy";
  }
  return "undo";
}

void addRetry(std::vector<WaitReason>& reasons, const InstanceRollout& copy) {
  auto kind = effectKindOf(copy);
  if (!kind || copy.attempt <= 1)
    return;
  reasons.push_back({"retry", copy.service,
                     std::string("attempt ") + std::to_string(copy.attempt) + " to " + toString(*kind) + " " +
                         copy.id.value + ": " + copy.effectError,
                     copy.phaseSince, copy.retryAt, "try again"});
}

void addCopies(std::vector<WaitReason>& reasons, const ServiceView& view) {
  for (const auto* copy : view.copies) {
    addRetry(reasons, *copy);
    if (copy->phase == Phase::Gating && !copy->hasFailed)
      reasons.push_back({"gate", view.name(), gateText(view, *copy), copy->phaseSince,
                         unlessAway(view.rollout, copy->gateDeadline), afterGateDeadline(view)});
    if (copy->phase == Phase::Draining && copy->isOutOfRotation)
      reasons.push_back({"in-flight", view.name(), inFlightText(*copy), copy->phaseSince,
                         unlessAway(view.rollout, copy->inFlightDeadline), "cut them off"});
    if (copy->phase == Phase::Warm && copy->role == Role::Old && view.isForward() && isApprovedAfter(view) &&
        !awaitsVerdict(view))
      reasons.push_back({"keep-warm", view.name(), copy->id.value + " is kept without traffic for an undo",
                         copy->phaseSince, warmUntil(view, *copy), "stop it"});
  }
}

// What is being judged, where that is known already.
std::string analysesText(const ServiceView& view) {
  std::string text;
  for (const auto& [key, analysis] : view.service.analyses)
    text += (text.empty() ? ": " : "; ") + analysis.text;
  return text;
}

void addPauses(std::vector<WaitReason>& reasons, const ServiceView& view) {
  const auto& service = view.service;
  if (view.rollout.phase != RolloutPhase::Rolling || !service.isBatchSwitched || !view.isForward())
    return;
  auto since = service.batchSwitchedAt;
  if (!service.hasMonitorPassed && view.plan.monitor > Duration::zero() && !awaitsVerdict(view))
    reasons.push_back({"monitor", view.name(),
                       "watching the new copies of " + view.name() + analysesText(view), since,
                       since.boot + view.plan.monitor, service.hasSwitched ? "call it good" : "next batch"});
  if (service.hasMonitorPassed && view.mayStartNextBatch())
    reasons.push_back({"delay", view.name(), "pausing between two batches of " + view.name(), since,
                       since.boot + view.plan.delay, "next batch"});
}

const char* afterTaskLimit(const RolloutState& state, const TaskPlan& plan, const TaskRollout& task) {
  if (task.phase == TaskPhase::Undoing || state.phase == RolloutPhase::Undoing)
    return "count it as failed";
  switch (plan.spec.onError) {
  case TaskSpec::OnError::Undo:
    return "undo";
  case TaskSpec::OnError::Ask:
    return state.hasPerson ? "hold and ask" : "undo";
  case TaskSpec::OnError::Ignore:
    return "pass over it";
  }
  return "undo";
}

std::string taskText(const TaskPlan& plan, const TaskRollout& task) {
  const auto title = titleOf(plan.spec);
  if (task.isInDoubt)
    return "nobody knows what became of " + title + ": waiting for its status to tell";
  if (task.attempt > 1)
    return title + ": attempt " + std::to_string(task.attempt) + ": " + task.effectError;
  switch (task.phase) {
  case TaskPhase::Running:
    return title + (plan.reverses > 0 ? " is being taken back" : " is running");
  case TaskPhase::Undoing:
    return title + " is being taken back";
  case TaskPhase::Looking:
  case TaskPhase::Confirming:
  case TaskPhase::Settling:
    return "reading the schema versions for " + title;
  case TaskPhase::Pending:
  case TaskPhase::Watching:
  case TaskPhase::Done:
  case TaskPhase::Failed:
  case TaskPhase::Undone:
  case TaskPhase::UndoFailed:
    break;
  }
  return "clearing up after " + title;
}

void addTasks(std::vector<WaitReason>& reasons, const RolloutState& state) {
  for (const auto& [id, task] : state.tasks) {
    const auto* plan = planOf(state, task);
    if (!plan || !isInHand(task))
      continue;
    const bool isLimited = task.deadline != BootTime();
    const auto until = isLimited          ? unlessAway(state, task.deadline)
                       : task.attempt > 1 ? std::optional(task.retryAt)
                                          : std::nullopt;
    reasons.push_back({"task", plan->spec.service, taskText(*plan, task), task.phaseSince, until,
                       isLimited ? afterTaskLimit(state, *plan, task)
                       : until   ? "try again"
                                 : ""});
  }
}

// A service of the wave in hand whose migration waits for another's.
void addSchemaTurns(std::vector<WaitReason>& reasons, const RolloutState& state) {
  if (state.phase != RolloutPhase::Rolling || startsNothingNew(state))
    return;
  for (const auto& plan : state.plan.tasks) {
    const auto* task = taskOf(state, plan.spec.id);
    const auto service = state.services.find(plan.spec.service);
    const auto of = state.plan.services.find(plan.spec.service);
    const bool isDue = task && task->phase == TaskPhase::Pending && service != state.services.end() &&
                       of != state.plan.services.end() && of->second.wave == state.wave &&
                       service->second.phase == ServicePhase::Pending &&
                       plan.spec.when == TaskSpec::When::Before;
    if (const auto* other =
            isDue && plan.spec.isOfSchema() ? otherSchemaInHand(state, plan.spec, true) : nullptr)
      reasons.push_back({"task", plan.spec.service,
                         titleOf(plan.spec) + " waits for " + titleOf(other->spec) +
                             ": the schema is changed by one at a time",
                         taskOf(state, other->spec.id)->startedAt, std::nullopt, ""});
  }
}

} // namespace

std::vector<WaitReason> reasonsOf(const RolloutState& state) {
  std::vector<WaitReason> reasons;
  if (state.phase != RolloutPhase::Rolling && state.phase != RolloutPhase::Undoing)
    return reasons;
  if (state.isAway)
    reasons.push_back({"away", "", "the target does not answer", state.awaySince, std::nullopt, ""});
  addApprovals(reasons, state);
  addHold(reasons, state);
  addTasks(reasons, state);
  addSchemaTurns(reasons, state);
  if (state.isBaking)
    reasons.push_back({"bake", "", "all is in place; watching the new release", state.bakeSince,
                       state.bakeDeadline, "count it as done"});
  for (const auto& view : viewsOf(state)) {
    addRuns(reasons, view);
    addCopies(reasons, view);
    addPauses(reasons, view);
  }
  return reasons;
}

} // namespace ratdeck
