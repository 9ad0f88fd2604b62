// What earlier rollouts did to the schema, as their journals tell: what a rollback goes past.
#pragma once

#include "core/engine/revision_store.h"
#include "core/journal/store.h"
#include "core/plan/task_plan.h"

#include <string>
#include <vector>

namespace ratdeck {

// The steps, the newest first, of rollouts of the stack that made revision `from` or a later one, whatever
// became of them; without those that were taken back since. After them those that were there before revision
// `from` and are not any more, without an `up`: a rollback misses them. Commands are those of the revision,
// where it is kept: else the step cannot be taken back. Reads the journals of rollouts with tasks whole.
// Errors: Refused (a journal cannot be read), those of JournalStore::list.
Result<std::vector<SchemaStep>> schemaPast(const JournalStore& store, const std::string& stack,
                                           const RevisionStore& revisions, int from);

} // namespace ratdeck
