// What one roll did to time and to users, and how such figures are told.
#pragma once

#include "tests/bench/docker/way.h"

#include <string>
#include <vector>

namespace ratdeck {

struct Rolled {
  long long requests = 0, failed = 0;
  double serving_s = 0; // until the new version's first answer
  double gone_s = 0;    // until the old version's last process had ended
  double p99_ms = 0, steadyP99_ms = 0;
  double longest_ms = 0, steadyLongest_ms = 0;
  double gap_ms = 0, steadyGap_ms = 0;
};

// From 1.0.0 to 2.0.0 under 200 requests a second, after `steady` of them alone. Errors: what did not work.
Result<Rolled> measureRoll(WebRig& rig, Way& way, std::chrono::milliseconds steady);

struct Undone {
  long long failed = 0;
  double said_s = 0; // until the tool's command ended
  double gone_s = 0; // until the bad version's last process had ended
};

// From 2.0.0 to the version that is never healthy, likewise.
Result<Undone> measureUndone(WebRig& rig, Way& way);

double median(std::vector<double> values);
// "2.61 (2.58-2.70)"
std::string rangeOf(const std::vector<double>& values, int decimals);

} // namespace ratdeck
