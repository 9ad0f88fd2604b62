// Text from outside (names, logs, errors, labels) as it may be shown: no control characters, no escape
// sequences, no bidirectional overrides, no broken UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace ratdeck {

// Every byte sequence that must not reach a terminal or a label becomes "?"; tabs and line ends become
// spaces.
std::string plainText(std::string_view text);

// How many columns `text` takes on a terminal: code points, for plain text.
size_t columnsOf(std::string_view text);

} // namespace ratdeck
