#include "core/spec/compose/report.h"

#include <algorithm>

namespace ratdeck::compose {

namespace {

// Messages quote what files say: they stay on one line and send a terminal no control characters.
std::string oneLine(std::string text) {
  for (auto& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = c == '\n' || c == '\t' ? ' ' : '?';
  return text;
}

} // namespace

void Report::fail(Place place, std::string message, std::string next) {
  fail(Error{ErrorKind::Input, std::move(message), std::move(next), locate(place)});
}

void Report::fail(Error error) {
  if (m_error)
    return;
  error.message = oneLine(std::move(error.message));
  error.next = oneLine(std::move(error.next));
  m_error = std::move(error);
}

void Report::warn(Place place, std::string message, std::string next) {
  Error warning{ErrorKind::Input, oneLine(std::move(message)), oneLine(std::move(next)), locate(place)};
  if (m_warnings.size() < 100 && std::find(m_warnings.begin(), m_warnings.end(), warning) == m_warnings.end())
    m_warnings.push_back(std::move(warning));
}

std::uint16_t Report::addFile(const std::string& name, size_t bytes) {
  m_bytes += bytes;
  m_files.push_back(name);
  auto index = static_cast<std::uint16_t>(m_files.size() - 1);
  Place whole{0, 0, index};
  if (m_files.size() > maxFiles)
    fail(whole, "more than " + std::to_string(maxFiles) + " files are read for one project",
         "include and extend fewer files, or look for files that include each other again and again");
  else if (m_bytes > maxTotalBytes)
    fail(whole,
         "the files of the project are larger than " + std::to_string(maxTotalBytes >> 20) + " MiB together",
         "include and extend fewer files");
  return index;
}

SourceLocation Report::locate(Place place) const {
  if (place.file >= m_files.size())
    return {};
  return {m_files[place.file], static_cast<int>(place.line), static_cast<int>(place.column)};
}

bool Report::takeNodes(size_t n, Place place) {
  m_nodes += n;
  if (m_nodes <= maxNodes)
    return true;
  fail(place, "the project unfolds to more than " + std::to_string(maxNodes) + " values",
       "use fewer aliases, includes and extends");
  return false;
}

bool Report::takePorts(size_t n, Place place) {
  m_ports += n;
  if (m_ports <= maxPorts)
    return true;
  fail(place, "the project publishes more than " + std::to_string(maxPorts) + " ports",
       "write smaller ranges");
  return false;
}

bool Report::takeText(size_t n, Place place) {
  m_text += n;
  if (n <= maxValueBytes && m_text <= maxTextBytes)
    return true;
  fail(place, "values grow too large when variables are replaced", "use shorter variables");
  return false;
}

} // namespace ratdeck::compose
