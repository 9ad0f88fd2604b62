#include "ui/model/line.h"

#include <algorithm>

namespace ratdeck {

namespace {

using Place = Line::const_iterator;

// The points of one column, in [begin, end).
void addColumn(Line& line, Place begin, Place end) {
  const auto [least, greatest] = std::minmax_element(
      begin, end, [](const LinePoint& a, const LinePoint& b) { return a.value < b.value; });
  line.push_back(*std::min(least, greatest));
  line.back().joins = begin->joins;
  if (least->value == greatest->value)
    return;
  line.push_back(*std::max(least, greatest));
  line.back().joins = true;
}

} // namespace

Line decimated(const Line& line, TimeRange range, int width) {
  if (line.empty() || width <= 0 || range.to <= range.from)
    return {};
  const ChartTime column = std::max<ChartTime>(1, (range.to - range.from + width - 1) / width);
  const auto isBefore = [](const LinePoint& point, ChartTime at) {
    return point.at < at;
  };
  const auto begin = std::lower_bound(line.begin(), line.end(), range.from, isBefore);
  const auto end = std::lower_bound(begin, line.end(), range.to + 1, isBefore);
  Line seen;
  if (begin != line.begin())
    seen.push_back(*(begin - 1));
  for (auto at = begin; at != end;) {
    const ChartTime index = at->at / column;
    const auto next = std::find_if(at, end, [&](const LinePoint& p) { return p.at / column != index; });
    addColumn(seen, at, next);
    at = next;
  }
  if (end != line.end())
    seen.push_back(*end);
  if (!seen.empty())
    seen.front().joins = false;
  return seen;
}

} // namespace ratdeck
