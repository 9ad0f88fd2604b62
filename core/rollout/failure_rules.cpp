// What has failed, and what becomes of it. A copy fails (gate, verify, in service); its service fails when
// more of its copies failed than maxFailureRatio allows, and then its failureAction says what follows:
//
//   Rollback          undo the release, or this service alone (on_failure_scope)
//   Pause             hold, and let a person choose: continue, abort, stop here; without one: Rollback
//   Continue          the batch keeps as many old copies as new ones failed, and the rollout goes on
//
// Failures within the ratio are treated like Continue.
#include "core/rollout/past_schema.h"
#include "core/rollout/turn.h"

#include <algorithm>

namespace ratdeck {

using Phase = InstancePhase;
using Role = InstanceRole;

namespace {

bool isOld(const InstanceRollout& copy) {
  return copy.role == Role::Old;
}

std::string whyExited(const InstanceRollout& copy) {
  return copy.id.value + " exited by itself";
}

std::string givenUp(const InstanceRollout& copy, const char* what) {
  return copy.id.value + " " + what + ": " + copy.effectError;
}

std::string lastProbeAnswer(const InstanceRollout& copy) {
  for (const auto& [probe, answer] : copy.probes)
    if (!answer.empty())
      return ": " + probe + " says " + answer;
  return copy.probes.empty() ? ": no probe has answered" : "";
}

void failGate(Turn& turn, const ServiceView& view, const InstanceRollout& copy) {
  if (copy.phase == Phase::Starting && copy.hasGivenUp) {
    turn.emit(EventType::GateFailed, copy, {}, givenUp(copy, "could not be started"));
  } else if (copy.phase == Phase::Gating && copy.hasExited) {
    turn.emit(EventType::GateFailed, copy, {}, whyExited(copy) + " before its gate passed");
  } else if (copy.phase == Phase::Gating && turn.hasPassed(copy.gateDeadline) && canDestroy(turn.state())) {
    turn.emit(EventType::GateFailed, copy, {},
              copy.id.value + " did not pass its gate within " + toHumanString(gateLimit(view.plan)) +
                  lastProbeAnswer(copy));
  }
}

void failSwitch(Turn& turn, const InstanceRollout& copy) {
  if (copy.phase == Phase::Joining && copy.hasGivenUp)
    turn.emit(EventType::VerifyFailed, copy, {}, givenUp(copy, "could not join the router"));
  else if (copy.phase == Phase::Verifying && copy.hasGivenUp)
    turn.emit(EventType::VerifyFailed, copy, {}, givenUp(copy, "did not answer through the router"));
  else if (copy.hasExited && isIn(copy, {Phase::Ready, Phase::Joining, Phase::Verifying, Phase::Serving}))
    turn.emit(EventType::ServingWentBad, copy, {}, whyExited(copy));
}

void failReturn(Turn& turn, const InstanceRollout& copy) {
  if (copy.phase == Phase::Returning && copy.hasGivenUp)
    turn.emit(EventType::ReturnFailed, copy, {}, givenUp(copy, "could not take traffic again"));
  else if (copy.phase == Phase::Returning && copy.hasExited)
    turn.emit(EventType::ReturnFailed, copy, {}, whyExited(copy));
}

// What an old copy is told by a drain: one that does not hear of the drain is waited for all the same, one
// that does not hear of its end is replaced.
void failHook(Turn& turn, const InstanceRollout& copy) {
  if (copy.newWork == NewWork::Closing && copy.hasGivenUp)
    turn.emit(EventType::DrainHookFailed, copy, {}, copy.effectError);
  else if (copy.newWork == NewWork::Opening && copy.hasGivenUp)
    turn.emit(EventType::ReturnFailed, copy, {}, givenUp(copy, "could not be told to take new work again"));
}

// The copy is on its way out anyway: what it can do no more is no news.
bool isLeaving(const ServiceView& view, const InstanceRollout& copy) {
  return view.isUndoing() && copy.role == Role::New;
}

void noteFailures(Turn& turn, const ServiceView& view) {
  for (const auto* copy : view.copies) {
    if (copy->hasFailed)
      continue;
    if (isOld(*copy)) {
      failReturn(turn, *copy);
      failHook(turn, *copy);
    } else if (!isLeaving(view, *copy) || isIn(*copy, {Phase::Joining, Phase::Verifying, Phase::Serving})) {
      failGate(turn, view, *copy);
      if (!copy->hasFailed)
        failSwitch(turn, *copy);
    }
  }
}

bool cannotLeave(const InstanceRollout& copy) {
  return copy.phase == Phase::Leaving && copy.hasGivenUp;
}

// What no failureAction may pass over: copies that do not leave the router, old ones that stop-first cannot
// end.
std::string whyStuck(const ServiceView& view) {
  for (const auto* copy : view.copies) {
    if (cannotLeave(*copy) || (copy->phase == Phase::Draining && copy->hasGivenUp && !copy->hasFailed))
      return givenUp(*copy, "does not leave the router");
    if (copy->isLeftover && isOld(*copy) && view.isStopFirst() && copy->batch == view.service.batch &&
        !view.service.isBatchSwitched)
      return copy->failure;
  }
  return {};
}

// Of the newest copy that was to bring the old version back and failed.
std::string lastRestoreFailure(const ServiceView& view) {
  const InstanceRollout* newest = nullptr;
  for (const auto* copy : view.copies)
    if (copy->role == Role::Restored && copy->hasFailed && (!newest || copy->number > newest->number))
      newest = copy;
  return newest && !newest->failure.empty() ? newest->failure : "its old version did not come back";
}

// Nothing more can be tried to bring the old version back.
std::string whyUndoIsBroken(const ServiceView& view) {
  constexpr int mostRestoreFailures = 2;
  if (view.service.restoreFailures > mostRestoreFailures && !view.wasDown())
    return lastRestoreFailure(view);
  if (view.isUndoing())
    for (const auto* copy : view.copies)
      if (cannotLeave(*copy) && (!isOld(*copy) || copy->hasFailed))
        return givenUp(*copy, "does not leave the router");
  return {};
}

std::string whyFailed(const ServiceView& view) {
  std::string why;
  for (const auto* copy : view.copies)
    if (copy->hasFailed && copy->role == Role::New)
      why += (why.empty() ? "" : "; ") + copy->failure;
  return why;
}

bool pauses(const Turn& turn, const ServiceView& view) {
  return view.plan.failureAction == FailureAction::Pause && turn.state().hasPerson && !view.service.mustUndo;
}

// Once for each failure: it is what a hold is about from then on, whoever held before.
void askAbout(Turn& turn, const ServiceView& view, const std::string& why) {
  if (!view.service.isAsked)
    turn.emit(EventType::RolloutHeld, view, {}, why);
}

void judgeNewFailure(Turn& turn, const ServiceView& view) {
  if (view.service.mustUndo) {
    turn.emit(EventType::ServiceFailed, view, {{"undo", true}}, view.service.failure);
  } else if (auto stuck = whyStuck(view); !stuck.empty()) {
    turn.emit(EventType::ServiceFailed, view, {{"undo", true}}, stuck);
  } else if (view.failedTooOften() && view.plan.failureAction != FailureAction::Continue) {
    turn.emit(EventType::ServiceFailed, view, {{"undo", false}}, whyFailed(view));
  }
}

// The schema has gone where the old version cannot follow: a person decides, and what serves goes on serving.
bool isPastReturn(Turn& turn, const ServiceView& view) {
  const auto block = whyNotUndone(turn.state());
  if (block.empty())
    return false;
  if (isBlockInDoubt(turn.state())) // its end tells
    return true;
  const auto why = view.service.failure + "; " + block;
  if (!turn.state().hasPerson || turn.state().stopsHere)
    turn.emit(EventType::ServiceUndoFailed, view, {}, why);
  else
    askAbout(turn, view, why);
  return true;
}

void actOnFailure(Turn& turn, const ServiceView& view) {
  if (isPastReturn(turn, view))
    return;
  if (pauses(turn, view)) {
    askAbout(turn, view, view.service.failure);
  } else if (turn.state().plan.onFailureScope == FailureScope::Service) {
    if (undoTasks(turn, UndoOf{true, view.name()}))
      turn.emit(EventType::ServiceUndoStarted, view, {}, view.service.failure);
  } else {
    startUndo(turn, RolloutResult::RolledBack, "", view.service.failure, view.name());
  }
}

void judge(Turn& turn, const ServiceView& view) {
  if (view.service.hasUndoFailed)
    return;
  if (auto why = whyUndoIsBroken(view); !why.empty()) {
    turn.emit(EventType::ServiceUndoFailed, view, {}, why);
    return;
  }
  if (turn.state().phase != RolloutPhase::Rolling)
    return;
  if (view.isForward())
    judgeNewFailure(turn, view);
  if (view.service.phase == ServicePhase::Failed)
    actOnFailure(turn, view);
}

bool isAbout(const RolloutState& state, const GateId& gate, const ServiceView& view) {
  return gate == inconclusiveGate(view) ||
         std::any_of(state.plan.approvals.begin(), state.plan.approvals.end(),
                     [&](const auto& spec) { return spec.id == gate.value && spec.service == view.name(); });
}

// Nobody decided and nobody can be asked, and the old version cannot come back: it ends where it is.
void endPastReturn(Turn& turn, const GateId& gate, const std::string& why) {
  if (hasBrokenUndo(turn.state()) || turn.state().stopsHere)
    return;
  const auto reason = why + "; " + whyNotUndone(turn.state());
  for (const auto& view : turn.views())
    if (view.isForward() && isAbout(turn.state(), gate, view))
      return turn.emit(EventType::ServiceUndoFailed, view, {}, reason);
  Event event;
  event.type = EventType::RolloutHeld;
  event.reason = reason;
  event.detail = {{"stops_here", true}};
  turn.emit(std::move(event));
}

} // namespace

void advanceFailures(Turn& turn) {
  for (const auto& view : turn.views()) {
    noteFailures(turn, view);
    judge(turn, view);
  }
  if (turn.state().phase != RolloutPhase::Rolling)
    return;
  for (const auto& [gate, approval] : turn.state().approvals)
    if (approval.state == GateState::Rejected || approval.state == GateState::Expired) {
      auto isRejected = approval.state == GateState::Rejected;
      if (!isRejected && isBlockInDoubt(turn.state()))
        return;
      const auto why = "approval \"" + gate.value + "\" " + (isRejected ? "was rejected" : "expired") +
                       (approval.reason.empty() ? "" : ": " + approval.reason);
      if (isRejected || whyNotUndone(turn.state()).empty())
        return startUndo(turn, RolloutResult::Rejected, approval.actor, why, "", approval.pastSchema);
      return endPastReturn(turn, gate, why);
    }
}

void startUndo(Turn& turn, RolloutResult result, const std::string& actor, const std::string& reason,
               const std::string& cause, const std::set<std::string>& past) {
  Event event;
  event.type = EventType::UndoStarted;
  event.actor = actor;
  event.reason = reason;
  event.detail = {{"result", toString(result)}, {"cause", cause}};
  if (!past.empty())
    event.detail["past_schema"] = past;
  turn.emit(std::move(event));
}

} // namespace ratdeck
