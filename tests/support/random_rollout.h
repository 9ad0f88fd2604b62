// Random plans, policies and faults, all drawn from one seed.
#pragma once

#include "core/rollout/rollout.h"
#include "tests/support/rollout_world.h"

#include <cstdint>
#include <random>

namespace ratdeck::test {

class Dice {
public:
  explicit Dice(std::uint64_t seed) : m_engine(seed) {}
  int below(int n) { return static_cast<int>(m_engine() % static_cast<std::uint64_t>(n)); }
  int between(int low, int high) { return low + below(high - low + 1); }
  bool chance(int percent) { return below(100) < percent; }
  Duration upTo(Duration most) {
    return std::chrono::milliseconds(below(static_cast<int>(most / std::chrono::milliseconds(1)) + 1));
  }
  template <class T>
  T oneOf(std::initializer_list<T> values) {
    return *(values.begin() + below(static_cast<int>(values.size())));
  }

private:
  std::mt19937_64 m_engine;
};

// How bad a run is.
struct Weather {
  int faultPercent = 0; // of the copies
  bool lies = false;    // answers come late, twice, or as a time-out of what was done
  bool commands = false;
  bool crashes = false;
};

Weather randomWeather(Dice& dice);
// 1 to 12 services, 0 to 4 copies each, in waves; every policy varies; some are tries. Signed.
Plan randomPlan(Dice& dice);
TaskFate randomTaskFate(Dice& dice, const Weather& weather);
CopyFate randomFate(Dice& dice, const Weather& weather, bool isOld);
// Any kind, with the right gate and plan hash or wrong ones.
Command randomCommand(Dice& dice, const RolloutState& state);

} // namespace ratdeck::test
