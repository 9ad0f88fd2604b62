// The services of a stack as rows: what is wanted, what runs, and what a rollout makes of it. Pure.
#pragma once

#include "core/rollout/rollout_state.h"
#include "core/spec/stack_spec.h"
#include "core/spec/world.h"
#include "ui/model/service_row.h"
#include "ui/model/traffic_count.h"

namespace ratdeck {

struct RowFacts {
  const StackSpec* stack = nullptr;      // absent: only what the plan names
  const RolloutState* rollout = nullptr; // absent: nothing rolls and nothing has
  const World* world = nullptr;          // as it was seen last
  const TrafficCount* traffic = nullptr; // told as long as it is fresh (sampleLifetime)
  bool isReached = true;                 // false: how anything is by now is not known
  Instant now;
};

// By wave, then by name; those that take no part last.
ServiceRows serviceRowsOf(const RowFacts& facts);

} // namespace ratdeck
