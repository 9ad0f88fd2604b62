// Reads a journal record by record and verifies it on the way: form, sequence, chain, signed head. A record
// is given out only once nothing speaks against it (the next line links to it, or it is the last); reading
// ends at the first damage, and report() says what was found, where. Memory is bounded by the longest line
// (16 MiB).
//
// Must not know what the events mean, nor change anything. A journal that is being written may be read; its
// last line may then be torn. One thread.
#pragma once

#include "core/journal/head.h"
#include "core/journal/header.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ratdeck {

// In the order of their weight: of several the last is reported.
enum class JournalVerdict {
  Intact,
  HeadUnsigned, // the records are chained; there is no head, so a cut tail would not show
  TornTail,     // the last write did not finish
  HeadMismatch, // the head names a record that is not there or is another: the tail was cut, or lines
                // rewritten
  BadSignature, // the head is not what the journal's key signed
  Damaged,      // a record was changed, lost, doubled, moved or inserted, or cannot be read
};

struct JournalReport {
  JournalVerdict verdict = JournalVerdict::Intact;
  std::string what;        // of a verdict other than Intact: what is wrong, for people
  long long seq = 0;       // of the first record that cannot be trusted; 0 where that has no meaning
  long long offset = 0;    // its first byte, or the torn tail's
  long long tornBytes = 0; // of a torn tail
  long long records = 0;   // good ones, = the last good sequence number
  long long end = 0;       // the byte behind the last good record
  std::string sha256;      // of its line
  long long confirmed = 0; // up to here the signed head vouches; later records vouch for those before them
  bool isClosed = false;
  std::string result; // of a closed one
  std::optional<JournalHeader> header;
  std::vector<std::string> signers; // public keys of all that wrote it, in order

  bool isIntact() const { return verdict == JournalVerdict::Intact; }
  // The keys in `signers` that are not in `known`.
  std::vector<std::string> unknownSigners(const std::set<std::string>& known) const;
  // "damaged: record 17 at byte 5012: …; 16 records are good".
  std::string toString() const;
};

const char* toString(JournalVerdict verdict);

// Where the bytes come from: up to `size` of them, 0 at the end, -errno.
using ByteSource = std::function<long long(char* buffer, size_t size)>;

class JournalReader {
public:
  // Errors: NotFound, Input (a link, not a regular file), Internal. A damaged journal is no error here.
  static Result<JournalReader> open(const std::string& path);
  // `head`: the head file's text; nothing: there is none.
  JournalReader(ByteSource source, std::optional<std::string> head);
  JournalReader(JournalReader&&) noexcept;
  JournalReader& operator=(JournalReader&&) noexcept;
  ~JournalReader();

  // The next good record; nothing at the end or at the first damage.
  std::optional<Record> next();
  // Complete once next() has given nothing.
  const JournalReport& report() const;

private:
  struct State;
  std::unique_ptr<State> m_state;
};

// Reads it all and keeps nothing. Errors: as JournalReader::open.
Result<JournalReport> verifyJournal(const std::string& path);

} // namespace ratdeck
