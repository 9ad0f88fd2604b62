// Values that Compose writes as text: sizes, durations and command lines.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ratdeck::compose {

// "512m", "1.5GiB", "100": bytes, powers of 1024. Errors (kind Input, no location): anything else.
Result<std::int64_t> parseSize(const std::string& text);

// Splits as the reference does: blanks, quotes, backslashes. An unquoted ; & | < or > ends the command line;
// `cut` then says where, else it is npos. Errors (kind Input, no location): an open quote, a stray
// parenthesis.
struct CommandLine {
  std::vector<std::string> words;
  size_t cut = std::string::npos;
};
Result<CommandLine> splitCommand(const std::string& text);

} // namespace ratdeck::compose
