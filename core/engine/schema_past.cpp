#include "core/engine/schema_past.h"

#include "core/engine/past_rollout.h"
#include "core/journal/event_record.h"
#include "core/journal/reader.h"
#include "core/rollout/rollout.h"
#include "core/rollout/task_view.h"

#include <algorithm>

namespace ratdeck {

namespace {

// Without the samples, of which nothing follows.
RolloutState stateOf(const std::string& journal) {
  RolloutState state;
  auto reader = JournalReader::open(journal);
  if (!reader)
    return state;
  while (auto record = reader->next())
    if (record->type != toString(EventType::Sampled))
      if (auto event = eventOf(*record))
        apply(state, *event);
  return state;
}

SchemaStep stepOf(const TaskPlan& plan, const TaskRollout& task, int revision,
                  const RevisionStore& revisions) {
  SchemaStep step{plan.spec, revision, versionsOf(plan, task)};
  step.task.down.reset(); // unless the revision has its words
  if (auto stack = revisions.stackAt(revision))
    if (const auto* known = taskOf(stack->policy, plan.spec.id))
      step.task = *known;
  step.task.location = {};
  return step;
}

// In the order in which they happened; what is taken back goes.
void add(std::vector<SchemaStep>& steps, const RolloutState& state, const RevisionStore& revisions) {
  for (const auto& plan : state.plan.tasks) {
    const auto* task = taskOf(state, plan.spec.id);
    if (!task || !plan.spec.isOfSchema())
      continue;
    if (plan.reverses > 0 && task->phase == TaskPhase::Done)
      std::erase_if(steps, [&](const SchemaStep& step) {
        return step.task.id == plan.spec.id && step.revision == plan.reverses;
      });
    if (plan.reverses == 0 && task->phase != TaskPhase::Undone && !versionsOf(plan, *task).empty())
      steps.push_back(stepOf(plan, *task, state.plan.revision, revisions));
  }
}

} // namespace

Result<std::vector<SchemaStep>> schemaPast(const JournalStore& store, const std::string& stack,
                                           const RevisionStore& revisions, int from) {
  auto journals = store.list(stack);
  if (!journals)
    return failure(journals.error());
  std::vector<SchemaStep> steps;
  for (auto journal = journals->rbegin(); journal != journals->rend(); ++journal) { // the oldest first
    if (!leftSomethingChanged(*journal))
      continue;
    auto past = readPastRollout(journal->path, stack);
    if (past && past->plan && !past->plan->isTry && past->plan->revision >= from &&
        !past->plan->tasks.empty())
      add(steps, stateOf(journal->path), revisions);
  }
  std::reverse(steps.begin(), steps.end());
  return steps;
}

} // namespace ratdeck
