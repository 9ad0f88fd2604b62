// A timeout as the absolute time that gRPC wants.
#pragma once

#include "core/base/clock.h"

namespace ratdeck::sandbox {

inline std::chrono::system_clock::time_point grpcDeadline(Duration timeout) {
  auto at = SystemClock().now().wall + timeout;
  return std::chrono::time_point_cast<std::chrono::system_clock::duration>(at);
}

} // namespace ratdeck::sandbox
