#include "core/rollout/task_view.h"

#include "core/rollout/effect_rules.h"
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

std::vector<std::string> versionsOf(const TaskPlan& plan, const TaskRollout& task) {
  if (task.wasSkipped || task.phase == TaskPhase::Pending)
    return {};
  if (!task.added.empty())
    return task.added;
  if ((task.before && task.after) || task.phase != TaskPhase::Done)
    return {};
  return plan.spec.versions.empty() ? std::vector{titleOf(plan.spec)} : plan.spec.versions;
}

WayBack wayBackOf(const RolloutState& state, const TaskPlan& plan) {
  const auto* task = taskOf(state, plan.spec.id);
  const auto& spec = plan.spec;
  if (!task || !spec.isOfSchema() || plan.reverses > 0 || task->wasSkipped)
    return WayBack::Nothing;
  switch (task->phase) {
  case TaskPhase::Pending:
  case TaskPhase::Looking:
  case TaskPhase::Undone:
    return WayBack::Nothing;
  case TaskPhase::UndoFailed:
    return WayBack::Closed;
  case TaskPhase::Failed: {
    const bool isKnown = task->exitCode >= 0 && !task->isLeftover && // it ran, and does not run any more
                         !(task->wasTimedOut && runsInCopy(plan, *task));
    if (spec.down && spec.isDownSafe && isKnown)
      return WayBack::Down;
    return versionsOf(plan, *task).empty() ? WayBack::Nothing : WayBack::Closed;
  }
  case TaskPhase::Running:
  case TaskPhase::Watching:
  case TaskPhase::Confirming:
  case TaskPhase::Undoing:
  case TaskPhase::Settling:
  case TaskPhase::Done:
    break;
  }
  if (versionsOf(plan, *task).empty() && task->phase == TaskPhase::Done)
    return WayBack::Nothing;
  return spec.down && (spec.isReversible || state.isPastConfirmed) ? WayBack::Down : WayBack::Closed;
}

namespace {

// Code that was replaced after it: to go back would be to go past it.
bool isCodeReplaced(const RolloutState& state, const TaskSpec& task) {
  return std::any_of(state.instances.begin(), state.instances.end(), [&](const auto& entry) {
    const auto& copy = entry.second;
    if (!task.service.empty() && copy.service != task.service)
      return false;
    const auto plan = state.plan.services.find(copy.service);
    if (plan == state.plan.services.end() || plan->second.oldCopies.empty()) // there is nothing to go back to
      return false;
    if (copy.role == InstanceRole::Old)
      return copy.phase != InstancePhase::Serving;
    return copy.role == InstanceRole::New && (copy.isInRouter || copy.phase == InstancePhase::Serving);
  });
}

template <class Use>
void eachThatStays(const RolloutState& state, Use use) {
  bool isClosed = false;
  for (auto plan = state.plan.tasks.rbegin(); plan != state.plan.tasks.rend(); ++plan) {
    const auto way = wayBackOf(state, *plan);
    isClosed = isClosed || way == WayBack::Closed;
    if (isClosed && way != WayBack::Nothing && isCodeReplaced(state, plan->spec))
      use(*plan, versionsOf(*plan, state.tasks.at(plan->spec.id)));
  }
}

} // namespace

std::vector<std::string> versionsThatStay(const RolloutState& state) {
  std::vector<std::string> stay;
  eachThatStays(state, [&](const TaskPlan&, const std::vector<std::string>& versions) {
    stay.insert(stay.end(), versions.begin(), versions.end());
  });
  return stay;
}

std::vector<std::string> versionsThatBlock(const RolloutState& state) {
  std::vector<std::string> block;
  eachThatStays(state, [&](const TaskPlan& plan, const std::vector<std::string>& versions) {
    if (!plan.spec.isCompatible)
      block.insert(block.end(), versions.begin(), versions.end());
  });
  return block;
}

bool mayExpire(const RolloutState& state) {
  const bool canBeAsked = state.hasPerson || state.approve == "wait";
  return !state.stopsHere && (!canBeAsked || versionsThatBlock(state).empty());
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : ", ") + word;
  return text;
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
    return task.isInDoubt ? TaskStep::Look : TaskStep::Run;
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
