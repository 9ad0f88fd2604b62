// What the journals of a stack tell those who come later: which plan a rollout carried out, what it undid,
// and whether somebody must still go on with it. Reads journals and revisions, changes nothing. One thread.
#pragma once

#include "core/engine/revision_store.h"
#include "core/journal/store.h"
#include "core/plan/plan.h"
#include "core/rollout/event.h"

#include <optional>
#include <string>

namespace ratdeck {

struct PastRollout {
  JournalSummary journal;
  std::optional<Plan> plan; // absent: the engine was stopped before the rollout was begun
  std::string undoes;       // the rollout that it was to undo, or ""
  std::string approve;      // as it was started with: ask, auto, wait

  const std::string& id() const { return journal.header.rollout.value; }
};

// The services that it changed were left so: it is over, and was not undone.
bool leftSomethingChanged(const JournalSummary& journal);

// Reads no further than the rollout's start. Errors: NotFound; Input (not a journal, damaged there); Refused:
// it is a rollout of another stack than `stack` (JournalHeader::stack).
Result<PastRollout> readPastRollout(const std::string& path, const std::string& stack);

// What happened in it, up to its last record or the first damage. Errors: as readPastRollout's.
Result<std::vector<Event>> readPastEvents(const std::string& path, const std::string& stack);

// Refused where a later rollout was begun: what this one has in mind is another's world by now.
Status checkNotOvertaken(const PastRollout& past, const RevisionStore& revisions);
// Refused where resuming it would be refused: the above, damage, an end. Reads the whole journal.
Status checkResumable(const PastRollout& past, const RevisionStore& revisions);

// The newest rollout of the stack that an engine left behind and that can be resumed: it comes before any
// other change of the stack. Errors: those of JournalStore::list.
Result<std::optional<PastRollout>> unfinishedRollout(const JournalStore& store, const std::string& stack,
                                                     const RevisionStore& revisions);
// Refused: `past` is unfinished; `command` is what to type to go on with it or to undo it.
Error unfinishedError(const PastRollout& past, const std::string& command);

// The newest rollout that left a service changed, is no rollback itself nor a try, and was not undone by a
// later rollback of the whole. Errors: NotFound where there is none; those of JournalStore::list.
Result<PastRollout> rolloutToUndo(const JournalStore& store, const std::string& stack);

} // namespace ratdeck
