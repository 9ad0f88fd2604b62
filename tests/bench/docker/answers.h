// What the load was answered, in windows of time. Pure: reads the load's report and samples.
#pragma once

#include "core/base/clock.h"
#include "core/base/json.h"

#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

class Answers {
public:
  Answers() = default;
  Answers(const Json& report, const Json& samples);

  // Of the requests that were due in [from, to).
  long long failed(BootTime from, BootTime to) const;
  // Of the good answers to requests that were due in [from, to), in milliseconds; share 1 = the longest; 0
  // where there is none.
  double percentileMs(double share, BootTime from, BootTime to) const;
  // The longest time in [from, to) in which no good answer came, in milliseconds.
  double longestGapMs(BootTime from, BootTime to) const;
  // When "SERVICE VERSION" gave its first good answer.
  std::optional<BootTime> firstOf(const std::string& who) const;

private:
  struct Sample {
    BootTime due, over;
    bool hasFailed;
  };
  std::vector<Sample> m_samples;
  Json m_first;
};

} // namespace ratdeck
