// Cuts a stream of bytes, which may be cut anywhere, into its lines.
//
// It knows nothing of what the lines say. A line longer than the limit is cut off there: what is kept is
// bounded.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace ratdeck {

class LineSplitter {
public:
  // `sink` is called from inside take() and finish(), with a line without its end ("\n" or "\r\n").
  LineSplitter(std::size_t limit, std::function<void(std::string_view line)> sink)
      : m_limit(limit), m_sink(std::move(sink)) {}
  void take(std::string_view bytes);
  // The last line, if it had no end.
  void finish();
  // How many lines were cut off.
  int cutLines() const { return m_cutLines; }

private:
  void keep(std::string_view bytes);
  void emitLine();

  std::size_t m_limit;
  std::function<void(std::string_view)> m_sink;
  std::string m_line;
  bool m_isCut = false;
  int m_cutLines = 0;
};

} // namespace ratdeck
