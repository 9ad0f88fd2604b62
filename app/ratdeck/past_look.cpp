#include "app/ratdeck/past_look.h"

#include "app/stack/unfinished.h"
#include "core/engine/past_rollout.h"
#include "core/rollout/rollout.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr size_t mostPast = 50;

std::string textOf(const JournaledChange& change) {
  return change.service + " " + (change.from.empty() ? "" : change.from + " → ") + change.to;
}

// The version that all of them had before; "" = several, or none.
std::string versionBefore(const std::vector<JournaledChange>& changes) {
  const auto isOther = [&](const JournaledChange& change) {
    return change.from != changes.front().from;
  };
  const bool areSeveral = std::any_of(changes.begin(), changes.end(), isOther);
  return changes.empty() || areSeveral ? std::string() : changes.front().from;
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
      const auto& verdict = verdictOn(place, journal);
      past.refusal = verdict.refusal;
      past.left = verdict.left;
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
  facts.rollsBackTo = rollsBackTo(place, *journals);
}

// As `rollback` chooses, which reads further back than what was done last.
const std::string& PastLook::rollsBackTo(const Place& place, const std::vector<JournalSummary>& journals) {
  std::string now;
  for (const auto& journal : journals)
    now += journal.path + ' ' + std::to_string(journal.records) + '\n';
  if (now == m_rollsBackAsOf)
    return m_rollsBackTo;
  const auto last = rolloutToUndo(place.journals(), place.folders().stack);
  m_rollsBackTo = last ? versionBefore(last->journal.header.changes) : std::string();
  m_rollsBackAsOf = std::move(now);
  return m_rollsBackTo;
}

const PastLook::Verdict& PastLook::verdictOn(const Place& place, const JournalSummary& journal) {
  const int next = place.revisions().nextNumber();
  auto [known, isNew] = m_verdicts.try_emplace(journal.path);
  auto& verdict = known->second;
  if (!isNew && verdict.records == journal.records && verdict.nextRevision == next)
    return verdict;
  verdict = {journal.records, next, refusalOf(place, journal), {}};
  if (const auto events = readPastEvents(journal.path, place.folders().stack)) {
    RolloutState state;
    for (const auto& event : *events)
      apply(state, event);
    if (state.phase == RolloutPhase::Rolling || state.phase == RolloutPhase::Undoing)
      verdict.left = leftBehindOf(state);
  }
  return verdict;
}

} // namespace ratdeck
