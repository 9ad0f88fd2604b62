// What was counted of one service, second by second, with old and new version apart. Bounded: the oldest
// seconds go. Pure.
#pragma once

#include "ui/model/line.h"

#include <array>
#include <deque>
#include <optional>

namespace ratdeck {

enum class Measure {
  RequestRate,  // a second
  ErrorRatio,   // percent answered 5xx
  InFlight,     // requests
  ResponseTime, // milliseconds to the first byte, a mean
  ActiveRuns
};
enum class Side { Total, Old, New };

inline constexpr std::array<Side, 3> allSides{Side::Total, Side::Old, Side::New};

// Negative: not known.
struct Counts {
  int requests = -1;
  int errors5xx = -1;
  int inFlight = -1;
  float timeMs = -1;

  // As if both had been one: known and unknown is known.
  void add(const Counts& other);
};

struct SampleRow {
  ChartTime at = 0;
  float seconds = 0;            // that the counts were counted in
  std::array<Counts, 3> counts; // by side

  Counts& operator[](Side side) { return counts[static_cast<size_t>(side)]; }
  const Counts& operator[](Side side) const { return counts[static_cast<size_t>(side)]; }
};

class SampleSeries {
public:
  explicit SampleSeries(size_t capacity) : m_capacity(capacity) {}

  void append(const SampleRow& row); // later than the last
  // All points in `range` and one beyond each edge. A second that is missing, or that tells nothing (a ratio
  // of no requests), is a gap.
  Line line(Measure measure, Side side, TimeRange range) const;
  // Of the row next to `at`, if one lies within `reach`.
  std::optional<double> value(Measure measure, Side side, ChartTime at, ChartTime reach) const;
  // Was there ever a value?
  bool has(Measure measure, Side side) const;
  bool isEmpty() const { return m_rows.empty(); }
  const std::deque<SampleRow>& rows() const { return m_rows; }

private:
  size_t m_capacity;
  std::deque<SampleRow> m_rows;
  std::array<std::array<bool, 3>, 5> m_has{};
};

} // namespace ratdeck
