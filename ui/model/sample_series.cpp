#include "ui/model/sample_series.h"

#include <algorithm>
#include <cmath>

namespace ratdeck {

namespace {

constexpr float longestStep = 1.8F;   // seconds between two readings of which none is missing
constexpr float longestSteady = 5.0F; // between those of a router that is slow all the time
constexpr std::array<Measure, 4> sampledMeasures{Measure::RequestRate, Measure::ErrorRatio, Measure::InFlight,
                                                 Measure::ResponseTime};

std::optional<double> valueOf(const SampleRow& row, Measure measure, Side side) {
  const Counts& counts = row[side];
  switch (measure) {
  case Measure::RequestRate:
    if (counts.requests >= 0 && row.seconds > 0)
      return counts.requests / static_cast<double>(row.seconds);
    break;
  case Measure::ErrorRatio:
    if (counts.requests > 0 && counts.errors5xx >= 0)
      return 100.0 * counts.errors5xx / counts.requests;
    break;
  case Measure::InFlight:
    if (counts.inFlight >= 0)
      return counts.inFlight;
    break;
  case Measure::ResponseTime: // a mean of requests of the past tells nothing of a second without any
    if (counts.requests > 0 && counts.timeMs >= 0)
      return counts.timeMs;
    break;
  case Measure::ActiveRuns:
    break;
  }
  return std::nullopt;
}

bool follows(const SampleRow& row, const SampleRow& before) {
  const float step = static_cast<float>(row.at - before.at) / 1000;
  return step <= longestStep || (step < longestSteady && std::abs(step - before.seconds) < 0.5F);
}

int sum(int a, int b) {
  return a < 0 ? b : b < 0 ? a : a + b;
}

} // namespace

void Counts::add(const Counts& other) {
  const auto weight = [](const Counts& counts) {
    return counts.timeMs >= 0 && counts.requests > 0 ? static_cast<float>(counts.requests) : 0.0F;
  };
  const float mine = weight(*this), others = weight(other);
  if (mine + others > 0)
    timeMs = (mine * timeMs + others * other.timeMs) / (mine + others);
  requests = sum(requests, other.requests);
  errors5xx = sum(errors5xx, other.errors5xx);
  inFlight = sum(inFlight, other.inFlight);
}

void SampleSeries::append(const SampleRow& row) {
  if (m_rows.size() == m_capacity)
    m_rows.pop_front();
  m_rows.push_back(row);
  for (Measure measure : sampledMeasures)
    for (Side side : allSides)
      if (valueOf(row, measure, side))
        m_has[static_cast<size_t>(measure)][static_cast<size_t>(side)] = true;
}

Line SampleSeries::line(Measure measure, Side side, TimeRange range) const {
  const auto isBefore = [](const SampleRow& row, ChartTime at) {
    return row.at < at;
  };
  auto begin = std::lower_bound(m_rows.begin(), m_rows.end(), range.from, isBefore);
  auto end = std::lower_bound(begin, m_rows.end(), range.to + 1, isBefore);
  begin -= begin != m_rows.begin() ? 1 : 0;
  end += end != m_rows.end() ? 1 : 0;
  Line line;
  line.reserve(static_cast<size_t>(end - begin));
  bool hasBefore = false;
  for (auto row = begin; row != end; ++row) {
    const auto value = valueOf(*row, measure, side);
    if (value)
      line.push_back({row->at, *value, hasBefore && follows(*row, *(row - 1))});
    hasBefore = value.has_value();
  }
  return line;
}

std::optional<double> SampleSeries::value(Measure measure, Side side, ChartTime at, ChartTime reach) const {
  auto row = std::lower_bound(m_rows.begin(), m_rows.end(), at,
                              [](const SampleRow& a, ChartTime time) { return a.at < time; });
  const bool isLast = row == m_rows.end();
  if (row != m_rows.begin() && (isLast || at - (row - 1)->at <= row->at - at))
    --row;
  if (row == m_rows.end() || std::abs(row->at - at) > reach)
    return std::nullopt;
  return valueOf(*row, measure, side);
}

bool SampleSeries::has(Measure measure, Side side) const {
  return m_has[static_cast<size_t>(measure)][static_cast<size_t>(side)];
}

} // namespace ratdeck
