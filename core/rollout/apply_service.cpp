#include "core/rollout/apply_parts.h"

#include <algorithm>

namespace ratdeck {

namespace {

void startDrain(const RolloutState& state, ServiceRollout& service, const Event& event) {
  auto* plan = planOf(state, service.service);
  service.isDrainingRuns = true;
  service.runsDrained = service.drainAwaitsDecision = service.isDrainExtended = service.areRunsEnded = false;
  service.activeRuns = -1;
  service.runs = Json();
  service.runsTrouble.clear();
  service.drainSince = event.at;
  service.drainDeadline = event.at.boot + (plan && plan->drain ? plan->drain->deadline : Duration(120s));
}

void observeRuns(const RolloutState& state, ServiceRollout& service, const Event& event) {
  service.activeRuns = static_cast<int>(integerAt(event.detail, "count", -1));
  service.runs = memberAt(event.detail, "runs");
  service.runsObservedAt = event.at;
  service.runsTrouble = textAt(event.detail, "why");
  service.reaperSeconds = numberAt(event.detail, "reaper_s", service.reaperSeconds);
  if (service.activeRuns == 0 || !service.runsDrained || service.areRunsEnded)
    return;
  // They were quiet and are not any more: what is left of the wait begins anew.
  auto* plan = planOf(state, service.service);
  service.runsDrained = false;
  service.drainDeadline = event.at.boot + (plan && plan->drain ? plan->drain->deadline : Duration(120s));
}

void endRuns(ServiceRollout& service, const Event& event) {
  service.runsDrained = service.areRunsEnded = true;
  service.runsEndedAt = event.at;
  service.drainAwaitsDecision = false;
  const auto& runs = memberAt(event.detail, "runs");
  if (!runs.is_array())
    return;
  for (const auto& run : runs)
    if (auto id = run.is_string() ? run.get<std::string>() : textAt(run, "id"); !id.empty())
      service.lostRuns.push_back(id);
}

void waitOn(ServiceRollout& service, const Event& event) {
  service.drainAwaitsDecision = false;
  service.drainDeadline = event.at.boot + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(
                                              numberAt(event.detail, "for_s", 120)));
}

void passDrainDeadline(ServiceRollout& service, const Event& event) {
  auto action = textAt(event.detail, "action");
  if (action == "extend") {
    service.isDrainExtended = true;
    waitOn(service, event);
  } else if (action == "end") {
    endRuns(service, event);
  } else if (action == "undo") {
    service.mustUndo = true;
    service.failure = event.reason;
  } else {
    service.drainAwaitsDecision = true;
    service.drainAskedAt = event.at;
  }
}

void decideDrain(ServiceRollout& service, const Event& event) {
  auto decision = textAt(event.detail, "decision");
  if (decision == "end") {
    endRuns(service, event);
  } else if (decision == "undo") {
    service.mustUndo = true;
    service.failure = event.reason;
  } else {
    waitOn(service, event);
  }
}

void startBatch(ServiceRollout& service, const Event& event) {
  auto batch = integerAt(event.detail, "batch", service.batch + 1);
  service.batch = static_cast<int>(std::clamp<long long>(batch, 1, std::max(1, service.batches)));
  service.isBatchSwitched = service.hasMonitorPassed = false;
  service.analyses.clear();
  service.isDrainingRuns = service.runsDrained = service.drainAwaitsDecision = false;
}

Verdict verdictFrom(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(Verdict::Error); ++i)
    if (name == toString(static_cast<Verdict>(i)))
      return static_cast<Verdict>(i);
  return Verdict::Pending;
}

void startServiceUndo(ServiceRollout& service) {
  service.phase = ServicePhase::Undoing;
  service.isDrainingRuns = service.drainAwaitsDecision = false;
}

} // namespace

void applyToService(RolloutState& state, ServiceRollout& service, const Event& event) {
  switch (event.type) {
  case EventType::ServiceStarted:
    service.phase = ServicePhase::Rolling;
    service.startedAt = event.at;
    return;
  case EventType::BatchStarted:
    return startBatch(service, event);
  case EventType::BatchSwitched:
    service.isBatchSwitched = true;
    service.isDrainingRuns = false;
    service.batchSwitchedAt = event.at;
    return;
  case EventType::ServiceSwitched:
    service.hasSwitched = true;
    service.switchedAt = event.at;
    if (service.phase == ServicePhase::Rolling)
      service.phase = ServicePhase::Watching;
    return;
  case EventType::ServiceFinished:
    service.phase = ServicePhase::Finished;
    service.finishedAt = event.at;
    return;
  case EventType::ServiceFailed:
    service.phase = ServicePhase::Failed;
    service.failure = event.reason;
    service.isAsked = false;
    service.mustUndo = service.mustUndo || boolAt(event.detail, "undo");
    return;
  case EventType::ServiceUndoStarted:
    return startServiceUndo(service);
  case EventType::ServiceUndone:
    service.phase = ServicePhase::Undone;
    service.finishedAt = event.at;
    return;
  case EventType::ServiceUndoFailed:
    service.phase = ServicePhase::Failed;
    service.hasUndoFailed = true;
    service.isDrainingRuns = service.drainAwaitsDecision = false;
    service.failure = event.reason;
    return;
  case EventType::ServiceTried:
    service.isTried = true;
    return startServiceUndo(service);
  case EventType::MonitorPassed:
    service.hasMonitorPassed = true;
    return;
  case EventType::AnalysisJudged:
    service.analyses[analysisKey(textAt(event.detail, "analysis"), event.instance)] = {
        textAt(event.detail, "analysis"), event.instance, verdictFrom(textAt(event.detail, "verdict")),
        event.reason, event.at};
    return;
  case EventType::DrainStarted:
    return startDrain(state, service, event);
  case EventType::RunsObserved:
    return observeRuns(state, service, event);
  case EventType::DrainFinished:
    service.runsDrained = true;
    service.drainAwaitsDecision = false;
    return;
  case EventType::DrainDeadlinePassed:
    return passDrainDeadline(service, event);
  case EventType::DrainDecided:
    return decideDrain(service, event);
  default: // not of a service
    return;
  }
}

} // namespace ratdeck
