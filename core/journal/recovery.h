// Takes over a journal whose writer is gone: verifies it, sets a torn tail aside, and goes on writing behind
// the last good record. What was acknowledged is never cut: after damage in the middle, after a cut tail, and
// where the head was not signed by the journal's key, it refuses and changes nothing. One thread.
#pragma once

#include "core/journal/reader.h"
#include "core/journal/writer.h"

#include <string>
#include <vector>

namespace ratdeck {

struct RecoveredJournal {
  JournalHeader header;
  std::vector<Record>
      records;          // all good ones, the header first; JournalContinued, just written, is not among them
  JournalReport report; // as found
  std::string tornFile; // where the torn tail was saved: X.ratlog.torn-N; empty where there was none
  JournalWriter writer;
};

// Whether a journal as it was found can be gone on with. Errors: Refused, with why and what to do.
Status checkResumable(const JournalReport& report, const std::string& path);

// `bootId` of the machine now. `clock` must outlive the writer.
// Errors: NotFound; Refused (somebody writes it; it is closed; the verdicts above; no header was ever
// written); Input (a link, not a regular file); Internal (I/O, nothing is cut).
Result<RecoveredJournal> recoverJournal(const std::string& path, const std::string& bootId,
                                        const SigningKey& key, const Clock& clock);

} // namespace ratdeck
