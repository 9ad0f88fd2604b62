#include "app/sandbox/output_log.h"

#include <algorithm>
#include <fstream>
#include <utility>

namespace ratdeck::sandbox {

namespace {

constexpr size_t maxLines = 1000;
constexpr size_t maxLineBytes = 4096;
constexpr size_t maxFileBytes = 1u << 20;

} // namespace

void OutputLog::append(std::string_view bytes) {
  while (!bytes.empty()) {
    auto end = bytes.find('\n');
    m_open.append(bytes.substr(0, end));
    if (m_open.size() > maxLineBytes)
      m_open.resize(maxLineBytes);
    if (end == bytes.npos)
      return;
    addLine(std::exchange(m_open, {}));
    bytes.remove_prefix(end + 1);
  }
}

void OutputLog::addLine(std::string line) {
  m_lines.push_back(std::move(line));
  if (m_lines.size() > maxLines)
    m_lines.pop_front();
  bool isFull = m_written > maxFileBytes;
  std::ofstream file(m_path, isFull ? std::ios::trunc : std::ios::app);
  if (!isFull) {
    file << m_lines.back() << '\n';
    m_written += m_lines.back().size() + 1;
    return;
  }
  m_written = 0;
  for (const auto& kept : m_lines)
    file << kept << '\n';
}

std::vector<std::string> OutputLog::tail(size_t n) const {
  std::vector<std::string> lines(m_lines.begin(), m_lines.end());
  if (!m_open.empty())
    lines.push_back(m_open);
  lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(std::min(n, lines.size())));
  return lines;
}

} // namespace ratdeck::sandbox
