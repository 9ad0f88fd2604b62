#include "ui/model/log_row.h"

#include "core/rollout/sentence.h"

namespace ratdeck {

namespace {

Mood moodOfEnd(RolloutResult result) {
  switch (result) {
  case RolloutResult::Succeeded:
    return Mood::Ok;
  case RolloutResult::RolledBack:
  case RolloutResult::Aborted:
  case RolloutResult::Rejected:
  case RolloutResult::PausedMixed:
    return Mood::Caution;
  case RolloutResult::None:
  case RolloutResult::Failed:
  case RolloutResult::RollbackFailed:
    return Mood::Failed;
  }
  return Mood::Unknown;
}

bool isTrouble(const Event& event) {
  switch (event.type) {
  case EventType::GateFailed:
  case EventType::VerifyFailed:
  case EventType::ServiceFailed:
  case EventType::ServiceUndoFailed:
  case EventType::EffectFailed:
  case EventType::ServingWentBad:
  case EventType::ReturnFailed:
  case EventType::DrainHookFailed:
  case EventType::EngineFaulted:
  case EventType::ApprovalRejected:
  case EventType::ApprovalExpired:
  case EventType::TaskFailed:
  case EventType::TaskUndoFailed:
  case EventType::TaskDoubted:
    return true;
  case EventType::InstanceExited:
    return integerAt(event.detail, "exit_code") != 0;
  default:
    return false;
  }
}

Mood moodOfVerdict(const std::string& verdict) {
  if (verdict == toString(Verdict::Passing))
    return Mood::Ok;
  return verdict == toString(Verdict::Failing) ? Mood::Failed : Mood::Unknown;
}

Mood moodOf(const Event& event, const RolloutState& after) {
  if (isTrouble(event))
    return Mood::Failed;
  switch (event.type) {
  case EventType::RolloutEnded:
    return moodOfEnd(after.result);
  case EventType::GatePassed:
  case EventType::VerifyPassed:
  case EventType::TrafficSwitched:
  case EventType::TrafficReturned:
  case EventType::ServiceSwitched:
  case EventType::ServiceFinished:
  case EventType::ServiceTried:
  case EventType::ServiceUndone:
  case EventType::MonitorPassed:
  case EventType::DrainFinished:
  case EventType::DrainHookDone:
  case EventType::BackHookDone:
  case EventType::WaveFinished:
  case EventType::ApprovalGranted:
  case EventType::TaskPassed:
  case EventType::TaskUndone:
  case EventType::BakeStarted:
    return Mood::Ok;
  case EventType::AnalysisJudged:
    return moodOfVerdict(textAt(event.detail, "verdict"));
  case EventType::ApprovalRequested:
  case EventType::RolloutHeld:
  case EventType::UndoStarted:
  case EventType::CommandRefused:
  case EventType::PersonLeft:
  case EventType::DrainStarted:
  case EventType::DrainDeadlinePassed:
  case EventType::InFlightDeadlinePassed:
    return Mood::Waiting;
  case EventType::AwayNoticed:
    return Mood::Unknown;
  case EventType::RolloutStarted:
  case EventType::RolloutResumed:
  case EventType::RolloutContinued:
  case EventType::WaveStarted:
  case EventType::ServiceStarted:
  case EventType::ServiceUndoStarted:
  case EventType::TaskStarted:
  case EventType::TaskUndoStarted:
    return Mood::Running;
  default:
    return Mood::Idle;
  }
}

// "MonitorPassed" as "monitor passed".
std::string wordsOf(EventType type) {
  std::string words;
  for (const char c : std::string(toString(type))) {
    const bool isCapital = c >= 'A' && c <= 'Z';
    words += isCapital && !words.empty() ? " " : "";
    words += isCapital ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return words;
}

// Of those that have no sentence: who, and what is said of it.
std::string plainFact(const Event& event) {
  std::string text = !event.instance.isEmpty()   ? event.instance.value
                     : !event.gate.value.empty() ? event.gate.value
                                                 : event.service;
  const auto add = [&](const std::string& more) {
    text += (text.empty() || more.empty() ? "" : ": ") + more;
  };
  if (event.type == EventType::ProbeResultChanged)
    add(textAt(event.detail, "probe") + (boolAt(event.detail, "passed") ? " passes" : " fails"));
  if (event.type == EventType::ProbeResultChanged)
    add(textAt(event.detail, "detail"));
  if (event.type == EventType::RunsObserved || event.type == EventType::InFlightObserved) {
    const auto count = integerAt(event.detail, "count", -1);
    const char* what = event.type == EventType::RunsObserved ? " active runs" : " requests in flight";
    add(count < 0 ? "could not be read" : std::to_string(count) + what);
  }
  const bool isTold = event.type == EventType::ProbeResultChanged || event.type == EventType::RunsObserved ||
                      event.type == EventType::InFlightObserved;
  if (!isTold)
    add(wordsOf(event.type));
  add(event.reason);
  return text;
}

} // namespace

std::optional<LogRow> logRowOf(const Event& event, const RolloutState& after) {
  if (event.type == EventType::Sampled)
    return std::nullopt;
  std::string what = sentenceOf(event, after);
  if (what.empty())
    what = plainFact(event);
  return LogRow{event.at.wall, event.type, event.service, std::move(what), moodOf(event, after)};
}

} // namespace ratdeck
