// Five minutes of a rollout at 300 requests a second as charts show it: ratd goes from 2.3.0 to 2.4.0,
// answers some requests with errors, seconds without readings, active runs that end, waves.
#pragma once

#include "tests/support/sampled_rollout.h"
#include "ui/model/sample_history.h"

#include <cmath>

namespace ratdeck::test {

class ChartsStory {
public:
  static constexpr int seconds = 300, switchAt = 120, gapFrom = 200, gapTo = 215;

  ChartsStory() : m_state(sampledState({"portal", "ratd"})) {
    happen(EventType::RolloutStarted, 0);
    for (int second = 1; second <= seconds; ++second) {
      if (second < gapFrom || second >= gapTo)
        sample(second, second == gapTo ? gapTo - gapFrom + 1 : 1);
      if (second == 20)
        happen(EventType::WaveStarted, second, {}, {{"wave", 1}});
      if (second == 40)
        m_state.services["ratd"].isDrainingRuns = true;
      if (second >= 40 && second < 100 && second % 13 == 0)
        observe(second, 7 - (second - 40) / 10);
      if (second == 100) {
        m_state.services["ratd"].isDrainingRuns = false;
        happen(EventType::DrainFinished, second, "ratd");
      }
      if (second == switchAt + 6)
        happen(EventType::ServiceSwitched, second, "ratd");
      if (second == 180)
        happen(EventType::WaveStarted, second, {}, {{"wave", 2}});
    }
  }

  static Instant at(double second) {
    return secondsAfter({BootTime(std::chrono::hours(1)), WallTime(std::chrono::seconds(1'794'000'000))},
                        second);
  }
  static Instant now() { return at(seconds); }

  SampleHistory history;

private:
  // The counts of this second, or of several where readings were missing.
  void sample(int second, int counted) {
    CountedSecond a = ratd(second), b = portal(second);
    for (int* count : {&a.oldRequests, &a.newRequests, &b.oldRequests})
      *count *= counted;
    history.fold(sampledAt(at(second), {{"ratd", a}, {"portal", b}}), m_state);
  }
  static int wave(int second, int by) {
    return static_cast<int>(by * (std::sin(second * 0.7) + std::sin(second * 0.13 + by)) / 2);
  }
  static CountedSecond ratd(int second) {
    const int total = 300 + wave(second, 14);
    const double share = std::clamp((second - switchAt) / 6.0, 0.0, 1.0);
    const int ofNew = static_cast<int>(total * share);
    const bool isBad = second >= 150 && second < 158;
    return {total - ofNew,
            ofNew,
            0,
            isBad ? 9 + wave(second, 5) : 0,
            6 + wave(second, 4),
            share > 0.5 ? 5.0 + wave(second, 2) : 8.0 + wave(second, 3)};
  }
  static CountedSecond portal(int second) {
    return {40 + wave(second, 6), 0, 0, 0, 2, 20.0 + wave(second, 4)};
  }
  void happen(EventType type, double second, const std::string& service = {}, Json detail = {}) {
    history.fold(eventAt(type, at(second), service, std::move(detail)), m_state);
  }
  void observe(double second, int runs) {
    m_state.services["ratd"].activeRuns = runs;
    happen(EventType::RunsObserved, second, "ratd");
  }

  RolloutState m_state;
};

} // namespace ratdeck::test
