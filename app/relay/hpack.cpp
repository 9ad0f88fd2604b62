#include "app/relay/hpack.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>

namespace ratdeck::relay {

namespace {

// RFC 7541, appendix A.
const std::array<HeaderField, 61> wellKnown = {{{":authority", ""},
                                                {":method", "GET"},
                                                {":method", "POST"},
                                                {":path", "/"},
                                                {":path", "/index.html"},
                                                {":scheme", "http"},
                                                {":scheme", "https"},
                                                {":status", "200"},
                                                {":status", "204"},
                                                {":status", "206"},
                                                {":status", "304"},
                                                {":status", "400"},
                                                {":status", "404"},
                                                {":status", "500"},
                                                {"accept-charset", ""},
                                                {"accept-encoding", "gzip, deflate"},
                                                {"accept-language", ""},
                                                {"accept-ranges", ""},
                                                {"accept", ""},
                                                {"access-control-allow-origin", ""},
                                                {"age", ""},
                                                {"allow", ""},
                                                {"authorization", ""},
                                                {"cache-control", ""},
                                                {"content-disposition", ""},
                                                {"content-encoding", ""},
                                                {"content-language", ""},
                                                {"content-length", ""},
                                                {"content-location", ""},
                                                {"content-range", ""},
                                                {"content-type", ""},
                                                {"cookie", ""},
                                                {"date", ""},
                                                {"etag", ""},
                                                {"expect", ""},
                                                {"expires", ""},
                                                {"from", ""},
                                                {"host", ""},
                                                {"if-match", ""},
                                                {"if-modified-since", ""},
                                                {"if-none-match", ""},
                                                {"if-range", ""},
                                                {"if-unmodified-since", ""},
                                                {"last-modified", ""},
                                                {"link", ""},
                                                {"location", ""},
                                                {"max-forwards", ""},
                                                {"proxy-authenticate", ""},
                                                {"proxy-authorization", ""},
                                                {"range", ""},
                                                {"referer", ""},
                                                {"refresh", ""},
                                                {"retry-after", ""},
                                                {"server", ""},
                                                {"set-cookie", ""},
                                                {"strict-transport-security", ""},
                                                {"transfer-encoding", ""},
                                                {"user-agent", ""},
                                                {"vary", ""},
                                                {"via", ""},
                                                {"www-authenticate", ""}}};

// RFC 7541, appendix B: how many bits each byte's code has. The codes follow: they count up in the order of
// length, then of the byte.
constexpr std::array<std::uint8_t, 256> codeBits = {
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28,
    28, 28, 28, 28, 28, 28, 6,  10, 10, 12, 13, 6,  8,  11, 10, 10, 8,  11, 8,  6,  6,  6,  5,  5,  5,  6,
    6,  6,  6,  6,  6,  6,  7,  8,  15, 6,  12, 10, 13, 6,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,
    7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8,  13, 19, 13, 14, 6,  15, 5,  6,  5,  6,  5,  6,  6,
    6,  5,  7,  7,  6,  6,  6,  5,  6,  7,  6,  5,  5,  6,  7,  7,  7,  7,  7,  15, 11, 14, 13, 28, 20, 22,
    20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23,
    22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22,
    23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22,
    25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26};

constexpr unsigned longestCode = 30;
constexpr std::size_t fieldOverhead = 32; // as the RFC counts what is remembered

tl::unexpected<Error> broken() {
  return failure(ErrorKind::Internal, "a header list that is none");
}

using Codes = std::map<std::pair<unsigned, std::uint32_t>, char>; // bits, code -> byte

Codes allCodes() {
  Codes codes;
  std::uint32_t next = 0;
  for (unsigned bits = 1; bits <= longestCode; ++bits, next <<= 1)
    for (unsigned byte = 0; byte < codeBits.size(); ++byte)
      if (codeBits[byte] == bits)
        codes[{bits, next++}] = static_cast<char>(byte);
  return codes;
}

// Takes integers and texts off the front.
struct Cursor {
  std::string_view rest;

  std::optional<std::size_t> integer(unsigned prefixBits) {
    if (rest.empty())
      return {};
    const std::size_t most = (1u << prefixBits) - 1;
    std::size_t value = static_cast<unsigned char>(rest[0]) & most;
    rest.remove_prefix(1);
    if (value < most)
      return value;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      if (rest.empty())
        return {};
      const auto byte = static_cast<unsigned char>(rest[0]);
      rest.remove_prefix(1);
      value += std::size_t(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        return value;
    }
    return {};
  }

  Result<std::string> text() {
    const bool isCoded = !rest.empty() && (rest[0] & 0x80) != 0;
    const auto size = integer(7);
    if (!size || *size > rest.size())
      return broken();
    const auto bytes = rest.substr(0, *size);
    rest.remove_prefix(*size);
    return isCoded ? readHuffman(bytes) : Result<std::string>(std::string(bytes));
  }
};

void addText(std::string& block, const std::string& text) {
  constexpr std::size_t most = 0x7f;
  if (text.size() < most) {
    block += static_cast<char>(text.size());
  } else {
    block += static_cast<char>(most);
    std::size_t left = text.size() - most;
    for (; left >= 0x80; left >>= 7)
      block += static_cast<char>(0x80 | (left & 0x7f));
    block += static_cast<char>(left);
  }
  block += text;
}

} // namespace

Result<std::string> readHuffman(std::string_view bytes) {
  static const Codes codes = allCodes();
  std::string text;
  std::uint32_t code = 0;
  unsigned bits = 0;
  for (const char byte : bytes)
    for (int bit = 7; bit >= 0; --bit) {
      code = code << 1 | (static_cast<unsigned char>(byte) >> bit & 1u);
      if (++bits > longestCode)
        return broken();
      if (const auto found = codes.find({bits, code}); found != codes.end()) {
        text += found->second;
        code = bits = 0;
      }
    }
  // The last byte is filled up with ones.
  if (bits > 7 || code != (1u << bits) - 1)
    return broken();
  return text;
}

const HeaderField* HpackReader::at(std::size_t index) const {
  if (index == 0)
    return nullptr;
  if (index <= wellKnown.size())
    return &wellKnown[index - 1];
  index -= wellKnown.size() + 1;
  return index < m_recent.size() ? &m_recent[index] : nullptr;
}

void HpackReader::remember(HeaderField field) {
  m_bytes += field.first.size() + field.second.size() + fieldOverhead;
  m_recent.push_front(std::move(field));
  shrink();
}

void HpackReader::shrink() {
  while (m_bytes > m_mostBytes) {
    m_bytes -= m_recent.back().first.size() + m_recent.back().second.size() + fieldOverhead;
    m_recent.pop_back();
  }
}

Result<std::vector<HeaderField>> HpackReader::read(std::string_view block) {
  std::vector<HeaderField> fields;
  Cursor cursor{block};
  while (!cursor.rest.empty()) {
    const auto first = static_cast<unsigned char>(cursor.rest[0]);
    const bool isIndexed = (first & 0x80) != 0;
    const bool isRemembered = (first & 0xc0) == 0x40;
    const bool isResize = (first & 0xe0) == 0x20;
    const auto number = cursor.integer(isIndexed ? 7 : isRemembered ? 6 : isResize ? 5 : 4);
    if (!number || (isResize && *number > 4096))
      return broken();
    if (isResize) {
      m_mostBytes = *number;
      shrink();
      continue;
    }
    const HeaderField* known = at(*number);
    if (!known && (isIndexed || *number != 0))
      return broken();
    if (isIndexed) {
      fields.push_back(*known);
      continue;
    }
    Result<std::string> name = known ? Result<std::string>(known->first) : cursor.text();
    Result<std::string> value = name ? cursor.text() : failure(name.error());
    if (!value)
      return failure(value.error());
    fields.emplace_back(std::move(*name), std::move(*value));
    if (isRemembered)
      remember(fields.back());
  }
  return fields;
}

std::string writeHpack(const std::vector<HeaderField>& fields) {
  std::string block;
  for (const auto& [name, value] : fields) {
    block += '\0'; // a literal, its name too, not to be remembered
    addText(block, name);
    addText(block, value);
  }
  return block;
}

} // namespace ratdeck::relay
