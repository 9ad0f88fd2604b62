// The records a journal keeps about itself, beside the events: JournalOpened (the first, the header),
// JournalContinued (a new writer went on after a crash) and JournalClosed (the last). Pure; any thread.
#pragma once

#include "core/base/id.h"
#include "core/journal/record.h"

#include <string>
#include <vector>

namespace ratdeck {

struct Plan;

inline constexpr const char* journalFormat = "ratdeck.journal/1";
inline constexpr const char* journalOpened = "JournalOpened";
inline constexpr const char* journalContinued = "JournalContinued";
inline constexpr const char* journalClosed = "JournalClosed";

struct JournaledChange {
  std::string service, from, to; // versions; from is empty where the service did not run
  bool operator==(const JournaledChange&) const = default;
};

struct JournalHeader {
  RolloutId rollout;
  std::string stack; // the folder's name
  std::string project;
  std::string runtime;
  std::string hash;  // of the plan
  std::string actor; // who started it
  std::string bootId;
  std::string key;                      // public; set by the writer
  bool isTry = false;                   // it leaves nothing changed, whatever its result
  std::string windowOverride;           // why it began outside its windows or in a freeze; "" = it did not
  std::vector<JournaledChange> changes; // the plan in short; the whole plan is in RolloutStarted

  bool operator==(const JournalHeader&) const = default;
};

JournalHeader headerOf(const Plan& plan, const RolloutId& rollout, const std::string& stack,
                       const std::string& actor, const std::string& bootId);

// The data of JournalOpened.
Json toJson(const JournalHeader& header);
// Errors (kind Input): the record is no header; a format other than 1, named.
Result<JournalHeader> headerFrom(const Record& record);

// One of the three types above: not an event.
bool isAboutJournal(const Record& record);

} // namespace ratdeck
