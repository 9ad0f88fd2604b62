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

void endUndo(Turn& turn) {
  if (!everyView(turn, isUndoOver))
    return;
  const auto& state = turn.state();
  if (anyView(turn, hasUndoFailed))
    return end(turn, RolloutResult::RollbackFailed, state.undoReason);
  auto isUntouched = !state.hasChanged && state.undoResult == RolloutResult::RolledBack;
  end(turn, isUntouched ? RolloutResult::Failed : state.undoResult, state.undoReason);
}

void endRolling(Turn& turn) {
  const auto& state = turn.state();
  if (areWavesOver(state) && everyView(turn, isAtEnd)) {
    if (state.plan.isTry)
      return endTry(turn);
    if (anyView(turn, wasUndone))
      return end(turn, RolloutResult::RolledBack, "the services that failed are back on their old versions");
    if (anyView(turn, leftFailures))
      return end(turn, RolloutResult::PausedMixed, "copies that failed were left on the old version or out");
    if (!isBaked(turn))
      return;
    return end(turn, RolloutResult::Succeeded, "");
  }
  auto isBroken = anyView(turn, hasUndoFailed);
  if (!isBroken && (!state.stopsHere || isInHandover(state)))
    return;
  for (const auto& view : turn.views())
    if (!isAtRest(view))
      return;
  if (isBroken)
    return end(turn, RolloutResult::RollbackFailed, "an old version could not be brought back");
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
