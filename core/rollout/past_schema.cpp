#include "core/rollout/past_schema.h"

#include "core/base/wording.h"
#include "core/rollout/task_view.h"

#include <algorithm>

namespace ratdeck {

namespace {

bool isNamed(const RolloutState& state, const std::vector<std::string>& versions) {
  return std::all_of(versions.begin(), versions.end(),
                     [&](const auto& version) { return state.pastConfirmed.contains(version); });
}

// Code that was replaced after it, and is not back: to go back would be to go past it.
bool isCodeReplaced(const RolloutState& state, const TaskSpec& task) {
  return std::any_of(state.instances.begin(), state.instances.end(), [&](const auto& entry) {
    const auto& copy = entry.second;
    if (!task.service.empty() && copy.service != task.service)
      return false;
    const auto plan = state.plan.services.find(copy.service);
    if (plan == state.plan.services.end() || plan->second.oldCopies.empty()) // there is nothing to go back to
      return false;
    if (state.services.at(copy.service).phase == ServicePhase::Undone)
      return false;
    if (copy.role == InstanceRole::Old)
      return copy.phase != InstancePhase::Serving;
    return copy.role == InstanceRole::New && (copy.isInRouter || copy.phase == InstancePhase::Serving);
  });
}

// use(plan, versions, isLost) of each that an undo would go past. `isAsked`: a person names what is lost.
template <class Use>
void eachPast(const RolloutState& state, bool isAsked, Use use) {
  bool isClosed = false;
  for (auto plan = state.plan.tasks.rbegin(); plan != state.plan.tasks.rend(); ++plan) {
    const auto way = wayBackOf(state, *plan);
    const bool isReplaced = isCodeReplaced(state, plan->spec);
    const bool isLost = way == WayBack::Lossy && isAsked && isReplaced && !isClosed;
    isClosed = isClosed || way == WayBack::Closed || (way == WayBack::Lossy && !isLost);
    if (way != WayBack::Nothing && isReplaced && (isClosed || isLost))
      use(*plan, versionsOf(*plan, state.tasks.at(plan->spec.id)), isLost);
  }
}

void append(std::vector<std::string>& list, const std::vector<std::string>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

} // namespace

WayBack wayBackOf(const RolloutState& state, const TaskPlan& plan) {
  const auto* task = taskOf(state, plan.spec.id);
  const auto& spec = plan.spec;
  if (!task || !spec.isOfSchema())
    return WayBack::Nothing;
  const auto versions = versionsOf(plan, *task);
  switch (task->phase) {
  case TaskPhase::Pending:
  case TaskPhase::Looking:
  case TaskPhase::Undone:
    return WayBack::Nothing;
  case TaskPhase::Running:
    return wasNeverBegun(*task) ? WayBack::Nothing : WayBack::Closed;
  case TaskPhase::Watching:
  case TaskPhase::Confirming:
  case TaskPhase::Undoing:
  case TaskPhase::Settling:
  case TaskPhase::UndoFailed:
    return WayBack::Closed;
  case TaskPhase::Failed:
    if (mayFollowFailure(plan, *task))
      break;
    return versions.empty() ? WayBack::Nothing : WayBack::Closed;
  case TaskPhase::Done:
    if (versions.empty())
      return WayBack::Nothing;
    if (!spec.down || !isChangeKnown(plan, *task))
      return WayBack::Closed;
    break;
  }
  if (spec.isReversible)
    return WayBack::Down;
  return versions.empty() ? WayBack::Nothing : isNamed(state, versions) ? WayBack::Down : WayBack::Lossy;
}

bool breaksOldCode(const TaskPlan& plan) {
  return plan.reverses > 0 || !plan.spec.isCompatible;
}

bool keepsCode(const RolloutState& state, const TaskPlan& plan) {
  const auto& task = state.tasks.at(plan.spec.id);
  return task.phase == TaskPhase::UndoFailed && plan.spec.goesBackFirst && breaksOldCode(plan) &&
         isCodeReplaced(state, plan.spec) && !isNamed(state, versionsOf(plan, task));
}

std::set<std::string> PastSchema::names() const {
  std::set<std::string> names;
  for (const auto* versions : {&stays, &lost, &gone})
    names.insert(versions->begin(), versions->end());
  return names;
}

PastSchema pastSchemaOf(const RolloutState& state) {
  PastSchema past;
  eachPast(state, true, [&](const TaskPlan& plan, const std::vector<std::string>& versions, bool isLost) {
    append(plan.reverses > 0 ? past.gone : isLost ? past.lost : past.stays, versions);
  });
  return past;
}

PastSchema pastSchemaThatBlocks(const RolloutState& state) {
  PastSchema past;
  eachPast(state, false, [&](const TaskPlan& plan, const std::vector<std::string>& versions, bool) {
    if (breaksOldCode(plan))
      append(plan.reverses > 0 ? past.gone : past.stays, versions);
  });
  return past;
}

bool isBlockInDoubt(const RolloutState& state) {
  bool isInDoubt = false;
  eachPast(state, false, [&](const TaskPlan& plan, const std::vector<std::string>&, bool) {
    const auto& task = state.tasks.at(plan.spec.id);
    isInDoubt = isInDoubt || (breaksOldCode(plan) && (isInHand(task) || task.phase == TaskPhase::Watching));
  });
  return isInDoubt;
}

std::string toText(const PastSchema& past) {
  std::string text;
  const auto add = [&](const std::vector<std::string>& versions, const char* before, const char* after) {
    if (!versions.empty())
      text += (text.empty() ? "" : "; ") + std::string(before) + listed(versions) + after;
  };
  add(past.stays, "schema ", " stays");
  add(past.lost, "the data of ", " is lost");
  add(past.gone, "schema ", " was taken away and does not come back");
  return text;
}

bool isNamedIn(const std::string& text, const std::string& name) {
  const auto parts = [&](size_t at) {
    return at >= text.size() || std::string_view(", \t\r\n").find(text[at]) != std::string_view::npos;
  };
  for (auto at = text.find(name); !name.empty() && at != std::string::npos; at = text.find(name, at + 1))
    if ((at == 0 || parts(at - 1)) && parts(at + name.size()))
      return true;
  return false;
}

} // namespace ratdeck
