#include "app/stack/unfinished.h"

#include "core/engine/past_rollout.h"

namespace ratdeck {

std::optional<Error> refusalOf(const Place& place, const JournalSummary& journal) {
  auto past = readPastRollout(journal.path, place.folders().stack);
  auto resumable = past ? checkResumable(*past, place.revisions()) : Status(failure(past.error()));
  return resumable ? std::nullopt : std::optional(resumable.error());
}

Result<std::vector<Unfinished>> unfinishedOf(const Place& place) {
  auto journals = place.journals().unfinished(place.folders().stack);
  if (!journals)
    return failure(journals.error());
  std::vector<Unfinished> found;
  for (const auto& journal : *journals)
    found.push_back({journal, refusalOf(place, journal)});
  return found;
}

} // namespace ratdeck
