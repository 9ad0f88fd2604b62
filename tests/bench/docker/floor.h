// What no tool can do in less: one copy is created, started, found healthy three times in a row, answers the
// longest request, and is stopped; each step by one call of the engine's API, at once after the other.
#pragma once

#include "tests/bench/docker/web_rig.h"

namespace ratdeck {

struct Floor {
  double create_s = 0, start_s = 0, probes_s = 0, request_s = 0, stop_s = 0;
  double sum() const { return create_s + start_s + probes_s + request_s + stop_s; }
};

// On that network of the rig's. Errors: what did not work.
Result<Floor> measureFloor(WebRig& rig, const std::string& network);

} // namespace ratdeck
