// What the tests of core/rollout compare: a world's events, a state's reasons and deadlines, as ordered text.
#pragma once

#include "tests/support/rollout_plans.h"
#include "tests/support/rollout_world.h"
#include "tests/support/text.h"

#include <cstdio>
#include <string>

namespace ratdeck::test {

// All events but mere observations, one a line: "0.1 StartRequested a-2".
inline std::string logOf(const RolloutWorld& world) {
  return "\n" + world.log({EventType::ProbeResultChanged, EventType::InFlightObserved,
                           EventType::RunsObserved, EventType::EvidenceCaptured});
}

// The events of some types alone.
inline std::string logOf(const RolloutWorld& world, const std::set<EventType>& types) {
  std::set<EventType> others;
  for (int i = 0; i <= static_cast<int>(EventType::Sampled); ++i)
    if (!types.contains(static_cast<EventType>(i)))
      others.insert(static_cast<EventType>(i));
  return "\n" + world.log(others);
}

inline std::string secondsOf(const RolloutWorld& world, BootTime at) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", seconds(at - world.now().boot + world.time()));
  return text;
}

// "gate a: a-2 has not passed … since 1.0 until 31.0: undo", one a line.
inline std::string reasonsText(const RolloutWorld& world) {
  std::string text = "\n";
  for (const auto& reason : reasonsOf(world.state()))
    text += reason.code + (reason.service.empty() ? "" : " " + reason.service) + ": " + reason.text +
            ", since " + secondsOf(world, reason.since.boot) +
            (reason.until ? ", until " + secondsOf(world, *reason.until) + ": " + reason.then : "") + "\n";
  return text;
}

// "31.0 gate a destructive", one a line.
inline std::string deadlinesText(const RolloutWorld& world) {
  std::string text = "\n";
  for (const auto& deadline : deadlinesOf(world.state()))
    text += secondsOf(world, deadline.at) + " " + deadline.code +
            (deadline.service.empty() ? "" : " " + deadline.service) +
            (deadline.isDestructive ? " destructive" : "") + "\n";
  return text;
}

inline Command commandOf(CommandKind kind, const std::string& reason = {}) {
  Command command;
  command.kind = kind;
  command.actor = "ann";
  command.reason = reason;
  return command;
}

inline Command answerTo(const RolloutWorld& world, const std::string& gate,
                        CommandKind kind = CommandKind::Approve) {
  auto command = commandOf(kind);
  command.gate = GateId(gate);
  command.planHash = world.start.plan.hash;
  return command;
}

inline Command drainDecision(const std::string& service, DeadlineAction decision) {
  auto command = commandOf(CommandKind::DecideDrain);
  command.service = service;
  command.decision = decision;
  return command;
}

// Why the last event refuses a command; "" if it does not.
inline std::string refusal(const RolloutWorld& world) {
  const auto& last = world.events().back();
  return last.type == EventType::CommandRefused ? last.reason : "";
}

inline std::string resultOf(const RolloutWorld& world) {
  return toString(world.state().result);
}

} // namespace ratdeck::test
