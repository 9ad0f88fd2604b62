// Cuts a stream of bytes into lines of bounded length. One thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace ratdeck::journal {

struct Line {
  std::string text;        // without the newline; at most the limit
  long long offset = 0;    // of its first byte
  bool isComplete = false; // ended by a newline
  bool isTooLong = false;  // text is its beginning
  bool hasZeros = false;   // bytes that no line holds: space that was never written
  long long size = 0;      // with its newline
};

class LineSource {
public:
  LineSource(std::function<long long(char*, size_t)> read, size_t limit);
  // False at the end.
  bool next(Line& line);
  // The errno that ended the reading, 0 where it was the end.
  int error() const { return m_error; }

private:
  bool fill();

  std::function<long long(char*, size_t)> m_read;
  size_t m_limit;
  std::vector<char> m_buffer;
  size_t m_from = 0;
  size_t m_to = 0;
  long long m_offset = 0;
  int m_error = 0;
};

} // namespace ratdeck::journal
