#include "core/base/plain_text.h"

#include <cstdint>

namespace ratdeck {

namespace {

// The length of the UTF-8 sequence at the front and its code point; 0 where it is not valid.
size_t decode(std::string_view text, std::uint32_t& codePoint) {
  auto byte = [&](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  size_t length = byte(0) < 0x80       ? 1
                  : byte(0) >> 5 == 6  ? 2
                  : byte(0) >> 4 == 14 ? 3
                  : byte(0) >> 3 == 30 ? 4
                                       : 0;
  if (length == 0 || length > text.size())
    return 0;
  codePoint = length == 1 ? byte(0) : byte(0) & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if (byte(i) >> 6 != 2)
      return 0;
    codePoint = codePoint << 6 | (byte(i) & 0x3F);
  }
  static constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  bool isSurrogate = codePoint >= 0xD800 && codePoint <= 0xDFFF;
  return codePoint < smallest[length] || codePoint > 0x10FFFF || isSurrogate ? 0 : length;
}

bool isShown(std::uint32_t c) {
  bool isControl = c < 0x20 || (c >= 0x7F && c <= 0x9F);
  bool isBidi = c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
                (c >= 0x2066 && c <= 0x2069);
  bool isSeparator = c == 0x2028 || c == 0x2029;
  return !isControl && !isBidi && !isSeparator;
}

} // namespace

std::string plainText(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    std::uint32_t codePoint = 0;
    auto length = decode(text, codePoint);
    if (length && isShown(codePoint))
      plain.append(text.substr(0, length));
    else
      plain += codePoint == '\t' || codePoint == '\n' || codePoint == '\r' ? ' ' : '?';
    text.remove_prefix(length ? length : 1);
  }
  return plain;
}

size_t columnsOf(std::string_view text) {
  size_t columns = 0;
  for (char c : text)
    columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return columns;
}

} // namespace ratdeck
