#include "app/ratdeckctl/table.h"

#include "core/base/plain_text.h"

#include <algorithm>

namespace ratdeck {

Table::Table(std::vector<std::string> header) {
  add(std::move(header));
}

void Table::add(std::vector<std::string> row) {
  for (auto& cell : row)
    cell = plainText(cell);
  m_rows.push_back(std::move(row));
}

std::string Table::toText(const std::string& ifEmpty) const {
  if (m_rows.size() < 2)
    return ifEmpty + "\n";
  std::vector<size_t> widths(m_rows.front().size());
  for (const auto& row : m_rows)
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i)
      widths[i] = std::max(widths[i], columnsOf(row[i]));
  std::string text;
  for (const auto& row : m_rows) {
    std::string line;
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i)
      line += row[i] + std::string(widths[i] - columnsOf(row[i]) + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

} // namespace ratdeck
