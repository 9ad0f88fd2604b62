#include "core/rollout/task_view.h"

#include "core/base/wording.h"
#include "core/rollout/effect_rules.h"
#include "core/rollout/past_schema.h"
#include "core/rollout/service_view.h"

#include <algorithm>

namespace ratdeck {

using Where = TaskCommand::Where;

const TaskPlan* planOf(const RolloutState& state, const TaskRollout& task) {
  return taskOf(state.plan, task.id);
}

const TaskRollout* taskOf(const RolloutState& state, const std::string& id) {
  auto it = state.tasks.find(id);
  return it == state.tasks.end() ? nullptr : &it->second;
}

bool isInHand(const TaskRollout& task) {
  switch (task.phase) {
  case TaskPhase::Looking:
  case TaskPhase::Running:
  case TaskPhase::Confirming:
  case TaskPhase::Undoing:
  case TaskPhase::Settling:
    return true;
  case TaskPhase::Pending:
  case TaskPhase::Watching:
  case TaskPhase::Done:
  case TaskPhase::Failed:
  case TaskPhase::Undone:
  case TaskPhase::UndoFailed:
    return task.isLeft || task.isDownLeft;
  }
  return false;
}

bool isTaskInHand(const RolloutState& state) {
  return std::any_of(state.tasks.begin(), state.tasks.end(),
                     [](const auto& entry) { return isInHand(entry.second); });
}

const TaskPlan* otherSchemaInHand(const RolloutState& state, const TaskSpec& spec, bool countsCode) {
  const auto isOther = [&](const TaskPlan& other) {
    const auto* task = taskOf(state, other.spec.id);
    const bool isWatched =
        countsCode && task && task->phase == TaskPhase::Watching && other.spec.service != spec.service;
    return task && other.spec.isOfSchema() && other.spec.id != spec.id && (isInHand(*task) || isWatched);
  };
  const auto& plans = state.plan.tasks;
  const auto found = std::find_if(plans.begin(), plans.end(), isOther);
  return found == plans.end() ? nullptr : &*found;
}

bool isSettled(const TaskRollout& task) {
  return task.phase == TaskPhase::Done || task.isAccepted;
}

bool hasFailed(const TaskRollout& task) {
  return !task.failure.empty() && !task.isAccepted &&
         (task.phase == TaskPhase::Failed || task.phase == TaskPhase::Undone ||
          task.phase == TaskPhase::UndoFailed);
}

bool runsInCopy(const TaskPlan& plan, const TaskRollout& task) {
  const bool isDown = task.phase == TaskPhase::Undoing || task.phase == TaskPhase::Settling;
  const auto& command = isDown ? plan.spec.down : plan.spec.up;
  return command && command->where == Where::Copy;
}

bool areTasksAfterDone(const RolloutState& state, const std::string& service) {
  return std::all_of(state.plan.tasks.begin(), state.plan.tasks.end(), [&](const TaskPlan& plan) {
    const auto& spec = plan.spec;
    if (spec.service != service ||
        (spec.when != TaskSpec::When::After && spec.kind != TaskSpec::Kind::Schema))
      return true;
    const auto* task = taskOf(state, spec.id);
    return !task || isSettled(*task) || (hasBrokenUndo(state) && !isInHand(*task));
  });
}

namespace {

// It may run on, since it could not be ended.
bool mayStillRun(const TaskPlan& plan, const TaskRollout& task) {
  return task.isLeftover || (task.wasTimedOut && runsInCopy(plan, task));
}

} // namespace

bool isChangeKnown(const TaskPlan& plan, const TaskRollout& task) {
  const bool hasEnded = task.phase == TaskPhase::Done || task.phase == TaskPhase::Failed;
  return hasEnded && task.before && task.after && !mayStillRun(plan, task);
}

std::vector<std::string> versionsOf(const TaskPlan& plan, const TaskRollout& task) {
  if (!task.hasBegun)
    return {};
  auto versions = plan.reverses > 0 ? task.removed : task.added;
  if (!versions.empty() && !mayStillRun(plan, task))
    return versions;
  if (isChangeKnown(plan, task) && task.added.empty() && task.removed.empty())
    return {};
  for (const auto& own : plan.spec.versions.empty() ? std::vector{plan.spec.id} : plan.spec.versions)
    if (std::find(versions.begin(), versions.end(), own) == versions.end())
      versions.push_back(own);
  return versions;
}

bool mayFollowFailure(const TaskPlan& plan, const TaskRollout& task) {
  return plan.spec.down && plan.spec.isDownSafe && task.exitCode >= 0 && !mayStillRun(plan, task);
}

bool wasNeverBegun(const TaskRollout& task) {
  return task.isWaiting && !task.mayHaveRun;
}

namespace {

// Nothing is undone that it belongs to.
bool isForward(const RolloutState& state, const TaskSpec& task) {
  const bool isLast = task.service.empty() && task.when == TaskSpec::When::After;
  return state.phase == RolloutPhase::Rolling &&
         std::none_of(state.services.begin(), state.services.end(), [&](const auto& entry) {
           return entry.second.phase >= ServicePhase::Failed && (isLast || entry.first == task.service);
         });
}

} // namespace

bool mayBegin(const RolloutState& state, const TaskSpec& task) {
  return task.when == TaskSpec::When::OnFailure || (isForward(state, task) && !startsNothingNew(state));
}

bool mayBeginLater(const RolloutState& state, const TaskSpec& task) {
  return isForward(state, task) && state.isHeld && !state.stopsHere && !hasBrokenUndo(state);
}

bool isRetryDue(const RolloutState& state, const TaskPlan& plan, const TaskRollout& task) {
  return task.isWaiting && (mayBegin(state, plan.spec) || !runsInCopy(plan, task));
}

bool mayExpire(const RolloutState& state) {
  const bool canBeAsked = state.hasPerson || state.approve == "wait";
  return !state.stopsHere && (!canBeAsked || pastSchemaThatBlocks(state).isEmpty());
}

std::vector<std::string> gained(const std::vector<std::string>& before, const std::vector<std::string>& now) {
  std::vector<std::string> news;
  for (const auto& version : now)
    if (std::find(before.begin(), before.end(), version) == before.end())
      news.push_back(version);
  return news;
}

namespace {

std::optional<TaskStep> stepOf(const TaskRollout& task) {
  switch (task.phase) {
  case TaskPhase::Looking:
    return TaskStep::Look;
  case TaskPhase::Running:
    if (task.isWaiting)
      return std::nullopt;
    return task.isInDoubt ? TaskStep::Look : task.isAwaited ? TaskStep::Await : TaskStep::Run;
  case TaskPhase::Undoing:
    return task.isInDoubt ? TaskStep::Look : TaskStep::Undo;
  case TaskPhase::Confirming:
  case TaskPhase::Settling:
    if (task.isLeft || task.isDownLeft)
      return TaskStep::Clear;
    return task.isLooked ? std::nullopt : std::optional(TaskStep::Confirm);
  case TaskPhase::Pending:
  case TaskPhase::Watching:
  case TaskPhase::Done:
  case TaskPhase::Failed:
  case TaskPhase::Undone:
  case TaskPhase::UndoFailed:
    return task.isLeft || task.isDownLeft ? std::optional(TaskStep::Clear) : std::nullopt;
  }
  return std::nullopt;
}

} // namespace

std::optional<Effect> effectOf(const RolloutState& state, const TaskRollout& task) {
  const auto* plan = planOf(state, task);
  const auto step = stepOf(task);
  if (!plan || !step)
    return std::nullopt;
  return Effect{
      EffectKind::RunTask, plan->spec.service, InstanceId(), task.attempt, task.retryAt, task.id, *step};
}

} // namespace ratdeck
