#include "app/ratdeck/past_look.h"

#include "app/stack/unfinished.h"

namespace ratdeck {

namespace {

constexpr size_t mostPast = 50;

std::string textOf(const JournaledChange& change) {
  return change.service + " " + (change.from.empty() ? "" : change.from + " → ") + change.to;
}

PastFacts factsOf(const JournalSummary& journal) {
  PastFacts facts;
  facts.rollout = journal.header.rollout.value;
  facts.journal = journal.path;
  facts.actor = journal.header.actor;
  facts.result = journal.result;
  for (const auto& change : journal.header.changes)
    facts.changes.push_back(textOf(change));
  facts.started = journal.started;
  if (journal.isClosed)
    facts.ended = journal.ended;
  facts.isTry = journal.header.isTry;
  facts.windowOverride = journal.header.windowOverride;
  return facts;
}

} // namespace

void PastLook::fill(const Place& place, StackFacts& facts) {
  facts.revisions = place.revisions().numbers();
  auto journals = place.journals().list(place.folders().stack);
  if (!journals) {
    facts.pastProblem = journals.error();
    return;
  }
  for (const auto& journal : *journals) { // the newest first
    if (!journal.isReadable())
      continue;
    auto past = factsOf(journal);
    if (journal.isUnfinished()) {
      past.refusal = refusalOf(place, journal);
      facts.unfinished.push_back(std::move(past));
    } else if (!journal.isClosed) {
      facts.running = std::move(past);
    } else {
      if (!past.isTry && !facts.lastChange)
        facts.lastChange = past;
      if (facts.past.size() < mostPast)
        facts.past.push_back(std::move(past));
    }
  }
}

std::optional<Error> PastLook::refusalOf(const Place& place, const JournalSummary& journal) {
  const int next = place.revisions().nextNumber();
  auto [known, isNew] = m_verdicts.try_emplace(journal.path);
  auto& verdict = known->second;
  if (isNew || verdict.records != journal.records || verdict.nextRevision != next)
    verdict = {journal.records, next, ratdeck::refusalOf(place, journal)};
  return verdict.refusal;
}

} // namespace ratdeck
