#include "app/stack/unfinished.h"

#include "core/engine/past_rollout.h"

namespace ratdeck {

Result<std::vector<Unfinished>> unfinishedOf(const Place& place) {
  auto journals = place.journals().unfinished(place.folders().stack);
  if (!journals)
    return failure(journals.error());
  std::vector<Unfinished> found;
  for (const auto& journal : *journals) {
    auto past = readPastRollout(journal.path, place.folders().stack);
    auto resumable = past ? checkResumable(*past, place.revisions()) : Status(failure(past.error()));
    found.push_back({journal, resumable ? std::nullopt : std::optional(resumable.error())});
  }
  return found;
}

} // namespace ratdeck
