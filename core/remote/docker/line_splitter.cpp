#include "core/remote/docker/line_splitter.h"

namespace ratdeck {

void LineSplitter::take(std::string_view bytes) {
  for (;;) {
    const auto end = bytes.find('\n');
    keep(bytes.substr(0, end));
    if (end == std::string_view::npos)
      return;
    emitLine();
    bytes.remove_prefix(end + 1);
  }
}

void LineSplitter::finish() {
  if (!m_line.empty())
    emitLine();
}

void LineSplitter::keep(std::string_view bytes) {
  const auto room = m_limit - m_line.size();
  m_isCut = m_isCut || bytes.size() > room;
  m_line += bytes.substr(0, room);
}

void LineSplitter::emitLine() {
  m_cutLines += m_isCut ? 1 : 0;
  m_isCut = false;
  std::string line;
  line.swap(m_line);
  if (line.ends_with('\r'))
    line.pop_back();
  m_sink(line);
}

} // namespace ratdeck
