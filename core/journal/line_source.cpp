#include "core/journal/line_source.h"

#include <algorithm>
#include <cstring>

namespace ratdeck::journal {

LineSource::LineSource(std::function<long long(char*, size_t)> read, size_t limit)
    : m_read(std::move(read)), m_limit(limit), m_buffer(65536) {}

bool LineSource::fill() {
  auto n = m_read(m_buffer.data(), m_buffer.size());
  if (n < 0)
    m_error = static_cast<int>(-n);
  m_from = 0;
  m_to = n > 0 ? std::min(static_cast<size_t>(n), m_buffer.size()) : 0;
  return m_to > 0;
}

bool LineSource::next(Line& line) {
  line = {};
  line.offset = m_offset;
  while (!line.isComplete) {
    if (m_from == m_to && !fill())
      break;
    const auto* begin = m_buffer.data() + m_from;
    auto available = m_to - m_from;
    const auto* newline = static_cast<const char*>(std::memchr(begin, '\n', available));
    auto used = newline ? static_cast<size_t>(newline - begin) : available;
    line.hasZeros = line.hasZeros || std::memchr(begin, '\0', used) != nullptr;
    auto kept = std::min(used, m_limit - line.text.size());
    line.text.append(begin, kept);
    line.isTooLong = line.isTooLong || kept < used;
    line.isComplete = newline != nullptr;
    m_from += used + (newline ? 1 : 0);
    line.size += static_cast<long long>(used + (newline ? 1 : 0));
  }
  m_offset += line.size;
  return line.size > 0;
}

} // namespace ratdeck::journal
