// The folder of journals: FOLDER/STACK/ROLLOUT.ratlog. Finds, lists and names them; reads of each only its
// first and last lines, so a list is quick however long the rollouts were. Must not verify (reader.h) nor
// write. One thread.
#pragma once

#include "core/journal/header.h"

#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

struct JournalSummary {
  std::string path;
  JournalHeader header;
  std::string stack;  // the folder it lies in
  std::string result; // the word of JournalClosed; empty where it is not closed
  WallTime started;
  WallTime ended;        // of the last record
  long long records = 0; // the last sequence number
  bool isClosed = false;
  bool hasWriter = false; // an engine has it open
  std::string problem;    // why it cannot be read; header and times are then empty

  bool isReadable() const { return problem.empty(); }
  // An engine left it behind.
  bool isUnfinished() const { return isReadable() && !isClosed && !hasWriter; }
};

class JournalStore {
public:
  // The folder need not exist. `clock` must outlive the store.
  JournalStore(std::string folder, const Clock& clock);

  // The newest first; unreadable ones last. `stack` empty: of all stacks. Links and other files are passed
  // over. Errors: Internal (the folder cannot be read).
  Result<std::vector<JournalSummary>> list(const std::string& stack = {}) const;
  // The unfinished ones of list().
  Result<std::vector<JournalSummary>> unfinished(const std::string& stack = {}) const;
  // By a path (it has a slash, or ends in .ratlog), a rollout's id, or the beginning of one that fits only
  // one. Errors: NotFound, Input (ambiguous, with the candidates), Internal.
  Result<std::string> find(const std::string& text) const;

  // YYYYMMDD-HHMMSS-xxxx in UTC: sorts by time, and is not taken in this store.
  RolloutId nextRolloutId() const;
  // Errors: Input (a name that is empty, begins with a dot or holds anything but letters, digits, '-', '_',
  // '.').
  Result<std::string> pathOf(const std::string& stack, const RolloutId& rollout) const;

private:
  std::string m_folder;
  const Clock* m_clock;
};

// Reads the first and the last record. Never fails: `problem` says what is wrong.
JournalSummary summaryOf(const std::string& path);

} // namespace ratdeck
