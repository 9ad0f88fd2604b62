// What this thread has spent of a processor: what the same work takes on a machine with nothing else to do.
#pragma once

#include "core/base/clock.h"

#include <time.h>

namespace ratdeck::test {

inline Duration cpuTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

} // namespace ratdeck::test
