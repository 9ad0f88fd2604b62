#include "core/rollout/sentence.h"

#include "core/base/duration.h"

namespace ratdeck {

namespace {

std::string took(const Event& event, const char* key = "took_s") {
  auto value = numberAt(event.detail, key, -1);
  return value < 0 ? std::string()
                   : " after " + toHumanString(Duration(static_cast<Duration::rep>(value * 1e9)));
}

std::string versions(const RolloutState& state, const std::string& service) {
  auto it = state.plan.services.find(service);
  if (it == state.plan.services.end())
    return service;
  const auto& plan = it->second;
  return plan.fromVersion.empty() || plan.fromVersion == plan.toVersion
             ? service + " " + plan.toVersion
             : service + " " + plan.fromVersion + " -> " + plan.toVersion;
}

std::string startText(const Event& event, const RolloutState& state) {
  auto it = state.plan.services.find(event.service);
  bool isRestored = textAt(event.detail, "role") == toString(InstanceRole::Restored);
  auto what = isRestored && it != state.plan.services.end()
                  ? "bringing " + event.service + " " + it->second.fromVersion + " back"
                  : versions(state, event.service);
  return what + ": starting " + event.instance.value;
}

std::string waveText(const Event& event, const RolloutState& state) {
  auto index = integerAt(event.detail, "wave");
  for (const auto& wave : state.plan.waves)
    if (wave.index == index) {
      std::string text = "wave " + std::to_string(index) + " of " + std::to_string(state.plan.waves.size()) +
                         " (" + wave.title + "):";
      for (const auto& service : wave.services)
        text += " " + service;
      return text;
    }
  return "wave " + std::to_string(index);
}

std::string because(const Event& event) {
  return event.reason.empty() ? "" : ": " + event.reason;
}
std::string by(const Event& event) {
  return event.actor.empty() ? "" : " by " + event.actor;
}
std::string takingOver(const Event& event) {
  const auto from = textAt(event.detail, "took_over");
  return from.empty() ? "" : "; the stack's lock was taken over from " + from;
}

std::string durationAt(const Event& event, const char* key) {
  return toHumanString(Duration(static_cast<Duration::rep>(numberAt(event.detail, key) * 1e9)));
}

std::string analysisSentence(const Event& event) {
  const auto who = event.instance.isEmpty() ? event.service : event.instance.value;
  return who + ": " + textAt(event.detail, "analysis") + " " + textAt(event.detail, "verdict") +
         because(event);
}

std::string instanceSentence(const Event& event, const RolloutState& state) {
  const auto& id = event.instance.value;
  switch (event.type) {
  case EventType::StartRequested:
    return startText(event, state);
  case EventType::GatePassed:
    return id + " is healthy" + took(event);
  case EventType::GateFailed:
    return id + " did not become healthy" + because(event);
  case EventType::TrafficSwitched:
    return id + " has the traffic";
  case EventType::VerifyFailed:
    return id + " failed through the router" + because(event);
  case EventType::InFlightDrained:
    return id + " is drained" + took(event);
  case EventType::InFlightDeadlinePassed:
    return id + " still has " + std::to_string(integerAt(event.detail, "count")) +
           " requests at its deadline";
  case EventType::TrafficReturned:
    return id + " has the traffic again";
  case EventType::InstanceStopped:
    return id + " stopped" + (boolAt(event.detail, "forced_kill") ? ", killed at the end of its grace" : "");
  case EventType::InstanceExited:
    return id + " exited by itself, code " + std::to_string(integerAt(event.detail, "exit_code"));
  case EventType::ServingWentBad:
    return id + " went bad" + because(event);
  case EventType::EffectFailed:
    return id + ": " + textAt(event.detail, "effect") + " failed" + because(event);
  default:
    return {};
  }
}

} // namespace

std::string sentenceOf(const Event& event, const RolloutState& state) {
  switch (event.type) {
  case EventType::RolloutStarted:
    return (state.plan.isTry ? "try of " : "rollout of ") + state.plan.project + " started" + by(event) +
           ", plan " + state.plan.hash.substr(0, 12) + takingOver(event) + because(event);
  case EventType::RolloutResumed:
    return "rollout resumed" + by(event) + takingOver(event);
  case EventType::WaveStarted:
    return waveText(event, state);
  case EventType::RolloutHeld:
    return "held" + by(event) + because(event);
  case EventType::RolloutContinued:
    return "continued" + by(event);
  case EventType::UndoStarted:
    return "undoing" + by(event) + because(event);
  case EventType::RolloutEnded:
    return std::string("ended: ") + toString(state.result) + because(event);
  case EventType::CommandRefused:
    return "refused" + because(event);
  case EventType::AwayNoticed:
    return "away for " + durationAt(event, "seconds");
  case EventType::ApprovalRequested:
    return event.reason.empty() ? "waiting for approval " + event.gate.value
                                : "waiting for a decision, " + event.gate.value + because(event);
  case EventType::ApprovalGranted:
    return "approval " + event.gate.value + " granted" + by(event) + because(event);
  case EventType::ApprovalRejected:
    return "approval " + event.gate.value + " rejected" + by(event) + because(event);
  case EventType::ApprovalExpired:
    return "approval " + event.gate.value + " expired";
  case EventType::DrainStarted:
    return event.service + ": waiting until its active runs have ended";
  case EventType::DrainFinished:
    return event.service + ": no active runs" + took(event);
  case EventType::DrainDeadlinePassed:
    return event.service + ": runs are still active at the deadline";
  case EventType::DrainDecided:
    return event.service + ": drain decided" + by(event) + ": " + textAt(event.detail, "decision");
  case EventType::AnalysisJudged:
    return analysisSentence(event);
  case EventType::BakeStarted:
    return "all is in place; watching the release for " + durationAt(event, "for_s");
  case EventType::BakeFinished:
    return "the release is not watched any more" + by(event) + because(event);
  case EventType::ServiceFailed:
    return event.service + " failed" + because(event);
  case EventType::ServiceFinished:
    return versions(state, event.service) + ": done";
  case EventType::ServiceTried:
    return versions(state, event.service) + ": every gate passed; removing what was tried";
  case EventType::ServiceUndone:
    return event.service + (state.plan.isTry ? ": nothing is left of the try" : ": back on the old version");
  case EventType::PersonLeft:
    return "nobody can be asked any more" + because(event);
  case EventType::EngineFaulted:
    return "the engine stopped" + because(event);
  default:
    return instanceSentence(event, state);
  }
}

} // namespace ratdeck
