// A clock that stands still until a test moves it.
#pragma once

#include "core/base/clock.h"

namespace ratdeck {

class ManualClock final : public Clock {
public:
  Instant now() const override { return m_now; }
  void advance(Duration by) {
    m_now.boot += by;
    m_now.wall += by;
  }

private:
  Instant m_now{BootTime(std::chrono::hours(1)), WallTime(std::chrono::hours(24 * 365 * 56))};
};

} // namespace ratdeck
