// Seconds of a rollout as the router counts them, for what draws and counts them. Services have the copies
// rat-SERVICE-1 as the old one (2.3.0) and rat-SERVICE-2 as the new one (2.4.0), and an error gate of 1 %.
#pragma once

#include "core/rollout/rollout_state.h"

#include <map>
#include <string>
#include <vector>

namespace ratdeck::test {

struct CountedSecond {
  int oldRequests = 0, newRequests = 0;
  int oldErrors = 0, newErrors = 0;
  int inFlight = 0;
  double timeMs = -1; // negative: none
};

RolloutState sampledState(const std::vector<std::string>& services);
Event sampledAt(Instant at, const std::map<std::string, CountedSecond>& services);
Event eventAt(EventType type, Instant at, const std::string& service = {}, Json detail = {});
Instant secondsAfter(Instant start, double seconds);

} // namespace ratdeck::test
