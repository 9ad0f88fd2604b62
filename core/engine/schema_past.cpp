#include "core/engine/schema_past.h"

#include "core/engine/past_rollout.h"
#include "core/journal/event_record.h"
#include "core/journal/reader.h"
#include "core/rollout/rollout.h"
#include "core/rollout/task_view.h"

#include <algorithm>

namespace ratdeck {

namespace {

Error unreadable(const std::string& why, const std::string& journal) {
  return {ErrorKind::Refused,
          "what an earlier rollout did to the schema is not known, since its journal cannot be read: " + why,
          "look what is applied; then move the journal away to go on without it",
          {journal}};
}

// Without the samples, of which nothing follows. Errors: Refused (it cannot be read to its end).
Result<RolloutState> stateOf(const std::string& journal) {
  auto reader = JournalReader::open(journal);
  if (!reader)
    return failure(reader.error());
  RolloutState state;
  while (auto record = reader->next())
    if (record->type != toString(EventType::Sampled))
      if (auto event = eventOf(*record))
        apply(state, *event);
  switch (const auto& report = reader->report(); report.verdict) {
  case JournalVerdict::Damaged:
  case JournalVerdict::HeadMismatch:
    return failure(unreadable(report.toString(), journal));
  case JournalVerdict::Intact:
  case JournalVerdict::HeadUnsigned:
  case JournalVerdict::TornTail:
  case JournalVerdict::BadSignature: // what it tells may be true all the same, and there is no more
    break;
  }
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
  if (task.phase != TaskPhase::Done && !step.task.isDownSafe)
    step.task.down.reset(); // nobody knows how much of it there is
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

// A rollout that was never begun says nothing: no plan, or not even a whole line.
Result<std::optional<RolloutState>> changedBy(const JournalSummary& journal, const std::string& stack) {
  auto past = readPastRollout(journal.path, stack);
  if (!past) {
    auto whole = verifyJournal(journal.path);
    if (whole && whole->records == 0 && whole->verdict == JournalVerdict::TornTail)
      return std::optional<RolloutState>();
    return failure(unreadable(past.error().message, journal.path));
  }
  if (!past->plan || past->plan->isTry || past->plan->tasks.empty())
    return std::optional<RolloutState>();
  auto state = stateOf(journal.path);
  return state ? Result<std::optional<RolloutState>>(std::move(*state)) : failure(state.error());
}

// What was there then, and is not now, unless a later rollout brought it anew.
std::vector<SchemaStep> missing(const std::vector<SchemaStep>& then, const std::vector<SchemaStep>& now) {
  std::vector<SchemaStep> gone;
  for (const auto& step : then)
    if (std::none_of(now.begin(), now.end(),
                     [&](const SchemaStep& other) { return other.task.id == step.task.id; })) {
      gone.push_back(step);
      gone.back().task.up.reset();
    }
  return gone;
}

} // namespace

Result<std::vector<SchemaStep>> schemaPast(const JournalStore& store, const std::string& stack,
                                           const RevisionStore& revisions, int from) {
  auto journals = store.list(stack);
  if (!journals)
    return failure(journals.error());
  std::vector<SchemaStep> steps, then;
  for (auto journal = journals->rbegin(); journal != journals->rend(); ++journal) { // the oldest first
    auto state = changedBy(*journal, stack);
    if (!state)
      return failure(state.error());
    if (!*state)
      continue;
    add(steps, **state, revisions);
    if ((*state)->plan.revision < from)
      then = steps;
  }
  auto gone = missing(then, steps);
  std::erase_if(steps, [from](const SchemaStep& step) { return step.revision < from; });
  std::reverse(steps.begin(), steps.end());
  steps.insert(steps.end(), gone.begin(), gone.end());
  return steps;
}

} // namespace ratdeck
