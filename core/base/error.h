// What a call that failed says: what, where, why and what to do next.
//
// Three channels are never mixed: an event says that a deployment failed, an Error (inside a Result) that a
// call failed, an exception that we have a bug.
#pragma once

#include <string>

namespace ratdeck {

// A place in a file, 1-based. line 0 = the whole file; an empty file = no place.
struct SourceLocation {
  std::string file;
  int line = 0;
  int column = 0;

  bool isKnown() const { return !file.empty(); }
  // "FILE:LINE:COLUMN", "FILE" where line is 0, "" where unknown.
  std::string toString() const;
  bool operator==(const SourceLocation&) const = default;
};

enum class ErrorKind {
  Usage,       // the caller's words are off; exit 2
  Input,       // a file or a value is off; exit 2
  NotFound,    // the thing named does not exist
  Conflict,    // it exists already, or moved since
  Refused,     // understood, and not allowed now
  Unreachable, // nobody answers there; exit 6
  Timeout,     // no answer in time
  Cancelled,   // given up on purpose
  Internal,    // an I/O error, or a reply that makes no sense
};

struct Error {
  ErrorKind kind = ErrorKind::Internal;
  std::string message; // what and why, one line, no trailing full stop
  std::string next;    // what to do next, may be empty
  SourceLocation where;

  // "FILE:LINE:COLUMN: message; next" or "message; next".
  std::string toString() const;
  bool operator==(const Error&) const = default;
};

} // namespace ratdeck
