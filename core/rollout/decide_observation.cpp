// What the engine saw. What is about a copy or an effect that the state does not wait for is passed over.
#include "core/rollout/effect_rules.h"
#include "core/rollout/turn.h"

#include <cmath>

namespace ratdeck {

using Phase = InstancePhase;
using Role = InstanceRole;

namespace {

const InstanceRollout* copyOf(const Turn& turn, const InstanceId& id) {
  auto it = turn.state().instances.find(id);
  return it == turn.state().instances.end() ? nullptr : &it->second;
}

// The copy whose effect in hand has this key; null for any other key.
const InstanceRollout* copyWithEffect(const Turn& turn, const std::string& key) {
  auto begin = key.find(' '), end = key.rfind(' ');
  if (begin == std::string::npos || end <= begin)
    return nullptr;
  const auto* copy = copyOf(turn, InstanceId(key.substr(begin + 1, end - begin - 1)));
  if (!copy)
    return nullptr;
  auto kind = effectKindOf(*copy);
  return kind && Effect{*kind, copy->service, copy->id, copy->attempt, {}}.key() == key ? copy : nullptr;
}

EventType doneEventOf(EffectKind kind) {
  switch (kind) {
  case EffectKind::StartInstance:
    return EventType::InstanceStarted;
  case EffectKind::JoinRouter:
    return EventType::TrafficSwitched;
  case EffectKind::Verify:
    return EventType::VerifyPassed;
  case EffectKind::DrainRouter:
    return EventType::RouterDrained;
  case EffectKind::ReturnRouter:
    return EventType::TrafficReturned;
  case EffectKind::LeaveRouter:
    return EventType::LeftRouter;
  case EffectKind::CaptureEvidence:
    return EventType::EvidenceCaptured;
  case EffectKind::StopInstance:
    return EventType::InstanceStopped;
  case EffectKind::RemoveInstance:
    return EventType::InstanceRetired;
  case EffectKind::DrainHook:
    return EventType::DrainHookDone;
  case EffectKind::BackHook:
    return EventType::BackHookDone;
  }
  return EventType::EngineFaulted;
}

void takeDone(Turn& turn, const Observation& observation) {
  const auto* copy = copyWithEffect(turn, observation.effect);
  if (!copy)
    return;
  auto kind = *effectKindOf(*copy);
  auto detail = observation.detail;
  auto switches = kind == EffectKind::JoinRouter || kind == EffectKind::ReturnRouter;
  if (switches && !memberAt(detail, "boot_ns").is_number_integer()) {
    if (!detail.is_object())
      detail = Json::object();
    detail["boot_ns"] = turn.now().boot.time_since_epoch().count();
  }
  if (kind == EffectKind::RemoveInstance)
    detail = Json(); // "kept" and "leftover" are ours to say
  turn.emit(doneEventOf(kind), *copy, std::move(detail));
}

// Seconds until the next attempt; negative = none. A target that could not be reached says nothing of the
// copy: it is asked for 40 s, by when the engine counts as away if nothing of the target answers.
double retryAfter(const Turn& turn, const InstanceRollout& copy, EffectKind kind, bool isUnreachable) {
  const int mostTries = isUnreachable ? 20 : 3;
  constexpr double slow = 2;
  auto isAway = !canDestroy(turn.state());
  auto service = turn.state().services.find(copy.service);
  auto isUnwanted = copy.hasFailed || (copy.role == Role::New && service != turn.state().services.end() &&
                                       service->second.phase == ServicePhase::Undoing);
  switch (kind) {
  case EffectKind::CaptureEvidence:
    return -1;
  case EffectKind::DrainRouter:
    if (copy.hasFailed) // it may not be in the router at all
      break;
    [[fallthrough]];
  case EffectKind::LeaveRouter:
    return isAway || copy.troubleDeadline == BootTime() || !turn.hasPassed(copy.troubleDeadline) ? slow : -1;
  case EffectKind::StartInstance:
  case EffectKind::JoinRouter:
  case EffectKind::Verify:
    if (isUnwanted)
      return -1;
    break;
  case EffectKind::ReturnRouter:
  case EffectKind::StopInstance:
  case EffectKind::RemoveInstance:
  case EffectKind::DrainHook:
  case EffectKind::BackHook:
    break;
  }
  if (isAway)
    return slow;
  if (copy.tries + 1 >= mostTries)
    return -1;
  return isUnreachable ? slow : 0.5 * std::exp2(copy.tries);
}

void takeFailed(Turn& turn, const Observation& observation) {
  const auto* copy = copyWithEffect(turn, observation.effect);
  if (!copy)
    return;
  auto kind = *effectKindOf(*copy);
  Json detail = {{"effect", toString(kind)}, {"attempt", copy->attempt}};
  auto isUnreachable = boolAt(observation.detail, "unreachable");
  if (auto retry = retryAfter(turn, *copy, kind, isUnreachable); retry >= 0)
    detail["retry_s"] = retry;
  turn.emit(EventType::EffectFailed, *copy, std::move(detail),
            textAt(observation.detail, "message", "it failed without a word"));
}

void takeProbe(Turn& turn, const Observation& observation) {
  const auto* copy = copyOf(turn, observation.instance);
  if (!copy || !isIn(*copy, {Phase::Gating, Phase::Ready, Phase::Verifying, Phase::Serving}))
    return;
  auto passed = boolAt(observation.detail, "passed");
  auto answer = textAt(observation.detail, "detail", "failed");
  auto known = copy->probes.find(textAt(observation.detail, "probe"));
  if (known != copy->probes.end() && known->second == (passed ? "" : answer.empty() ? "failed" : answer))
    return;
  turn.emit(EventType::ProbeResultChanged, *copy, observation.detail);
}

bool isOneShot(const Turn& turn, const InstanceRollout& copy) {
  const auto* plan = planOf(turn.state(), copy.service);
  return plan && plan->isOneShot;
}

void takeStreak(Turn& turn, const Observation& observation) {
  const auto* copy = copyOf(turn, observation.instance);
  if (!copy || copy->phase != Phase::Gating || copy->hasFailed || copy->hasExited || isOneShot(turn, *copy))
    return;
  turn.emit(EventType::GatePassed, *copy, {{"took_s", seconds(turn.now().boot - copy->phaseSince.boot)}});
}

// Ids only: the ages change at each look.
Json runIds(const Json& runs) {
  auto ids = Json::array();
  if (runs.is_array())
    for (const auto& run : runs)
      ids.push_back(textAt(run, "id"));
  return ids;
}

void takeRuns(Turn& turn, const Observation& observation) {
  auto count = static_cast<int>(integerAt(observation.detail, "count", -1));
  const auto& runs = memberAt(observation.detail, "runs");
  for (const auto& view : turn.views()) {
    const auto& service = view.service;
    if (!service.isDrainingRuns || (!observation.service.empty() && observation.service != view.name()))
      continue;
    if (observation.kind == ObservationKind::RunsQuiet) {
      if (!service.runsDrained)
        turn.emit(EventType::DrainFinished, view,
                  {{"took_s", seconds(turn.now().boot - service.drainSince.boot)}});
    } else if (count != service.activeRuns || runIds(runs) != runIds(service.runs) ||
               textAt(observation.detail, "why") != service.runsTrouble) {
      turn.emit(EventType::RunsObserved, view, observation.detail);
    }
  }
}

void takeDrainHealth(Turn& turn, const Observation& observation) {
  const auto* copy = copyOf(turn, observation.instance);
  const auto health = textAt(observation.detail, "health");
  if (!copy || copy->role != Role::Old || copy->phase != Phase::Serving || health.empty() ||
      health == copy->drainHealth)
    return;
  auto service = turn.state().services.find(copy->service);
  if (service != turn.state().services.end() && service->second.isDrainingRuns)
    turn.emit(EventType::DrainHealthObserved, *copy, Json({{"health", health}}));
}

void takeInFlight(Turn& turn, const Observation& observation) {
  const auto* copy = copyOf(turn, observation.instance);
  auto count = static_cast<int>(integerAt(observation.detail, "count", -1));
  if (!copy || copy->phase != Phase::Draining || !copy->isOutOfRotation)
    return;
  auto detail = observation.detail; // with what it has answered so far
  if (count == 0) {
    detail.erase("count");
    detail["took_s"] = seconds(turn.now().boot - copy->phaseSince.boot);
    turn.emit(EventType::InFlightDrained, *copy, std::move(detail));
  } else if (count != copy->inFlight) {
    turn.emit(EventType::InFlightObserved, *copy, std::move(detail));
  }
}

void takeServingBad(Turn& turn, const Observation& observation) {
  const auto* copy = copyOf(turn, observation.instance);
  if (!copy || copy->role == Role::Old || copy->hasFailed || isOneShot(turn, *copy) ||
      !isIn(*copy, {Phase::Verifying, Phase::Serving}))
    return;
  if (copy->role == Role::Restored && isAlreadyDown(turn.state().plan, copy->service))
    return; // as before
  turn.emit(EventType::ServingWentBad, *copy, observation.detail,
            copy->id.value + ": " + textAt(observation.detail, "why", "went bad in service"));
}

void takeExit(Turn& turn, const Observation& observation) {
  const auto* copy = copyOf(turn, observation.instance);
  if (!copy || copy->hasExited || copy->hasFailed)
    return;
  if (isOneShot(turn, *copy)) {
    if (copy->phase == Phase::Gating && copy->role == Role::New &&
        integerAt(observation.detail, "exit_code", -1) == 0) {
      turn.emit(EventType::GatePassed, *copy,
                {{"took_s", seconds(turn.now().boot - copy->phaseSince.boot)}, {"exit_code", 0}});
      return;
    }
    if (copy->role == Role::Old)
      return;
  }
  if (isIn(*copy, {Phase::Gating, Phase::Ready, Phase::Joining, Phase::Verifying, Phase::Serving}) ||
      (copy->role == Role::Old && isIn(*copy, {Phase::Draining, Phase::Warm, Phase::Returning})))
    turn.emit(EventType::InstanceExited, *copy, observation.detail);
}

void takeAway(Turn& turn, const Observation& observation) {
  auto gap = numberAt(observation.detail, "seconds");
  if (!turn.state().isAway && gap > seconds(shortestGap))
    turn.emit(EventType::AwayNoticed, Json({{"seconds", gap}}));
}

void takeReturn(Turn& turn, const Observation& observation) {
  if (turn.state().isAway)
    turn.emit(EventType::ReturnNoticed, observation.detail);
}

} // namespace

void take(Turn& turn, const Observation& observation) {
  if (turn.state().phase == RolloutPhase::New || turn.state().phase == RolloutPhase::Ended)
    return;
  switch (observation.kind) {
  case ObservationKind::EffectDone:
    return takeDone(turn, observation);
  case ObservationKind::EffectFailed:
    return takeFailed(turn, observation);
  case ObservationKind::ProbeChanged:
    return takeProbe(turn, observation);
  case ObservationKind::GateStreak:
    return takeStreak(turn, observation);
  case ObservationKind::RunsChanged:
  case ObservationKind::RunsQuiet:
    return takeRuns(turn, observation);
  case ObservationKind::InFlightChanged:
    return takeInFlight(turn, observation);
  case ObservationKind::AnalysisJudged:
    return takeAnalysis(turn, observation);
  case ObservationKind::ServingBad:
    return takeServingBad(turn, observation);
  case ObservationKind::InstanceExited:
    return takeExit(turn, observation);
  case ObservationKind::Sampled: // decide() has passed it on
    return;
  case ObservationKind::Away:
    return takeAway(turn, observation);
  case ObservationKind::Returned:
    return takeReturn(turn, observation);
  case ObservationKind::DrainHealthChanged:
    return takeDrainHealth(turn, observation);
  }
}

} // namespace ratdeck
