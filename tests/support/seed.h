// The seed of a random test: new in each run, printed, and given back through RATDECK_TEST_SEED to repeat a
// run.
#pragma once

#include <QString>

#include <cstdint>
#include <random>

namespace ratdeck {

inline std::uint64_t testSeed() {
  bool isGiven = false;
  auto seed = qEnvironmentVariable("RATDECK_TEST_SEED").toULongLong(&isGiven);
  if (!isGiven)
    seed = std::random_device{}();
  qInfo("seed %llu (RATDECK_TEST_SEED=%llu repeats this run)", seed, seed);
  return seed;
}

} // namespace ratdeck
