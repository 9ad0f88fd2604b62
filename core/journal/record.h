// One record of a journal and its one line of text. The line is canonical: exactly the keys seq, t, mono,
// type, data, prev in this order, no spaces, `data` with sorted keys, so that a record has one spelling and
// its hash one value (format.md). Knows no file, no chain and no event types. Pure; any thread.
#pragma once

#include "core/base/clock.h"
#include "core/base/json.h"

#include <string>
#include <string_view>

namespace ratdeck {

// Bytes of a line without its newline.
inline constexpr size_t maxRecordLine = 16u << 20;
// Objects and arrays inside one another in `data`; below what parseJson reads.
inline constexpr int maxRecordDepth = 60;

struct Record {
  long long seq = 0; // 1, 2, …; assigned by the writer
  Instant at;
  std::string type;
  Json data = Json::object();
  std::string prev; // SHA-256 of the line before, 64 zeros in the first record; assigned by the writer

  bool operator==(const Record&) const = default;
};

// The `prev` of the first record.
const std::string& firstPrev();

// Errors (kind Input): a type that is not 1 to 64 letters and digits, data that is no object or nested deeper
// than maxRecordDepth, a time outside 1970 to 2261, a line over maxRecordLine.
Result<std::string> toLine(const Record& record);

// The inverse. Errors (kind Input): whatever toLine would not have written, byte for byte.
Result<Record> recordFrom(std::string_view line);

} // namespace ratdeck
