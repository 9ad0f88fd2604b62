// Columns of text for people: aligned, with a header, two spaces between.
#pragma once

#include <string>
#include <vector>

namespace ratdeck {

class Table {
public:
  explicit Table(std::vector<std::string> header);
  // Cells may hold text from outside; they are shown as plain text.
  void add(std::vector<std::string> row);
  // `ifEmpty` stands alone where no row was added.
  std::string toText(const std::string& ifEmpty) const;

private:
  std::vector<std::vector<std::string>> m_rows;
};

} // namespace ratdeck
