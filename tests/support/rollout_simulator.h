// Random rollouts on the virtual world of rollout_world.h: random plans, policies, schedules and faults,
// commands at random moments, engines that die and are replaced. After every decision and at the end the
// world and the state are held against the promises; the first broken one is told with the seed that repeats
// it.
#pragma once

#include "tests/support/rollout_world.h"

#include <cstdint>
#include <string>

namespace ratdeck::test {

struct SimulationReport {
  std::uint64_t seed = 0;
  std::string broken; // empty: all promises held
  std::string log;    // of a broken run
  RolloutResult result = RolloutResult::None;
  size_t events = 0;
  Duration virtualTime = 0s;
};

// decideBy: the rollout's own decide, or a broken one that must be caught.
SimulationReport simulate(std::uint64_t seed, const RolloutWorld::Decide& decideBy = decide);

} // namespace ratdeck::test
