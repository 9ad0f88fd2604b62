// A value that is told only when it changes: it holds until the next one. Bounded. Pure.
#pragma once

#include "ui/model/line.h"

#include <deque>
#include <optional>

namespace ratdeck {

class StepSeries {
public:
  explicit StepSeries(size_t capacity) : m_capacity(capacity) {}

  // From `at` on; nullopt: not known from here on. What is the same as before adds nothing.
  void set(ChartTime at, std::optional<double> value);
  // As stairs, up to `range.to` or `known`, whichever is earlier: nobody can say more.
  Line line(TimeRange range, ChartTime known) const;
  std::optional<double> value(ChartTime at, ChartTime known) const;
  // There was something once, and not only nothing.
  bool hasPositive() const { return m_hasPositive; }

private:
  struct Step {
    ChartTime at;
    std::optional<double> value;
  };

  size_t m_capacity;
  std::deque<Step> m_steps;
  bool m_hasPositive = false;
};

} // namespace ratdeck
