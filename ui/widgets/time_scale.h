// Where times lie across a widget. Plain value.
#pragma once

#include "ui/model/line.h"

#include <QtGlobal>

#include <algorithm>
#include <array>
#include <vector>

namespace ratdeck {

struct TimeScale {
  TimeRange range;
  int left = 0;  // device-independent pixels
  int width = 1; // at least 1

  bool isEmpty() const { return range.to <= range.from; }
  qreal x(ChartTime at) const {
    return isEmpty() ? left
                     : left + static_cast<qreal>(at - range.from) * width /
                                  static_cast<qreal>(range.to - range.from);
  }
  ChartTime at(qreal x) const {
    return range.from +
           static_cast<ChartTime>((x - left) / width * static_cast<qreal>(range.to - range.from));
  }
  // Milliseconds across one pixel, at least 1.
  ChartTime pixel() const { return std::max<ChartTime>(1, (range.to - range.from) / width); }
  bool operator==(const TimeScale&) const = default;
};

// The distance between the round times that are named on `scale`, so that none is nearer than `pixels`.
inline ChartTime tickStepOf(const TimeScale& scale, int pixels) {
  constexpr ChartTime second = 1000, minute = 60 * second, hour = 60 * minute;
  constexpr std::array<ChartTime, 16> steps{
      second,     2 * second,  5 * second,  10 * second, 15 * second, 30 * second, minute,   2 * minute,
      5 * minute, 10 * minute, 15 * minute, 30 * minute, hour,        2 * hour,    6 * hour, 12 * hour};
  for (ChartTime step : steps)
    if (step >= pixels * scale.pixel())
      return step;
  return 24 * hour;
}

// The round times on `scale`.
inline std::vector<ChartTime> ticksOf(const TimeScale& scale, int pixels) {
  const ChartTime step = tickStepOf(scale, pixels);
  std::vector<ChartTime> ticks;
  for (ChartTime at = (scale.range.from + step - 1) / step * step; at <= scale.range.to; at += step)
    ticks.push_back(at);
  return ticks;
}

} // namespace ratdeck
