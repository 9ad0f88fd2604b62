// What earlier rollouts did to the schema, as their journals tell: what a rollback goes past.
#pragma once

#include "core/engine/revision_store.h"
#include "core/journal/store.h"
#include "core/plan/task_plan.h"

#include <string>
#include <vector>

namespace ratdeck {

// The steps, the newest first, of rollouts of the stack that left it changed and made revision `from` or a
// later one; without those that were taken back since. Commands are those of the revision, where it is kept:
// else the step cannot be taken back. Reads these journals whole. Errors: those of JournalStore::list.
Result<std::vector<SchemaStep>> schemaPast(const JournalStore& store, const std::string& stack,
                                           const RevisionStore& revisions, int from);

} // namespace ratdeck
