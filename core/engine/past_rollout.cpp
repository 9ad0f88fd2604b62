#include "core/engine/past_rollout.h"

#include "core/journal/event_record.h"
#include "core/journal/recovery.h"
#include "core/rollout/rollout_state.h"

#include <algorithm>
#include <set>

namespace ratdeck {

bool leftSomethingChanged(const JournalSummary& journal) {
  return journal.isClosed && (journal.result == toString(RolloutResult::Succeeded) ||
                              journal.result == toString(RolloutResult::PausedMixed) ||
                              journal.result == toString(RolloutResult::RollbackFailed));
}

namespace {

// A rollback removes nothing: a rollout that only made what did not run before leaves nothing to bring back.
bool replacedSomething(const Plan& plan) {
  return std::any_of(plan.services.begin(), plan.services.end(),
                     [](const auto& entry) { return entry.second.action == PlanAction::Update; });
}

bool undidTheWhole(const PastRollout& rollback) {
  return rollback.journal.result == toString(RolloutResult::Succeeded) &&
         rollback.plan->inputs.services.empty();
}

Status readStart(const Record& record, PastRollout& past) {
  auto event = eventOf(record);
  auto plan = event ? planFromJson(memberAt(event->detail, "plan")) : failure(event.error());
  if (!plan)
    return failure(plan.error());
  past.plan = std::move(*plan);
  past.undoes = textAt(event->detail, "undoes");
  past.approve = textAt(event->detail, "approve", "ask");
  return Done{};
}

} // namespace

Result<PastRollout> readPastRollout(const std::string& path, const std::string& stack) {
  auto journal = JournalReader::open(path);
  if (!journal)
    return failure(journal.error());
  PastRollout past{summaryOf(path), {}, {}, {}};
  if (!past.journal.isReadable())
    return failure(ErrorKind::Input, past.journal.problem, "list the journals with `ratdeckctl history`",
                   {path});
  if (past.journal.header.stack != stack)
    return failure(ErrorKind::Refused,
                   "rollout " + past.id() + " is one of another stack (project " +
                       past.journal.header.project + ")",
                   "name its stack with -f, -p and --sandbox as it was deployed");
  while (auto record = journal->next())
    if (record->type == toString(EventType::RolloutStarted)) {
      auto read = readStart(*record, past);
      return read ? Result<PastRollout>(std::move(past)) : failure(read.error());
    }
  return past;
}

Result<std::vector<Event>> readPastEvents(const std::string& path, const std::string& stack) {
  if (auto past = readPastRollout(path, stack); !past)
    return failure(past.error());
  auto journal = JournalReader::open(path);
  if (!journal)
    return failure(journal.error());
  std::vector<Event> events;
  while (auto record = journal->next())
    if (auto event = eventOf(*record)) // else it is the journal's own
      events.push_back(std::move(*event));
  return events;
}

Status checkNotOvertaken(const PastRollout& past, const RevisionStore& revisions) {
  if (!past.plan || revisions.nextNumber() == past.plan->revision + (past.plan->isTry ? 0 : 1))
    return Done{};
  return failure(ErrorKind::Refused,
                 "the stack was deployed again after rollout " + past.id() + ", which is out of date",
                 "make a new plan; nothing is left to do for this rollout");
}

Status checkResumable(const PastRollout& past, const RevisionStore& revisions) {
  auto report = verifyJournal(past.journal.path);
  if (!report)
    return failure(report.error());
  if (auto resumable = checkResumable(*report, past.journal.path); !resumable)
    return resumable;
  return checkNotOvertaken(past, revisions);
}

Result<std::optional<PastRollout>> unfinishedRollout(const JournalStore& store, const std::string& stack,
                                                     const RevisionStore& revisions) {
  auto journals = store.unfinished(stack);
  if (!journals)
    return failure(journals.error());
  for (const auto& journal : *journals)
    if (auto past = readPastRollout(journal.path, stack); past && checkResumable(*past, revisions))
      return std::optional(std::move(*past));
  return std::optional<PastRollout>();
}

Error unfinishedError(const PastRollout& past, const std::string& command) {
  return {ErrorKind::Refused,
          (past.plan && past.plan->isTry ? "the try " : "rollout ") + past.id() +
              " of this stack is unfinished",
          "go on with it or undo it first: `" + command + "`",
          {}};
}

Result<PastRollout> rolloutToUndo(const JournalStore& store, const std::string& stack) {
  auto journals = store.list(stack);
  if (!journals)
    return failure(journals.error());
  std::set<std::string> undone;
  for (const auto& journal : *journals) { // the newest first: a rollback comes before what it undid
    if (!leftSomethingChanged(journal))
      continue;
    auto past = readPastRollout(journal.path, stack);
    if (!past)
      return failure(past.error());
    if (!past->plan || past->plan->isTry)
      continue;
    if (!past->undoes.empty()) {
      if (undidTheWhole(*past))
        undone.insert(past->undoes);
    } else if (!undone.contains(past->id()) && replacedSomething(*past->plan)) {
      return past;
    }
  }
  return failure(ErrorKind::NotFound, "no rollout of this stack has left anything to roll back",
                 "`ratdeckctl history` lists what is recorded; --to N brings a revision back");
}

} // namespace ratdeck
