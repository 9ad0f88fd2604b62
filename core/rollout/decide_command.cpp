// What a person asks for. Each command becomes events or CommandRefused with the reason.
#include "core/rollout/turn.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr Duration longestExtension = 24h; // at once; it may be extended again

void refuse(Turn& turn, const Command& command, const std::string& why) {
  Event event;
  event.type = EventType::CommandRefused;
  event.actor = command.actor;
  event.gate = command.gate;
  event.service = command.service;
  event.reason = why;
  event.detail = {{"command", toString(command.kind)}};
  turn.emit(std::move(event));
}

void answerApproval(Turn& turn, const Command& command) {
  auto it = turn.state().approvals.find(command.gate);
  if (it == turn.state().approvals.end())
    return refuse(turn, command, "no approval \"" + command.gate.value + "\" is waiting");
  if (it->second.state != GateState::Waiting)
    return refuse(turn, command, "approval \"" + command.gate.value + "\" is decided already");
  if (command.planHash.empty() || command.planHash != turn.state().plan.hash)
    return refuse(turn, command, "the approval is for another plan");
  auto isGrant = command.kind == CommandKind::Approve;
  if (const auto why = whyNotConfirmed(turn.state(), command.pastSchema); !isGrant && !why.empty())
    return refuse(turn, command, why);
  if (isGrant && !it->second.question.empty() && command.reason.empty())
    return refuse(turn, command, "a reason is needed to go on without a verdict");
  Event event;
  event.type = isGrant ? EventType::ApprovalGranted : EventType::ApprovalRejected;
  event.actor = command.actor;
  event.reason = command.reason;
  event.gate = command.gate;
  event.detail = {{"plan_hash", command.planHash}};
  if (!isGrant && !command.pastSchema.empty())
    event.detail["past_schema"] = command.pastSchema;
  turn.emit(std::move(event));
}

void finishBake(Turn& turn, const Command& command) {
  if (!turn.state().isBaking)
    return refuse(turn, command, "the release is not being watched: there is nothing to end");
  Event event;
  event.type = EventType::BakeFinished;
  event.actor = command.actor;
  event.reason = command.reason;
  turn.emit(std::move(event));
}

void hold(Turn& turn, const Command& command) {
  if (turn.state().isBaking)
    return refuse(turn, command, "all is in place: nothing is left to hold");
  auto stops = command.kind == CommandKind::StopHere;
  if (stops ? turn.state().stopsHere : turn.state().isHeld)
    return refuse(turn, command, stops ? "it is stopping already" : "it is held already");
  Event event;
  event.type = EventType::RolloutHeld;
  event.actor = command.actor;
  event.reason = command.reason;
  if (stops)
    event.detail = {{"stops_here", true}};
  turn.emit(std::move(event));
}

void goOn(Turn& turn, const Command& command) {
  if (!turn.state().isHeld)
    return refuse(turn, command, "it is not held");
  Event event;
  event.type = EventType::RolloutContinued;
  event.actor = command.actor;
  event.reason = command.reason;
  turn.emit(std::move(event));
}

void abort(Turn& turn, const Command& command) {
  if (const auto why = whyNotConfirmed(turn.state(), command.pastSchema); !why.empty())
    return refuse(turn, command, why);
  startUndo(turn, RolloutResult::Aborted, command.actor,
            command.reason.empty() ? "undone by a person" : command.reason, "", command.pastSchema);
}

const char* nameOf(DeadlineAction decision) {
  switch (decision) {
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

// An extension adds to the deadline, or to now where that has passed: it never shortens.
Duration untilNewDeadline(const Turn& turn, const Command& command, const DrainPolicy& drain,
                          const ServiceRollout& service) {
  if (command.decision != DeadlineAction::Extend)
    return drain.deadline;
  auto left = std::max(service.drainDeadline - turn.now().boot, Duration(0s));
  return left + (command.extendBy > 0s ? command.extendBy : drain.extension);
}

void decideDrain(Turn& turn, const Command& command) {
  auto it = turn.state().services.find(command.service);
  const auto* plan = planOf(turn.state(), command.service);
  if (it == turn.state().services.end() || !plan || !plan->drain || !it->second.isDrainingRuns)
    return refuse(turn, command, "no active runs of \"" + command.service + "\" are waited for");
  if (it->second.runsDrained)
    return refuse(turn, command, "the runs of \"" + command.service + "\" have ended");
  if (const auto why = whyNotConfirmed(turn.state(), command.pastSchema);
      command.decision == DeadlineAction::Undo && !why.empty())
    return refuse(turn, command, why);
  if (command.extendBy < 0s || command.extendBy > longestExtension)
    return refuse(turn, command, "an extension is at most " + toHumanString(longestExtension));
  Event event;
  event.type = EventType::DrainDecided;
  event.service = command.service;
  event.actor = command.actor;
  event.reason = command.reason;
  event.detail = {{"decision", nameOf(command.decision)},
                  {"runs", it->second.runs},
                  {"for_s", seconds(untilNewDeadline(turn, command, *plan->drain, it->second))}};
  turn.emit(std::move(event));
  if (command.decision == DeadlineAction::Undo)
    startUndo(turn, RolloutResult::Aborted, command.actor,
              command.reason.empty() ? "undone rather than end the runs of " + command.service
                                     : command.reason,
              command.service, command.pastSchema);
}

void leave(Turn& turn, const Command& command) {
  if (!turn.state().hasPerson)
    return;
  Event event;
  event.type = EventType::PersonLeft;
  event.actor = command.actor;
  event.reason = command.reason;
  turn.emit(std::move(event));
}

const char* whyNot(const RolloutState& state) {
  switch (state.phase) {
  case RolloutPhase::New:
    return "nothing is being rolled out";
  case RolloutPhase::Undoing:
    return "the rollout is being undone already";
  case RolloutPhase::Ended:
    return "the rollout has ended";
  case RolloutPhase::Rolling:
    return nullptr;
  }
  return nullptr;
}

} // namespace

void obey(Turn& turn, const Command& command) {
  if (command.kind == CommandKind::Leave)
    return leave(turn, command);
  if (const auto* why = whyNot(turn.state()))
    return refuse(turn, command, why);
  switch (command.kind) {
  case CommandKind::Approve:
  case CommandKind::Reject:
    return answerApproval(turn, command);
  case CommandKind::Hold:
  case CommandKind::StopHere:
    return hold(turn, command);
  case CommandKind::Continue:
    return goOn(turn, command);
  case CommandKind::FinishBake:
    return finishBake(turn, command);
  case CommandKind::Abort:
    return abort(turn, command);
  case CommandKind::Leave:
    return leave(turn, command);
  case CommandKind::DecideDrain:
    return decideDrain(turn, command);
  }
}

} // namespace ratdeck
