// One time line for all that a rollout tells: it goes on where the machine's wall clock jumps and where
// another boot begins anew. Pure.
#pragma once

#include "core/base/clock.h"
#include "ui/model/line.h"

#include <optional>
#include <string>

namespace ratdeck {

// Its times are wall time in milliseconds as the first event of each boot had it, and never go back.
class TimeLine {
public:
  // Takes an event's time; `bootId` names the boot it belongs to ("" = the one before).
  ChartTime advance(Instant at, const std::string& bootId);
  // Where another time point of this boot lies; changes nothing.
  ChartTime at(Instant instant) const;

private:
  std::optional<ChartTime> m_offset; // wall minus boot
  std::string m_bootId;
  ChartTime m_last = 0;
};

inline WallTime wallTimeOf(ChartTime at) {
  return WallTime(std::chrono::milliseconds(at));
}

} // namespace ratdeck
