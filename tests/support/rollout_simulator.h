// One random rollout on the virtual world of rollout_world.h: a random plan, random faults, answers that come
// late or twice, commands at random moments, engines that die and are replaced. After every step it is held
// against the promises of rollout_promises.h; the seed repeats it.
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
  int crashes = 0, commands = 0;
};

// The law that is simulated: the rollout's own, or a broken one that must be caught.
struct Law {
  RolloutWorld::Decide decide = ratdeck::decide;
  RolloutWorld::Apply apply = ratdeck::apply; // of the live state; the fold is always made by the real one
};

SimulationReport simulate(std::uint64_t seed, const Law& law = {});

} // namespace ratdeck::test
