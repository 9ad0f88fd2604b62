#include "core/rollout/apply_parts.h"

#include <algorithm>

namespace ratdeck {

Duration gateLimit(const ServicePlan& plan) {
  auto limit = std::max(plan.gate.worstCase, plan.gate.startPeriod);
  return limit > Duration::zero() ? limit : Duration(60s);
}

bool isAboutInstance(EventType type) {
  return type >= EventType::StartRequested && type <= EventType::DrainHealthObserved;
}

void addRestoredCopy(RolloutState& state, const Event& event) {
  if (event.instance.isEmpty() || textAt(event.detail, "role") != toString(InstanceRole::Restored))
    return;
  InstanceRollout copy;
  copy.id = event.instance;
  copy.service = event.service;
  copy.role = InstanceRole::Restored;
  copy.number = static_cast<int>(integerAt(event.detail, "number"));
  copy.batch = static_cast<int>(integerAt(event.detail, "batch"));
  state.instances.emplace(copy.id, std::move(copy));
}

namespace {

void forgetEffect(InstanceRollout& copy) {
  copy.attempt = 1;
  copy.tries = 0;
  copy.retryAt = copy.troubleDeadline = {};
  copy.hasGivenUp = false;
  copy.effectError.clear();
}

void enter(InstanceRollout& copy, InstancePhase phase, Instant at) {
  copy.phase = phase;
  copy.phaseSince = at;
  if (copy.newWork == NewWork::Opening && phase == InstancePhase::Warm)
    return; // its requests in flight have ended beside the call
  if (copy.newWork != NewWork::Open)
    copy.newWork = NewWork::Closed;
  forgetEffect(copy);
}

void enterGate(const RolloutState& state, InstanceRollout& copy, Instant at) {
  auto* plan = planOf(state, copy.service);
  enter(copy, InstancePhase::Gating, at);
  copy.gateDeadline = at.boot + (plan ? gateLimit(*plan) : Duration(60s));
}

void fail(RolloutState& state, InstanceRollout& copy, const Event& event) {
  if (!copy.hasFailed) {
    auto it = state.services.find(copy.service);
    if (it != state.services.end()) {
      it->second.failures += copy.role == InstanceRole::New;
      it->second.restoreFailures += copy.role == InstanceRole::Restored;
    }
  }
  copy.hasFailed = true;
  copy.failure = event.reason;
}

// Keeps the longest of a stage over the copies of the service.
void note(RolloutState& state, const InstanceRollout& copy, InstanceRole role, double ServiceRollout::*stage,
          Instant at) {
  auto it = state.services.find(copy.service);
  if (it == state.services.end() || copy.role != role || state.phase != RolloutPhase::Rolling)
    return;
  it->second.*stage = std::max(it->second.*stage, seconds(at.boot - copy.phaseSince.boot));
}

void failEffect(InstanceRollout& copy, const Event& event) {
  copy.effectError = event.reason;
  const auto& retry = memberAt(event.detail, "retry_s");
  if (!retry.is_number()) {
    copy.hasGivenUp = true;
    return;
  }
  if (copy.troubleDeadline == BootTime() && copy.tries == 0)
    copy.troubleDeadline = event.at.boot + troubleLimit;
  ++copy.tries;
  copy.attempt = static_cast<int>(integerAt(event.detail, "attempt", copy.attempt)) + 1;
  copy.retryAt = event.at.boot + std::chrono::duration_cast<Duration>(
                                     std::chrono::duration<double>(numberAt(event.detail, "retry_s")));
}

void changeProbe(const RolloutState& state, InstanceRollout& copy, const Event& event) {
  auto passed = boolAt(event.detail, "passed");
  auto answer = textAt(event.detail, "detail", "failed");
  copy.probes[textAt(event.detail, "probe")] = passed ? "" : answer.empty() ? "failed" : answer;
  if (!passed && copy.phase == InstancePhase::Ready)
    enterGate(state, copy, event.at);
}

void stop(RolloutState& state, InstanceRollout& copy, const Event& event) {
  note(state, copy, InstanceRole::Old, &ServiceRollout::stopSeconds, event.at);
  copy.isStopped = true;
  copy.wasForceKilled = boolAt(event.detail, "forced_kill");
}

void retire(InstanceRollout& copy, const Event& event) {
  enter(copy, InstancePhase::Retired, event.at);
  copy.isInRouter = false;
  copy.isKept = boolAt(event.detail, "kept");
  copy.isLeftover = boolAt(event.detail, "leftover");
  if (copy.isLeftover && copy.failure.empty())
    copy.failure = event.reason;
}

// The switch (or, stop-first, the end of the old copy) begins: the runs are not waited for any more.
void endRunsDrain(RolloutState& state, const InstanceRollout& copy) {
  auto it = state.services.find(copy.service);
  if (it != state.services.end() && copy.role != InstanceRole::Restored)
    it->second.isDrainingRuns = false;
}

// What still ran on a copy that is replaced because it takes no new work.
void loseRuns(RolloutState& state, const InstanceRollout& copy, Instant at) {
  auto it = state.services.find(copy.service);
  if (it == state.services.end() || it->second.activeRuns == 0 || !it->second.runs.is_array())
    return;
  auto& service = it->second;
  for (const auto& run : service.runs)
    if (auto id = textAt(run, "id");
        !id.empty() &&
        std::find(service.lostRuns.begin(), service.lostRuns.end(), id) == service.lostRuns.end())
      service.lostRuns.push_back(id);
  service.runsEndedAt = at;
}

void failReturn(RolloutState& state, InstanceRollout& copy, const Event& event) {
  if (copy.newWork != NewWork::Open) {
    loseRuns(state, copy, event.at);
    copy.newWork = NewWork::Closed;
    forgetEffect(copy);
  }
  fail(state, copy, event);
}

bool isAboutHook(EventType type) {
  return type >= EventType::DrainHookRequested && type <= EventType::DrainHealthObserved;
}

// What an old copy is told beside its phase.
void applyHook(RolloutState& state, InstanceRollout& copy, const Event& event) {
  if (event.type == EventType::DrainHealthObserved) {
    copy.drainHealth = textAt(event.detail, "health");
    return;
  }
  state.hasChanged = true;
  forgetEffect(copy);
  if (event.type == EventType::DrainHookRequested || event.type == EventType::BackHookRequested) {
    copy.newWork = event.type == EventType::DrainHookRequested ? NewWork::Closing : NewWork::Opening;
    return;
  }
  copy.newWork = event.type == EventType::BackHookDone ? NewWork::Open : NewWork::Closed;
  copy.hookTrouble = event.type == EventType::DrainHookFailed ? event.reason : std::string();
}

// The way in: from the start to serving.
void applyWayIn(RolloutState& state, InstanceRollout& copy, const Event& event) {
  switch (event.type) {
  case EventType::StartRequested:
    return enter(copy, InstancePhase::Starting, event.at);
  case EventType::InstanceStarted:
    note(state, copy, InstanceRole::New, &ServiceRollout::startSeconds, event.at);
    copy.address = textAt(event.detail, "address", copy.address);
    state.hasChanged = true;
    return enterGate(state, copy, event.at);
  case EventType::ProbeResultChanged:
    return changeProbe(state, copy, event);
  case EventType::GatePassed:
    note(state, copy, InstanceRole::New, &ServiceRollout::gateSeconds, event.at);
    return enter(copy, InstancePhase::Ready, event.at);
  case EventType::JoinRequested:
    copy.isInRouter = true; // or about to be
    endRunsDrain(state, copy);
    return enter(copy, InstancePhase::Joining, event.at);
  case EventType::TrafficSwitched:
    note(state, copy, InstanceRole::New, &ServiceRollout::switchSeconds, event.at);
    return enter(copy, InstancePhase::Verifying, event.at);
  case EventType::ServingStarted:
    endRunsDrain(state, copy);
    return enter(copy, InstancePhase::Serving, event.at);
  case EventType::VerifyPassed:
    return enter(copy, InstancePhase::Serving, event.at);
  case EventType::GateFailed:
  case EventType::VerifyFailed:
  case EventType::ServingWentBad:
    return fail(state, copy, event);
  default: // not of the way in
    return;
  }
}

// The way out: from the drain to retired, and back into service.
void applyWayOut(RolloutState& state, InstanceRollout& copy, const Event& event) {
  switch (event.type) {
  case EventType::RouterDrainRequested:
    state.hasChanged = true;
    copy.isOutOfRotation = false;
    copy.inFlight = -1;
    endRunsDrain(state, copy);
    return enter(copy, InstancePhase::Draining, event.at);
  case EventType::RouterDrained: {
    auto* plan = planOf(state, copy.service);
    copy.isOutOfRotation = true;
    copy.inFlightDeadline = event.at.boot + (plan ? plan->inFlightDeadline : Duration(30s));
    return forgetEffect(copy);
  }
  case EventType::InFlightObserved:
    takeTotals(copy, event);
    copy.inFlight = static_cast<int>(integerAt(event.detail, "count", -1));
    return;
  case EventType::InFlightDrained:
    copy.inFlight = 0;
    takeTotals(copy, event);
    note(state, copy, InstanceRole::Old, &ServiceRollout::drainSeconds, event.at);
    return enter(copy, InstancePhase::Warm, event.at);
  case EventType::InFlightDeadlinePassed:
    takeTotals(copy, event);
    note(state, copy, InstanceRole::Old, &ServiceRollout::drainSeconds, event.at);
    return enter(copy, InstancePhase::Warm, event.at);
  case EventType::ReturnRequested:
    copy.isInRouter = true;
    return enter(copy, InstancePhase::Returning, event.at);
  case EventType::TrafficReturned:
    copy.isOutOfRotation = false;
    return enter(copy, InstancePhase::Serving, event.at);
  case EventType::LeaveRequested:
    return enter(copy, InstancePhase::Leaving, event.at);
  case EventType::LeftRouter:
    copy.isInRouter = false;
    return forgetEffect(copy);
  case EventType::EvidenceRequested:
    return enter(copy, InstancePhase::Evidence, event.at);
  case EventType::EvidenceCaptured:
    copy.hasEvidence = true;
    copy.evidence = event.detail;
    return;
  case EventType::StopRequested:
    state.hasChanged = state.hasChanged || copy.role == InstanceRole::Old;
    if (copy.role == InstanceRole::Old)
      endRunsDrain(state, copy);
    return enter(copy, InstancePhase::Stopping, event.at);
  case EventType::InstanceStopped:
    return stop(state, copy, event);
  case EventType::RemoveRequested:
    return enter(copy, InstancePhase::Removing, event.at);
  case EventType::InstanceRetired:
    return retire(copy, event);
  default: // not of the way out
    return;
  }
}

} // namespace

void applyToInstance(RolloutState& state, InstanceRollout& copy, const Event& event) {
  if (isAboutHook(event.type))
    return applyHook(state, copy, event);
  if (event.type == EventType::ReturnFailed)
    return failReturn(state, copy, event);
  if (event.type == EventType::InstanceExited) {
    copy.hasExited = true;
    return;
  }
  if (event.type == EventType::EffectFailed)
    return failEffect(copy, event);
  applyWayIn(state, copy, event);
  applyWayOut(state, copy, event);
}

} // namespace ratdeck
