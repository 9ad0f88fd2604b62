#include "core/rollout/sentence.h"

#include "core/base/duration.h"
#include "core/base/wording.h"
#include "core/rollout/apply_parts.h"
#include "core/rollout/reaper.h"
#include "core/rollout/task_view.h"

namespace ratdeck {

namespace {

std::string took(const Event& event, const char* key = "took_s") {
  auto value = numberAt(event.detail, key, -1);
  return value < 0 ? std::string()
                   : " after " + toHumanString(Duration(static_cast<Duration::rep>(value * 1e9)));
}

std::string lasting(const Event& event, const char* key) {
  return toHumanString(Duration(static_cast<Duration::rep>(numberAt(event.detail, key) * 1e9)));
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
std::string overriding(const Event& event) {
  const auto reason = textAt(event.detail, "window_override");
  return reason.empty() ? "" : ", outside its window (" + reason + ")";
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

std::string runsOf(const Event& event) {
  const auto& runs = memberAt(event.detail, "runs");
  std::string names;
  if (runs.is_array())
    for (const auto& run : runs)
      names += (names.empty() ? "" : ", ") + textAt(run, "id");
  return names;
}

// What the end of runs comes to: who they are, and when the platform knows it at the latest.
std::string endText(const Event& event, const RolloutState& state) {
  const auto names = runsOf(event);
  auto it = state.services.find(event.service);
  std::string text = "what still runs is ended" + (names.empty() ? "" : ": " + names);
  if (it != state.services.end() && !names.empty())
    text += "; ratd marks it failed " + reaperText(it->second);
  return text;
}

std::string deadlineText(const Event& event, const RolloutState& state) {
  const auto action = textAt(event.detail, "action");
  const auto text = event.service + ": runs are still active at the deadline; ";
  if (action == "extend")
    return text + "it is extended once, by " + lasting(event, "for_s");
  if (action == "end")
    return text + endText(event, state);
  return text + (action == "undo" ? "the rollout is undone" : "a person decides");
}

std::string decisionText(const Event& event, const RolloutState& state) {
  const auto decision = textAt(event.detail, "decision");
  std::string text = event.service + ": drain decided" + by(event) + ": ";
  if (decision == "end")
    text += endText(event, state);
  else if (decision == "undo")
    text += "the old version is kept, the rollout is undone";
  else
    text += "wait " + lasting(event, "for_s") + (decision == "extend" ? " more" : "");
  return text + because(event);
}

std::string instanceSentence(const Event& event, const RolloutState& state) {
  const auto& id = event.instance.value;
  switch (event.type) {
  case EventType::StartRequested:
    return startText(event, state);
  case EventType::GatePassed:
    return boolAt(event.detail, "as_before") ? id + " runs again, as broken as before"
                                             : id + " is healthy" + took(event);
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
  case EventType::DrainHookDone:
    return id + " was told to take no new work";
  case EventType::DrainHookFailed:
    return id + " could not be told to take no new work, it is waited for all the same" + because(event);
  case EventType::BackHookDone:
    return id + " was told to take new work again";
  case EventType::DrainHealthObserved:
    return id + ": gRPC health is " + textAt(event.detail, "health");
  case EventType::ReturnFailed:
    return id + " does not serve again" + because(event);
  case EventType::EffectFailed:
    return id + ": " + textAt(event.detail, "effect") + " failed" + because(event);
  default:
    return {};
  }
}

std::vector<std::string> wordsAt(const Json& detail, const char* key) {
  std::vector<std::string> words;
  if (const auto& list = memberAt(detail, key); list.is_array())
    for (const auto& word : list)
      if (word.is_string())
        words.push_back(word.get<std::string>());
  return words;
}

// "; schema + 042.sql, - 017.sql"
std::string changeText(const Event& event) {
  const auto added = wordsAt(event.detail, "added"), removed = wordsAt(event.detail, "removed");
  std::string text = added.empty() ? "" : "; the schema has " + listed(added) + " now";
  if (!removed.empty())
    text += "; the schema has " + listed(removed) + " no more";
  return text;
}

std::string taskSentence(const Event& event, const RolloutState& state) {
  const auto id = textAt(event.detail, "task");
  const auto* plan = taskOf(state.plan, id);
  const auto title = plan ? titleOf(plan->spec) : id;
  const bool isBack = plan && plan->reverses > 0;
  switch (event.type) {
  case EventType::TaskStarted:
    return title + (isBack                  ? ": taking it back"
                    : plan && plan->spec.up ? ": begins"
                                            : ": read before it changes");
  case EventType::TaskPassed:
    return title + (boolAt(event.detail, "skipped") ? ": is there already, passed over" : ": done") +
           changeText(event);
  case EventType::TaskFailed:
    return event.reason + changeText(event);
  case EventType::TaskAccepted:
    return title + ": its failure is passed over" + by(event);
  case EventType::TaskUndoStarted:
    return title + ": taking it back";
  case EventType::TaskUndone:
    return title + ": taken back" + changeText(event);
  case EventType::TaskUndoFailed:
    return event.reason;
  case EventType::TaskDoubted:
    return title + ": nobody knows what became of it" + because(event);
  case EventType::TaskRetried:
    return title + ": " + textAt(event.detail, "step") + " failed" + because(event);
  case EventType::TaskPutBack:
    return title + ": not begun, since nothing may begin now";
  case EventType::TaskTried:
    return boolAt(event.detail, "await") ? title + ": looking for what was begun of it" : "";
  case EventType::TaskCleared:
    return boolAt(event.detail, "leftover") ? title + ": its copy could not be removed" + because(event) : "";
  case EventType::TaskLooked:
    return boolAt(event.detail, "put_back") ? title + ": not begun, since nothing may begin now" : "";
  default: // TaskEnded: what follows from it is told
    return {};
  }
}

} // namespace

std::string sentenceOf(const Event& event, const RolloutState& state) {
  switch (event.type) {
  case EventType::RolloutStarted:
    return (state.plan.isTry ? "try of " : "rollout of ") + state.plan.project + " started" + by(event) +
           ", plan " + state.plan.hash.substr(0, 12) + takingOver(event) + overriding(event) + because(event);
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
  case EventType::ServiceUndoFailed:
    return event.service + " could not be brought back, a person is needed" + because(event);
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
    return deadlineText(event, state);
  case EventType::DrainDecided:
    return decisionText(event, state);
  case EventType::RunsObserved:
    return integerAt(event.detail, "count", -1) >= 0
               ? std::string()
               : event.service +
                     ": the number of its active runs is not known: " + textAt(event.detail, "why");
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
    if (isAlreadyDown(state.plan, event.service))
      return event.service + ": as broken as before this rollout, on the old version";
    return event.service + (state.plan.isTry ? ": nothing is left of the try" : ": back on the old version");
  case EventType::PersonLeft:
    return "nobody can be asked any more" + because(event);
  case EventType::EngineFaulted:
    return "the engine stopped" + because(event);
  default:
    return isAboutTask(event.type) ? taskSentence(event, state) : instanceSentence(event, state);
  }
}

} // namespace ratdeck
