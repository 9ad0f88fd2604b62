// What the journals and revisions of a stack tell of it, as the window shows it. Verifies an unfinished
// journal again only when it has changed. One thread.
#pragma once

#include "app/stack/place.h"
#include "ui/model/console_facts.h"

#include <map>
#include <optional>
#include <string>

namespace ratdeck {

class PastLook {
public:
  // Sets everything in `facts` that is not what runs now. What cannot be read is left empty, and pastProblem
  // says why.
  void fill(const Place& place, StackFacts& facts);

private:
  struct Verdict {
    long long records = 0;
    int nextRevision = 0;
    std::optional<Error> refusal;
    std::optional<LeftBehind> left;
  };

  const Verdict& verdictOn(const Place& place, const JournalSummary& journal);

  const std::string& rollsBackTo(const Place& place, const std::vector<JournalSummary>& journals);

  std::map<std::string, Verdict> m_verdicts; // by the journal's path
  std::string m_rollsBackTo;                 // as it was with …
  std::string m_rollsBackAsOf;               // … these journals
};

} // namespace ratdeck
