// The rollouts of a stack that engines left behind.
#pragma once

#include "app/stack/place.h"

#include <optional>
#include <vector>

namespace ratdeck {

struct Unfinished {
  JournalSummary journal;
  std::optional<Error> refusal; // why it cannot be resumed
};

// Why this unfinished rollout cannot be resumed. Reads the whole journal.
std::optional<Error> refusalOf(const Place& place, const JournalSummary& journal);

// The newest first. Errors: those of JournalStore::list.
Result<std::vector<Unfinished>> unfinishedOf(const Place& place);

} // namespace ratdeck
