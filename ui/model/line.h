// Lines of charts: values over time, with gaps where nothing was measured. Pure.
#pragma once

#include <cstdint>
#include <vector>

namespace ratdeck {

// Milliseconds on a history's time line (time_line.h).
using ChartTime = std::int64_t;

// From `from` to `to`, both included.
struct TimeRange {
  ChartTime from = 0;
  ChartTime to = 0;
  bool operator==(const TimeRange&) const = default;
};

struct LinePoint {
  ChartTime at = 0;
  double value = 0;
  bool joins = false; // a line leads here from the point before; false: before it lies a gap
  bool operator==(const LinePoint&) const = default;
};

// In the order of time.
using Line = std::vector<LinePoint>;

// What of `line` can be seen in `range` on `width` pixels: at most two points a column of pixels, its least
// and its greatest in their order, and one point beyond each edge. Columns keep their place in time, so that
// a peak looks the same while the range moves. A gap narrower than a column cannot be seen and is not kept.
Line decimated(const Line& line, TimeRange range, int width);

} // namespace ratdeck
