// The few calls a writer makes on its file, as a port so that tests can fail, shorten, tear or lose any of
// them; and the real file behind it. Knows bytes and no records. Calls return a negative errno where they
// fail. One owner, one thread.
#pragma once

#include "core/base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace ratdeck::journal {

class FilePort {
public:
  virtual ~FilePort() = default; // lets the lock go
  // Writes at `offset`. The bytes written, perhaps fewer than asked for, or -errno.
  virtual long long write(std::string_view bytes, long long offset) = 0;
  // Returns when all that was written is on the disk. 0 or -errno.
  virtual int sync() = 0;
  virtual int truncate(long long size) = 0;
  // Replaces X.ratlog.head: readers see the old or the new text, whole. 0 or -errno.
  virtual int replaceHead(std::string_view text) = 0;
};

// The journal's file, which must not exist, opened for the one writer: 0600, close-on-exec, no link followed,
// locked. Makes its folder. Errors: Conflict (it exists), Internal.
Result<std::unique_ptr<FilePort>> createJournalFile(const std::string& path);
// The same of a file that exists. Errors: NotFound, Refused (somebody writes it), Input (a link, no regular
// file).
Result<std::unique_ptr<FilePort>> openJournalFile(const std::string& path);

// Takes a journal away that was created and could not be begun.
void removeJournalFile(const std::string& path);

// Somebody has the file open for writing. Looks at the lock without taking it. False where there is no file.
bool hasWriter(const std::string& path);

// Opens for reading: a regular file, not a link, without waiting for anything. The descriptor is the
// caller's. Errors: NotFound, Input (a link, no regular file), Internal.
Result<int> openForReading(const std::string& path);
// A small file as openForReading opens it. Errors: as there, and Input where it is larger than `limit` bytes.
Result<std::string> readSmallFile(const std::string& path, size_t limit);

// Copies the bytes from `offset` to the end into a new file PATH.torn-N (0600) and syncs it. Its path.
// Errors: Internal, Conflict (a thousand of them are there).
Result<std::string> saveTail(const std::string& path, long long offset);

// What failed and what to do about it, by errno.
Error ioError(const std::string& what, const std::string& path, int error);

std::string headPathOf(const std::string& journal);

} // namespace ratdeck::journal
