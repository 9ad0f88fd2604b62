// The header lists of HTTP/2 (HPACK, RFC 7541): read whole, written in the plainest form.
#pragma once

#include "core/base/result.h"

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ratdeck::relay {

using HeaderField = std::pair<std::string, std::string>;

// Reads the header blocks of one direction of one connection, in their order: each may refer to earlier ones.
class HpackReader {
public:
  // Errors: Internal (no such list).
  Result<std::vector<HeaderField>> read(std::string_view block);

private:
  const HeaderField* at(std::size_t index) const;
  void remember(HeaderField field);
  void shrink();

  std::deque<HeaderField> m_recent; // the newest first
  std::size_t m_bytes = 0, m_mostBytes = 4096;
};

// Without compression and without being remembered by the reader.
std::string writeHpack(const std::vector<HeaderField>& fields);

// Errors: Internal (no such code).
Result<std::string> readHuffman(std::string_view bytes);

} // namespace ratdeck::relay
