// When a rollout is over, and what it is called then:
//
//   succeeded         all services finished, all copies new
//   paused_mixed      stopped here by a person, or copies that failed were tolerated
//   rolled_back       a failure; the old versions are back (of the failed services alone, where
//                     on_failure_scope says service)
//   aborted           a person undid it
//   rejected          an approval was rejected or expired
//   failed            a failure, or a stop, before anything was changed
//   rollback_failed   an old version could not be brought back; what serves goes on serving
//
// A try, which leaves nothing whatever came of it: succeeded if every gate passed and every copy is gone,
// else failed; aborted if a person ended it before.
#include "core/base/wording.h"
#include "core/rollout/task_view.h"
#include "core/rollout/turn.h"

#include <algorithm>

namespace ratdeck {

namespace {

using Role = InstanceRole;

bool everyView(Turn& turn, bool (*fits)(const ServiceView&)) {
  return std::all_of(turn.views().begin(), turn.views().end(), fits);
}

bool anyView(Turn& turn, bool (*fits)(const ServiceView&)) {
  return std::any_of(turn.views().begin(), turn.views().end(), fits);
}

// Asked when all waves are over: a service that is still pending then stands in none of them.
bool isAtEnd(const ServiceView& view) {
  return (view.service.phase == ServicePhase::Finished || view.service.phase == ServicePhase::Undone ||
          view.service.phase == ServicePhase::Pending) &&
         view.isQuiet();
}

bool areWavesOver(const RolloutState& state) {
  return std::all_of(state.plan.waves.begin(), state.plan.waves.end(),
                     [&](const auto& wave) { return wave.index <= state.wavesFinished; });
}

bool hasUndoFailed(const ServiceView& view) {
  return view.service.hasUndoFailed;
}

bool wasUndone(const ServiceView& view) {
  return view.service.phase == ServicePhase::Undone;
}

bool leftFailures(const ServiceView& view) {
  return view.service.phase == ServicePhase::Finished &&
         view.any([](const auto& copy) { return copy.role == Role::New && copy.hasFailed; });
}

std::string leftovers(const RolloutState& state) {
  std::string text;
  for (const auto& [id, copy] : state.instances)
    if (copy.isLeftover)
      text += (text.empty() ? "left over: " : "; ") + copy.failure;
  return text;
}

void end(Turn& turn, RolloutResult result, std::string reason) {
  if (auto left = leftovers(turn.state()); !left.empty())
    reason += (reason.empty() ? "" : "; ") + left;
  turn.emit(EventType::RolloutEnded, Json({{"result", toString(result)}, {"reason", reason}}));
}

// Between two batches, or before the first: a good moment to stop.
bool isAtRest(const ServiceView& view) {
  if (!view.isQuiet())
    return false;
  switch (view.service.phase) {
  case ServicePhase::Pending:
  case ServicePhase::AwaitingApproval:
  case ServicePhase::Finished:
  case ServicePhase::Undone:
    return true;
  case ServicePhase::Rolling:
    return view.service.batch == 0 ||
           (view.service.isBatchSwitched && view.areOldOnesDrained() && view.service.hasMonitorPassed);
  case ServicePhase::Failed:
    return view.service.hasUndoFailed;
  case ServicePhase::Watching:
  case ServicePhase::AwaitingApprovalAfter:
  case ServicePhase::Undoing:
    return false;
  }
  return false;
}

RolloutResult resultOfStop(const RolloutState& state) {
  if (!state.hasChanged)
    return RolloutResult::Failed;
  return state.plan.isTry ? RolloutResult::Aborted : RolloutResult::PausedMixed;
}

void endTry(Turn& turn) {
  std::string why;
  for (const auto& view : turn.views())
    if (!view.service.isTried)
      why += (why.empty() ? "" : "; ") +
             (view.service.failure.empty() ? view.name() + " was not tried" : view.service.failure);
  auto isGood = why.empty() && leftovers(turn.state()).empty();
  end(turn, isGood ? RolloutResult::Succeeded : RolloutResult::Failed, why);
}

bool isUndoOver(const ServiceView& view) {
  auto wasNeverBegun =
      view.service.phase == ServicePhase::Pending || view.service.phase == ServicePhase::AwaitingApproval;
  return (wasNeverBegun || wasUndone(view) || view.service.hasUndoFailed) && view.isQuiet();
}

// Of the services that went back, and of the release.
bool areFailureHooksDone(Turn& turn) {
  std::vector<std::string> places;
  for (const auto& view : turn.views())
    if (wasUndone(view) || view.service.hasUndoFailed)
      places.push_back(view.name());
  places.emplace_back();
  return std::all_of(places.begin(), places.end(),
                     [&](const auto& place) { return areTasksDone(turn, TaskSpec::When::OnFailure, place); });
}

std::string whyTaskNotUndone(const RolloutState& state) {
  for (const auto& [id, task] : state.tasks)
    if (task.phase == TaskPhase::UndoFailed)
      return task.failure;
  return {};
}

// What could not be reversed is said once more at the end.
std::string withSchema(const RolloutState& state, std::string reason) {
  std::vector<std::string> stay;
  for (const auto& plan : state.plan.tasks)
    if (const auto& task = state.tasks.at(plan.spec.id);
        plan.spec.isOfSchema() && plan.reverses == 0 && task.phase != TaskPhase::Undone)
      for (auto& version : versionsOf(plan, task))
        stay.push_back(std::move(version));
  if (!stay.empty())
    reason += (reason.empty() ? "" : "; ") + std::string("these schema versions stay: ") + listed(stay);
  return reason;
}

void endUndo(Turn& turn) {
  if (!everyView(turn, isUndoOver) || !undoTasks(turn, {}) || !areFailureHooksDone(turn) ||
      isTaskInHand(turn.state()))
    return;
  const auto& state = turn.state();
  const auto reason = withSchema(state, state.undoReason);
  if (anyView(turn, hasUndoFailed))
    return end(turn, RolloutResult::RollbackFailed, reason);
  if (const auto why = whyTaskNotUndone(state); !why.empty())
    return end(turn, RolloutResult::RollbackFailed, why + "; " + reason);
  auto isUntouched = !state.hasChanged && state.undoResult == RolloutResult::RolledBack;
  end(turn, isUntouched ? RolloutResult::Failed : state.undoResult, reason);
}

std::string passedOver(const RolloutState& state) {
  std::string text;
  for (const auto& plan : state.plan.tasks) {
    const auto& task = state.tasks.at(plan.spec.id);
    const bool isLeftOut = task.phase == TaskPhase::Pending && plan.spec.when != TaskSpec::When::OnFailure;
    if (task.isAccepted || isLeftOut)
      text += (text.empty() ? "passed over: " : "; ") +
              (isLeftOut ? titleOf(plan.spec) + " was not run" : task.failure);
  }
  return text;
}

// A stop passes over them; who goes on after it still needs them.
bool areServicesTasksDone(Turn& turn) {
  return turn.state().stopsHere ||
         std::all_of(turn.views().begin(), turn.views().end(), [&](const auto& view) {
           return areTasksDone(turn, TaskSpec::When::After, view.name());
         });
}

// Hooks, the watch over the new release, and only then what takes away the way back.
bool areLastStepsDone(Turn& turn) {
  constexpr auto after = TaskSpec::When::After;
  if (anyView(turn, wasUndone) || anyView(turn, leftFailures))
    return areFailureHooksDone(turn);
  return turn.state().plan.isTry || (areServicesTasksDone(turn) && areTasksDone(turn, after, "", false) &&
                                     isBaked(turn) && areTasksDone(turn, after, ""));
}

void endRolling(Turn& turn) {
  const auto& state = turn.state();
  const bool isInPlace = areWavesOver(state) && everyView(turn, isAtEnd);
  if (isInPlace && areLastStepsDone(turn) && !isTaskInHand(state)) {
    if (state.plan.isTry)
      return endTry(turn);
    if (const auto why = whyTaskNotUndone(state); !why.empty())
      return end(turn, RolloutResult::RollbackFailed, why);
    if (isStuck(state))
      return end(turn, RolloutResult::RollbackFailed, state.heldReason);
    if (anyView(turn, wasUndone))
      return end(turn, RolloutResult::RolledBack, "the services that failed are back on their old versions");
    if (anyView(turn, leftFailures))
      return end(turn, RolloutResult::PausedMixed, "copies that failed were left on the old version or out");
    return end(turn, RolloutResult::Succeeded, passedOver(state));
  }
  if (isInPlace && state.isBaking)
    return;
  auto isBroken = anyView(turn, hasUndoFailed);
  if (!isBroken && (!state.stopsHere || isInHandover(state)))
    return;
  for (const auto& view : turn.views())
    if (!isAtRest(view))
      return;
  if (isTaskInHand(state))
    return;
  if (isBroken)
    return end(turn, RolloutResult::RollbackFailed, "an old version could not be brought back");
  if (isStuck(state))
    return end(turn, RolloutResult::RollbackFailed, state.heldReason);
  auto reason = state.heldReason.empty() ? "stopped here" : "stopped here: " + state.heldReason;
  end(turn, resultOfStop(state), reason);
}

} // namespace

void advanceEnd(Turn& turn) {
  if (turn.state().phase == RolloutPhase::Rolling)
    endRolling(turn);
  else if (turn.state().phase == RolloutPhase::Undoing)
    endUndo(turn);
}

} // namespace ratdeck
