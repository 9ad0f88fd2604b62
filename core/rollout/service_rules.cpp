// How one service goes forward: batch after batch, the drain of active runs before each switch, its end.
// Start-first: the new copies of a batch start, pass their gates, join; then its old ones are drained.
// Stop-first: the old ones drain, leave and end; then the new ones start.
// In a try: the new copies start, pass their gates, and the service is undone.
#include "core/rollout/turn.h"

#include <algorithm>

namespace ratdeck {

using Phase = InstancePhase;
using Role = InstanceRole;

namespace {

Json idsOf(const ServiceView& view, Role role, int batch) {
  auto ids = Json::array();
  for (const auto* copy : view.copies)
    if (copy->role == role && copy->batch == batch)
      ids.push_back(copy->id.value);
  return ids;
}

void startBatch(Turn& turn, const ServiceView& view) {
  if (!view.mayStartNextBatch())
    return;
  if (view.service.batch > 0 && !turn.hasPassed(view.service.batchSwitchedAt.boot + view.plan.delay))
    return;
  auto next = view.service.batch + 1;
  turn.emit(EventType::BatchStarted, view,
            {{"batch", next}, {"new", idsOf(view, Role::New, next)}, {"old", idsOf(view, Role::Old, next)}});
}

const char* nameOf(DeadlineAction action) {
  switch (action) {
  case DeadlineAction::Wait:
    return "wait";
  case DeadlineAction::Extend:
    return "extend";
  case DeadlineAction::End:
    return "end";
  case DeadlineAction::Undo:
    return "undo";
  }
  return "wait";
}

void passDrainDeadline(Turn& turn, const ServiceView& view) {
  auto action = view.plan.drain->atDeadline;
  if (action == DeadlineAction::Extend && view.service.isDrainExtended)
    action = DeadlineAction::Wait;
  if (action == DeadlineAction::Wait && !turn.state().hasPerson)
    action = DeadlineAction::Undo;
  auto waited = toHumanString(turn.now().boot - view.service.drainSince.boot);
  turn.emit(EventType::DrainDeadlinePassed, view,
            {{"action", nameOf(action)},
             {"runs", view.service.runs},
             {"for_s", seconds(view.plan.drain->extension)}},
            "active runs of " + view.name() + " did not end within " + waited);
}

const char* whatCalls(const DrainCall& call) {
  return call.signal.empty() ? "a command" : call.signal.c_str();
}

void closeOldOnes(Turn& turn, const ServiceView& view) {
  const auto& hook = view.plan.drain->hook;
  if (!hook || !view.service.isDrainingRuns || view.service.mustUndo)
    return;
  for (const auto* copy : view.copies)
    if (copy->role == Role::Old && copy->batch == view.service.batch && serves(*copy) && !copy->hasExited &&
        copy->newWork == NewWork::Open)
      turn.emit(EventType::DrainHookRequested, *copy, {{"by", whatCalls(*hook)}});
}

// True when nothing is waited for any more. Old copies are told to take no new work when new ones can.
bool drainRuns(Turn& turn, const ServiceView& view) {
  if (!view.drainsRuns())
    return true;
  const auto& service = view.service;
  auto isEarly = view.plan.drain->hook && !view.isStopFirst() && view.isBatchGating();
  if (isEarly && !service.isDrainingRuns)
    return false;
  if (!service.isDrainingRuns && !service.runsDrained)
    turn.emit(EventType::DrainStarted, view, {{"deadline_s", seconds(view.plan.drain->deadline)}});
  closeOldOnes(turn, view);
  if (service.isDrainingRuns && !service.runsDrained && !view.awaitsDrainDecision() && !service.mustUndo &&
      canDestroy(turn.state()) && turn.hasPassed(service.drainDeadline))
    passDrainDeadline(turn, view);
  return service.runsDrained && !view.any(isBeingTold);
}

void join(Turn& turn, const ServiceView& view, const InstanceRollout& copy) {
  turn.emit(view.isRouted() ? EventType::JoinRequested : EventType::ServingStarted, copy);
}

// Where runs are waited for, all copies of the batch switch in one moment, and no earlier than all are ready.
void joinReady(Turn& turn, const ServiceView& view, bool runsAreDrained) {
  if (view.plan.isOneShot)
    return;
  auto inBatch = [&](const InstanceRollout& copy) {
    return copy.role == Role::New && copy.batch == view.service.batch && !copy.hasFailed;
  };
  if (!runsAreDrained || (view.drainsRuns() && view.isBatchGating()))
    return;
  for (const auto* copy : view.copies)
    if (inBatch(*copy) && copy->phase == Phase::Ready && !copy->hasExited)
      join(turn, view, *copy);
}

void startNewCopies(Turn& turn, const ServiceView& view) {
  for (const auto* copy : view.copies)
    if (copy->role == Role::New && copy->batch == view.service.batch && copy->phase == Phase::Pending)
      turn.emit(EventType::StartRequested, *copy,
                {{"revision", turn.state().plan.revision}, {"role", toString(copy->role)}});
}

bool areOldOnesEnded(const ServiceView& view) {
  return !view.any([&](const auto& copy) {
    return copy.role == Role::Old && copy.batch == view.service.batch &&
           (copy.phase != Phase::Retired || copy.isLeftover);
  });
}

// One-shots are done at exit code 0; their exited copy stays to be read.
void finishOneShots(Turn& turn, const ServiceView& view) {
  if (!view.plan.isOneShot)
    return;
  for (const auto* copy : view.copies)
    if (copy->role == Role::New && copy->phase == Phase::Ready)
      turn.emit(EventType::InstanceRetired, *copy, {{"kept", true}});
}

// The old copies of the batch begin to go: how many, counted so that a failed new one keeps one.
void releaseOldOnes(Turn& turn, const ServiceView& view, int batch) {
  auto surplus = view.comingBack(batch) - view.wantedBack(batch);
  for (const auto* copy : view.copies) {
    if (surplus <= 0)
      return;
    if (copy->role != Role::Old || copy->batch != batch || copy->phase != Phase::Serving ||
        isBeingTold(*copy))
      continue;
    turn.emit(view.isRouted() ? EventType::RouterDrainRequested : EventType::StopRequested, *copy);
    --surplus;
  }
}

void switchBatch(Turn& turn, const ServiceView& view) {
  if (view.isBatchAtWork())
    return;
  turn.emit(EventType::BatchSwitched, view, {{"batch", view.service.batch}});
  if (view.service.batch >= view.service.batches)
    turn.emit(EventType::ServiceSwitched, view);
}

void advanceBatch(Turn& turn, const ServiceView& view) {
  if (view.service.phase != ServicePhase::Rolling || view.service.batch == 0 || view.service.isBatchSwitched)
    return;
  auto areAllIn = !view.any([&](const auto& copy) { // nothing is left to switch
    return copy.role == Role::New && copy.batch == view.service.batch && !copy.hasFailed &&
           isIn(copy, {Phase::Pending, Phase::Starting, Phase::Gating, Phase::Ready});
  });
  if (view.isStopFirst()) {
    auto hasBegun = view.any([&](const auto& copy) {
      return copy.role == Role::Old && copy.batch == view.service.batch && copy.phase != Phase::Serving;
    });
    if (!hasBegun && !drainRuns(turn, view))
      return;
    if (!view.any([&](const auto& copy) {
          return copy.role == Role::New && copy.batch == view.service.batch && copy.phase != Phase::Pending;
        }))
      releaseOldOnes(turn, view, view.service.batch);
    if (areOldOnesEnded(view))
      startNewCopies(turn, view);
    joinReady(turn, view, areOldOnesEnded(view));
  } else {
    startNewCopies(turn, view);
    joinReady(turn, view, areAllIn || drainRuns(turn, view));
  }
  finishOneShots(turn, view);
  switchBatch(turn, view);
}

// What is tried gets no traffic; it goes once all of it has passed its gate.
void tryCopies(Turn& turn, const ServiceView& view) {
  if (view.service.batch == 0)
    return;
  startNewCopies(turn, view);
  if (!view.any(
          [](const auto& copy) { return copy.phase != Phase::Ready || copy.hasExited || copy.hasFailed; }))
    turn.emit(EventType::ServiceTried, view);
}

void finish(Turn& turn, const ServiceView& view) {
  const auto& service = view.service;
  if (!service.hasSwitched || !view.isForward() || service.phase == ServicePhase::Finished)
    return;
  auto isSwitched =
      service.phase == ServicePhase::Watching || service.phase == ServicePhase::AwaitingApprovalAfter;
  if (isSwitched) // also where its wave is over: who goes on after a stop needs them still
    areTasksDone(turn, TaskSpec::When::After, view.name());
  if (service.hasMonitorPassed && isSwitched && view.isQuiet() && view.areOldOnesDrained() &&
      isApprovedAfter(view))
    turn.emit(EventType::ServiceFinished, view);
}

} // namespace

void advanceService(Turn& turn, const ServiceView& view) {
  if (turn.state().phase != RolloutPhase::Rolling || !view.isForward())
    return;
  passMonitor(turn, view);
  startBatch(turn, view);
  if (turn.state().plan.isTry)
    return tryCopies(turn, view);
  advanceBatch(turn, view);
  if (!view.isStopFirst() && view.service.isBatchSwitched)
    for (int batch = 1; batch <= view.service.batch; ++batch)
      releaseOldOnes(turn, view, batch);
  finish(turn, view);
}

} // namespace ratdeck
