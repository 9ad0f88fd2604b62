// Durations as text: Go's syntax, which Compose files use, and the form people read.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <string>
#include <string_view>

namespace ratdeck {

using namespace std::chrono_literals;

// Parses Go's duration syntax ("1m30s", "1.5h", "300ms", "-2s", "0") and the units d and w that Compose adds.
// Errors (kind Input, no location): empty, no unit, an unknown unit, over 292 years. Negative values parse.
Result<Duration> parseDuration(std::string_view text);

// Go's form: "1m30s", "300ms", "0s". parseDuration reads it back to the same value.
std::string toGoString(Duration duration);

// For people: "340 ms", "12.4 s", "1 min 42 s", "2 h 5 min".
std::string toHumanString(Duration duration);

inline double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

} // namespace ratdeck
