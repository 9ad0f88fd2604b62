#include "core/rollout/effect.h"

#include "core/rollout/effect_rules.h"
#include "core/rollout/rollout.h"
#include "core/rollout/task_view.h"

#include <algorithm>

namespace ratdeck {

const char* toString(EffectKind kind) {
  switch (kind) {
  case EffectKind::StartInstance:
    return "start";
  case EffectKind::JoinRouter:
    return "join";
  case EffectKind::Verify:
    return "verify";
  case EffectKind::DrainRouter:
    return "drain";
  case EffectKind::ReturnRouter:
    return "return";
  case EffectKind::LeaveRouter:
    return "leave";
  case EffectKind::CaptureEvidence:
    return "evidence";
  case EffectKind::StopInstance:
    return "stop";
  case EffectKind::RemoveInstance:
    return "remove";
  case EffectKind::DrainHook:
    return "drain-hook";
  case EffectKind::BackHook:
    return "back-hook";
  case EffectKind::RunTask:
    return "task";
  }
  return "unknown";
}

const char* toString(TaskStep step) {
  switch (step) {
  case TaskStep::Look:
    return "look";
  case TaskStep::Run:
    return "run";
  case TaskStep::Await:
    return "await";
  case TaskStep::Undo:
    return "undo";
  case TaskStep::Clear:
    return "clear";
  case TaskStep::Confirm:
    return "confirm";
  }
  return "unknown";
}

const char* toString(WatchKind kind) {
  switch (kind) {
  case WatchKind::Gate:
    return "gate";
  case WatchKind::Runs:
    return "runs";
  case WatchKind::InFlight:
    return "in-flight";
  case WatchKind::Serving:
    return "serving";
  case WatchKind::Analysis:
    return "analysis";
  case WatchKind::DrainHealth:
    return "drain-health";
  }
  return "unknown";
}

std::string Effect::key() const {
  const auto subject =
      kind == EffectKind::RunTask ? std::string(toString(step)) + " " + task : instance.value;
  return std::string(toString(kind)) + " " + subject + " #" + std::to_string(attempt);
}

std::optional<EffectKind> effectKindOf(const InstanceRollout& copy) {
  if (copy.hasGivenUp)
    return std::nullopt;
  if (copy.newWork == NewWork::Closing)
    return EffectKind::DrainHook;
  if (copy.newWork == NewWork::Opening)
    return EffectKind::BackHook;
  switch (copy.phase) {
  case InstancePhase::Starting:
    return EffectKind::StartInstance;
  case InstancePhase::Joining:
    return EffectKind::JoinRouter;
  case InstancePhase::Verifying:
    return copy.hasFailed ? std::nullopt : std::optional(EffectKind::Verify);
  case InstancePhase::Draining:
    return copy.isOutOfRotation ? std::nullopt : std::optional(EffectKind::DrainRouter);
  case InstancePhase::Returning:
    return EffectKind::ReturnRouter;
  case InstancePhase::Leaving:
    return copy.isInRouter ? std::optional(EffectKind::LeaveRouter) : std::nullopt;
  case InstancePhase::Evidence:
    return copy.hasEvidence ? std::nullopt : std::optional(EffectKind::CaptureEvidence);
  case InstancePhase::Stopping:
    return copy.isStopped ? std::nullopt : std::optional(EffectKind::StopInstance);
  case InstancePhase::Removing:
    return EffectKind::RemoveInstance;
  case InstancePhase::Pending:
  case InstancePhase::Gating:
  case InstancePhase::Ready:
  case InstancePhase::Serving:
  case InstancePhase::Warm:
  case InstancePhase::Retired:
    return std::nullopt;
  }
  return std::nullopt;
}

namespace {

bool isActive(const RolloutState& state) {
  return state.phase == RolloutPhase::Rolling || state.phase == RolloutPhase::Undoing;
}

bool isOneShot(const RolloutState& state, const std::string& service) {
  auto it = state.plan.services.find(service);
  return it != state.plan.services.end() && it->second.isOneShot;
}

// Old copies that are drained, where their drain names a health service.
void addDrainHealth(std::set<Watch>& watches, const RolloutState& state, const ServiceRollout& service) {
  auto plan = state.plan.services.find(service.service);
  if (plan == state.plan.services.end() || !plan->second.drain || !plan->second.drain->grpc)
    return;
  for (const auto& [id, copy] : state.instances)
    if (copy.service == service.service && copy.role == InstanceRole::Old && copy.batch == service.batch &&
        copy.phase == InstancePhase::Serving && !copy.hasExited)
      watches.insert({WatchKind::DrainHealth, copy.service, id});
}

std::optional<WatchKind> watchKindOf(const RolloutState& state, const InstanceRollout& copy) {
  if (copy.phase == InstancePhase::Draining && copy.isOutOfRotation)
    return WatchKind::InFlight;
  if (copy.role == InstanceRole::Old || copy.hasFailed)
    return std::nullopt;
  if (copy.phase == InstancePhase::Gating || copy.phase == InstancePhase::Ready)
    return WatchKind::Gate;
  if (copy.phase == InstancePhase::Verifying || copy.phase == InstancePhase::Serving)
    return isOneShot(state, copy.service) ? std::nullopt : std::optional(WatchKind::Serving);
  return std::nullopt;
}

// New copies serve, and something other than their own requests judges them.
bool isAnalysed(const RolloutState& state, const ServiceRollout& service) {
  auto plan = state.plan.services.find(service.service);
  auto isForward = service.phase == ServicePhase::Rolling || service.phase == ServicePhase::Watching ||
                   service.phase == ServicePhase::AwaitingApprovalAfter ||
                   service.phase == ServicePhase::Finished;
  return isForward && service.isBatchSwitched && plan != state.plan.services.end() &&
         std::any_of(plan->second.analyses.begin(), plan->second.analyses.end(),
                     [](const auto& analysis) { return !isOfCopies(analysis); });
}

} // namespace

std::vector<Effect> effectsOf(const RolloutState& state) {
  std::vector<Effect> effects;
  if (!isActive(state))
    return effects;
  for (const auto& [id, copy] : state.instances)
    if (auto kind = effectKindOf(copy))
      effects.push_back({*kind, copy.service, id, copy.attempt, copy.retryAt});
  for (const auto& [id, task] : state.tasks)
    if (auto effect = effectOf(state, task))
      effects.push_back(std::move(*effect));
  return effects;
}

std::set<Watch> watchesOf(const RolloutState& state) {
  std::set<Watch> watches;
  if (!isActive(state))
    return watches;
  for (const auto& [id, copy] : state.instances)
    if (auto kind = watchKindOf(state, copy))
      watches.insert({*kind, copy.service, id});
  for (const auto& [name, service] : state.services) {
    if (isAnalysed(state, service))
      watches.insert({WatchKind::Analysis, name, InstanceId()});
    if (service.isDrainingRuns) {
      watches.insert({WatchKind::Runs, name, InstanceId()});
      addDrainHealth(watches, state, service);
    }
  }
  return watches;
}

bool isAtRest(const RolloutState& state) {
  if (!effectsOf(state).empty())
    return false;
  for (const auto& [id, task] : state.tasks)
    if (const auto* plan = planOf(state, task); plan && isRetryDue(state, *plan, task))
      return false;
  for (const auto& watch : watchesOf(state))
    if (watch.kind == WatchKind::Gate || watch.kind == WatchKind::InFlight)
      return false;
  return true;
}

} // namespace ratdeck
