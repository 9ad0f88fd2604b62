// Time as a port. Only SystemClock reads the machine's clocks; everything else is handed a Clock or a time
// point, and tests advance a ManualClock (tests/support).
//
// BootTime runs on CLOCK_BOOTTIME: it counts suspend and is what deadlines are made of. WallTime is for
// display and for recomputing deadlines after another boot.
#pragma once

#include <chrono>
#include <string>

namespace ratdeck {

using Duration = std::chrono::nanoseconds;

struct BootTimeline {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootTimeline>;
  static constexpr bool is_steady = true;
};

using BootTime = BootTimeline::time_point;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

// One instant on both timelines.
struct Instant {
  BootTime boot;
  WallTime wall;
  bool operator==(const Instant&) const = default;
};

class Clock {
public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

// Thread-safe.
class SystemClock final : public Clock {
public:
  Instant now() const override;
};

// RFC 3339 in UTC with nanoseconds: 2026-07-01T12:00:00.000000000Z
std::string toRfc3339(WallTime time);
// The inverse, with any number of decimals, for the years 1678 to 2261; the epoch for text that is not RFC
// 3339 UTC (never throws).
WallTime fromRfc3339(const std::string& text);

// The id of this boot of the machine (Linux: /proc/sys/kernel/random/boot_id); "unknown" where there is none.
std::string bootId();

} // namespace ratdeck
