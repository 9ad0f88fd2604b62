// The seed of a random test, printed: the same in each run, so that a change is judged by what it changed;
// new in each run at full size or with RATDECK_TEST_SEED=random, to look further; RATDECK_TEST_SEED=N repeats
// a run.
#pragma once

#include "tests/support/size.h"

#include <QString>

#include <cstdint>
#include <random>

namespace ratdeck {

inline std::uint64_t testSeed() {
  constexpr std::uint64_t usualSeed = 1;
  const auto wanted = qEnvironmentVariable("RATDECK_TEST_SEED");
  bool isGiven = false;
  auto seed = wanted.toULongLong(&isGiven);
  if (!isGiven)
    seed = isFullSize() || wanted == QStringLiteral("random") ? std::random_device{}() : usualSeed;
  qInfo("seed %llu (RATDECK_TEST_SEED=%llu repeats this run)", seed, seed);
  return seed;
}

} // namespace ratdeck
