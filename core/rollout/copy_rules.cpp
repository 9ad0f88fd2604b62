// The next step of each copy: restored ones on their way in, and every copy that has to go on its way out, in
// the one order that loses nothing: out of rotation, requests in flight answered, evidence kept, out of the
// router, stopped, removed. A copy whose effect is under way is left alone until that has answered.
#include "core/rollout/turn.h"

#include <algorithm>

namespace ratdeck {

using Phase = InstancePhase;
using Role = InstanceRole;

namespace {

bool isLetGo(const InstanceRollout& copy, Instant now) {
  return copy.hasGivenUp || isResting(copy, now);
}

// --- back into service ---

bool canReturnNow(const InstanceRollout& copy, Instant now) {
  if (copy.role != Role::Old || isGone(copy))
    return false;
  return copy.phase == Phase::Warm ||
         (copy.phase == Phase::Draining && (copy.isOutOfRotation || isLetGo(copy, now))) ||
         (copy.phase == Phase::Leaving && (!copy.isInRouter || isLetGo(copy, now)));
}

bool canReturnSoon(const InstanceRollout& copy) {
  return copy.role == Role::Old && !isGone(copy) && isIn(copy, {Phase::Draining, Phase::Leaving});
}

// Where it can be told something: nothing else is asked of it in these phases.
bool canBeTold(const InstanceRollout& copy) {
  return copy.phase == Phase::Serving || copy.phase == Phase::Warm ||
         (copy.phase == Phase::Draining && copy.isOutOfRotation);
}

// A copy that was told to take no new work shall serve again: it is told so, or another takes its place.
// After an undo that failed none can, and it serves as it is. False: there is nothing to do about it.
bool askBack(Turn& turn, const ServiceView& view, const InstanceRollout& copy) {
  if (copy.newWork != NewWork::Closed || !canBeTold(copy))
    return false;
  if (const auto& drain = view.plan.drain; drain && drain->back)
    turn.emit(EventType::BackHookRequested, copy,
              {{"by", drain->back->signal.empty() ? "a command" : drain->back->signal}});
  else if (!view.service.hasUndoFailed)
    turn.emit(EventType::ReturnFailed, copy, {},
              copy.id.value + " was told to take no new work, and nothing takes that back");
  else
    return false;
  return true;
}

void reopen(Turn& turn, const ServiceView& view, const InstanceRollout& copy) {
  if (view.staysInService(copy))
    askBack(turn, view, copy);
}

// Back into the router, if it takes new work; else that first.
void giveBack(Turn& turn, const ServiceView& view, const InstanceRollout& copy) {
  if (!isBeingTold(copy) && !askBack(turn, view, copy))
    turn.emit(EventType::ReturnRequested, copy);
}

std::string prefixOf(const ServiceView& view) {
  for (const auto* copy : view.copies) {
    auto digits = std::to_string(copy->number);
    const auto& id = copy->id.value;
    if (id.size() > digits.size() && id.ends_with(digits))
      return id.substr(0, id.size() - digits.size());
  }
  return view.rollout.plan.project + "-" + view.name() + "-";
}

void restore(Turn& turn, const ServiceView& view, int batch, int howMany) {
  int number = 0;
  for (const auto* copy : view.copies)
    number = std::max(number, copy->number);
  auto prefix = prefixOf(view);
  while (howMany-- > 0) {
    Event event;
    event.type = EventType::StartRequested;
    event.service = view.name();
    event.instance = InstanceId(prefix + std::to_string(++number));
    event.detail = {{"revision", view.plan.fromRevision},
                    {"role", toString(Role::Restored)},
                    {"number", number},
                    {"batch", batch}};
    turn.emit(std::move(event));
  }
}

// Where two copies may not run at once, a restored one waits until there is room.
int roomFor(const ServiceView& view, int wanted) {
  return view.isStopFirst() ? std::min(wanted, view.oldCount() - view.live()) : wanted;
}

// True when a copy was added: the view is out of date then.
bool bringBack(Turn& turn, const ServiceView& view, int batch) {
  if (view.plan.isOneShot) // what it did is not done again
    return false;
  auto missing = view.wantedBack(batch) - view.comingBack(batch);
  for (const auto* copy : view.copies)
    if (missing > 0 && copy->batch == batch && canReturnNow(*copy, turn.now())) {
      giveBack(turn, view, *copy);
      --missing;
    }
  for (const auto* copy : view.copies) // those that were told to come are not counted again
    missing -= copy->batch == batch && canReturnSoon(*copy) && !isBeingTold(*copy) ? 1 : 0;
  if (view.service.hasUndoFailed)
    return false;
  auto room = roomFor(view, missing);
  restore(turn, view, batch, room);
  return room > 0;
}

// --- on the way in ---

void advanceRestored(Turn& turn, const ServiceView& view, const InstanceRollout& copy) {
  if (copy.role != Role::Restored || copy.hasFailed || copy.hasExited)
    return;
  if (copy.phase == Phase::Gating && view.wasDown()) // it did not pass before either
    turn.emit(EventType::GatePassed, copy, {{"as_before", true}});
  else if (copy.phase == Phase::Ready)
    turn.emit(view.isRouted() ? EventType::JoinRequested : EventType::ServingStarted, copy);
  else if (copy.phase == Phase::Verifying && view.wasDown())
    turn.emit(EventType::VerifyPassed, copy, {{"as_before", true}});
}

// --- on the way out ---

bool mustGo(const ServiceView& view, const InstanceRollout& copy) {
  if (copy.phase == Phase::Pending || copy.phase == Phase::Retired)
    return false;
  if (copy.role == Role::New && view.isUndoing())
    return true;
  // A failed undo: what takes no traffic goes, what serves stays.
  if (copy.role == Role::New && view.service.hasUndoFailed &&
      isIn(copy, {Phase::Starting, Phase::Gating, Phase::Ready, Phase::Warm}))
    return true;
  return copy.hasFailed || (copy.role == Role::Old && isGone(copy));
}

// A copy that is well gives way only to others that serve: nobody is worse off than before.
bool mayGiveWay(const ServiceView& view) {
  if (view.areOldOnesBack())
    return true;
  if (!view.isStopFirst())
    return false;
  auto serving = view.count([](const auto& copy) { return serves(copy); });
  auto width = view.plan.parallelism > 0 ? view.plan.parallelism : view.oldCount();
  return view.oldCount() - serving < width;
}

// One that takes no new work answers for what it has, until as many others serve as shall.
bool mayRetireClosed(const ServiceView& view, const InstanceRollout& copy) {
  if (view.areOldOnesBack()) // nobody else is waited for
    return true;
  if (!view.isStopFirst())
    return view.isReplaced(copy.batch);
  auto answering = view.count([](const auto& other) {
    return serves(other) || (other.phase == Phase::Serving && other.newWork == NewWork::Closed);
  });
  auto width = view.plan.parallelism > 0 ? view.plan.parallelism : view.oldCount();
  return view.oldCount() - answering < width;
}

// A bad one goes at once if another serves; it stays while it is the only one that may still answer.
bool mayDrain(const ServiceView& view, const InstanceRollout& copy) {
  if (copy.hasExited)
    return true;
  if (!copy.hasFailed)
    return mayGiveWay(view);
  if (copy.newWork == NewWork::Closed)
    return mayRetireClosed(view, copy);
  if (view.any([](const auto& other) { return serves(other); }))
    return true;
  return !view.service.hasUndoFailed && (view.isStopFirst() || view.wantedBack(copy.batch) == 0);
}

// What follows once nothing is asked of it any more: evidence of a failure first.
void endCopy(Turn& turn, const InstanceRollout& copy) {
  if (copy.hasFailed && !copy.hasEvidence && !(copy.phase == Phase::Evidence && copy.hasGivenUp))
    turn.emit(EventType::EvidenceRequested, copy);
  else if (copy.isInRouter)
    turn.emit(EventType::LeaveRequested, copy);
  else
    turn.emit(EventType::StopRequested, copy);
}

void leaveTraffic(Turn& turn, const ServiceView& view, const InstanceRollout& copy) {
  if (!mayDrain(view, copy))
    return;
  if (copy.isInRouter)
    turn.emit(EventType::RouterDrainRequested, copy);
  else
    endCopy(turn, copy);
}

void takeOut(Turn& turn, const ServiceView& view, const InstanceRollout& copy) {
  if (isBeingTold(copy) && !isLetGo(copy, turn.now()))
    return;
  switch (copy.phase) {
  case Phase::Starting:
  case Phase::Returning:
    if (isLetGo(copy, turn.now()))
      endCopy(turn, copy);
    return;
  case Phase::Gating:
  case Phase::Ready:
    return endCopy(turn, copy);
  case Phase::Joining:
    if (isLetGo(copy, turn.now()))
      leaveTraffic(turn, view, copy);
    return;
  case Phase::Verifying:
  case Phase::Serving:
    return leaveTraffic(turn, view, copy);
  case Phase::Draining:
    if (copy.hasGivenUp)
      endCopy(turn, copy);
    return;
  case Phase::Warm:
    return endCopy(turn, copy);
  case Phase::Pending:
  case Phase::Evidence:
  case Phase::Leaving:
  case Phase::Stopping:
  case Phase::Removing:
  case Phase::Retired: // see continueOut
    return;
  }
}

void giveUp(Turn& turn, const InstanceRollout& copy, const char* what) {
  turn.emit(EventType::InstanceRetired, copy, {{"leftover", true}},
            copy.id.value + " could not be " + what + ": " + copy.effectError);
}

// Steps that follow from the one before, whoever goes and why.
void continueOut(Turn& turn, const InstanceRollout& copy) {
  if (copy.phase == Phase::Draining && copy.isOutOfRotation && turn.hasPassed(copy.inFlightDeadline) &&
      canDestroy(turn.state()))
    turn.emit(EventType::InFlightDeadlinePassed, copy, {{"count", copy.inFlight}});
  if (copy.phase == Phase::Evidence && (copy.hasEvidence || copy.hasGivenUp))
    endCopy(turn, copy);
  if (copy.phase == Phase::Leaving && !copy.isInRouter)
    turn.emit(EventType::StopRequested, copy);
  if (copy.phase == Phase::Stopping && copy.isStopped)
    turn.emit(EventType::RemoveRequested, copy);
  if (copy.phase == Phase::Stopping && copy.hasGivenUp)
    giveUp(turn, copy, "stopped");
  if (copy.phase == Phase::Removing && copy.hasGivenUp)
    giveUp(turn, copy, "removed");
}

// Old copies without traffic wait until an undo by giving them traffic again is not needed any more.
void retireWarm(Turn& turn, const ServiceView& view, const InstanceRollout& copy) {
  if (copy.role != Role::Old || copy.phase != Phase::Warm || !view.isForward())
    return;
  if (view.isStopFirst() ||
      (isApprovedAfter(view) && !awaitsVerdict(view) && turn.hasPassed(warmUntil(view, copy))))
    turn.emit(EventType::LeaveRequested, copy);
}

void removeKept(Turn& turn, const ServiceView& view, const InstanceRollout& copy) {
  if (copy.role == Role::New && copy.phase == Phase::Retired && copy.isKept && view.isUndoing())
    turn.emit(EventType::RemoveRequested, copy);
}

} // namespace

BootTime warmUntil(const ServiceView& view, const InstanceRollout& copy) {
  auto until = copy.phaseSince.boot + view.plan.keepWarm;
  if (view.service.isBatchSwitched || copy.batch < view.service.batch)
    until = std::max(until, view.service.batchSwitchedAt.boot + view.plan.monitor);
  return until;
}

void advanceCopies(Turn& turn, const ServiceView& view) {
  if (turn.state().phase == RolloutPhase::Ended)
    return;
  for (int batch = 1; batch <= view.service.batches; ++batch)
    if (bringBack(turn, view, batch))
      return; // with fresh views in the next round
  for (const auto* copy : view.copies) {
    advanceRestored(turn, view, *copy);
    reopen(turn, view, *copy);
    if (mustGo(view, *copy))
      takeOut(turn, view, *copy);
    else
      retireWarm(turn, view, *copy);
    continueOut(turn, *copy);
    removeKept(turn, view, *copy);
  }
}

} // namespace ratdeck
