// The last lines that a process printed: in memory for questions, in a bounded file for people.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck::sandbox {

class OutputLog {
public:
  // The file is made anew when it passes 1 MiB, from the lines in memory (the last 1000, each at most 4 KiB).
  explicit OutputLog(std::string path) : m_path(std::move(path)) {}

  void append(std::string_view bytes);
  // At most n, the newest last; an unfinished line counts.
  std::vector<std::string> tail(size_t n) const;

private:
  void addLine(std::string line);

  std::string m_path;
  std::deque<std::string> m_lines;
  std::string m_open; // not ended by a newline yet
  size_t m_written = 0;
};

} // namespace ratdeck::sandbox
