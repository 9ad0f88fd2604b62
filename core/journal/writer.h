// Appends to one journal. The life of one record: append() gives it its sequence number and its link to the
// line before; it is acknowledged once write and fdatasync have returned: at once with Durability::Sync, with
// the next flush() (or the next Sync append) with Durability::Group. Only what is acknowledged may be
// published or acted on.
//
// A write or sync that fails acknowledges nothing: the file is cut back to its last good end, the records of
// a refused Sync append are forgotten, those of the group stay waiting and are tried again at the next flush.
// The signed head is brought up to date at most once a second by append, flush and close.
//
// Must not know what the records mean. No thread and no timer: the owner calls flush() by nextFlush(). One
// thread.
#pragma once

#include "core/journal/file_port.h"
#include "core/journal/header.h"
#include "core/journal/keys.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

inline constexpr Duration groupCommitDelay = std::chrono::milliseconds(50);
inline constexpr Duration headInterval = std::chrono::seconds(1);
inline constexpr Duration flushRetryDelay = std::chrono::seconds(1);
// Records of the group that may wait while the disk refuses, in bytes.
inline constexpr size_t maxWaitingBytes = 64u << 20;

enum class Durability { Sync, Group };

struct SeqRange {
  long long first = 0;
  long long last = -1; // below first: empty
};

class JournalWriter {
public:
  // Makes the file, writes and syncs its header and its first head. `clock` must outlive the writer.
  // Errors: Conflict (the journal exists), Input (a header that cannot be written), Internal (I/O).
  static Result<JournalWriter> create(const std::string& path, JournalHeader header, const SigningKey& key,
                                      const Clock& clock);
  // The same over an empty file of the caller's; `path` is for messages.
  static Result<JournalWriter> create(std::unique_ptr<journal::FilePort> file, const std::string& path,
                                      JournalHeader header, const SigningKey& key, const Clock& clock);

  // Where a journal that was read ends.
  struct End {
    long long offset = 0;
    long long seq = 0;
    std::string sha256; // of the last line
    std::string rollout;
  };
  // Goes on behind a verified end (recovery.h), with JournalContinued, whose data is `continued` and the key.
  static Result<JournalWriter> resume(std::unique_ptr<journal::FilePort> file, const std::string& path,
                                      const End& end, Json continued, const SigningKey& key,
                                      const Clock& clock);

  JournalWriter(JournalWriter&&) noexcept;
  JournalWriter& operator=(JournalWriter&&) noexcept;
  ~JournalWriter(); // lets the lock go; writes nothing, as a crash would

  // All of the records or none; `seq` and `prev` in them are ignored. Errors: Input (a record that cannot be
  // written: toLine; a type that is the journal's own), Refused (closed; too much waits), Internal (I/O, with
  // what to do).
  Result<SeqRange> append(const std::vector<Record>& records, Durability durability);
  // Acknowledges all that waits. Errors: Internal (I/O); what waits goes on waiting.
  Status flush();
  // When flush() wants to be called; nothing: not before the next append.
  std::optional<BootTime> nextFlush() const;
  // The last record that is on the disk.
  long long acknowledged() const;
  // The last record that was appended, on the disk or waiting.
  long long appended() const;
  // Why the head could not be brought up to date, if it could not: the records are safe, their proof is
  // older.
  const std::optional<Error>& headError() const;

  // Acknowledges all that waits and JournalClosed, and signs the head. `result` is the rollout's, for example
  // "succeeded". Errors: Internal (I/O): not closed, and may be called again; Refused: closed already.
  Status close(const std::string& result);
  bool isClosed() const;
  const std::string& path() const;

private:
  struct State;
  explicit JournalWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

} // namespace ratdeck
