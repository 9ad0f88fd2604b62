#include "core/remote/prometheus/counters.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace ratdeck {

namespace {

std::optional<double> boundOf(const MetricSeries& series) {
  const auto found = series.labels.find("le");
  if (found == series.labels.end())
    return {};
  const std::string& text = found->second;
  if (text == "+Inf" || text == "Inf")
    return std::numeric_limits<double>::infinity();
  double bound = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, bound);
  return error == std::errc() && stop == end && !std::isnan(bound) ? std::optional(bound) : std::nullopt;
}

double valueAt(const CounterValues& values, const MetricSeries& series) {
  const auto found = values.find(series);
  return found == values.end() ? 0 : found->second;
}

} // namespace

double increaseOf(double before, double after) {
  if (!std::isfinite(after) || after < 0)
    return 0;
  const bool isComparable = std::isfinite(before) && before >= 0 && before <= after;
  return isComparable ? after - before : after;
}

double increaseOf(const CounterValues& before, const CounterValues& after) {
  double sum = 0;
  for (const auto& [series, value] : after)
    sum += increaseOf(valueAt(before, series), value);
  return sum;
}

std::optional<double> ratioOf(double part, double whole) {
  if (!std::isfinite(part) || !std::isfinite(whole) || whole <= 0)
    return {};
  return part / whole;
}

HistogramBuckets bucketIncreases(const CounterValues& before, const CounterValues& after) {
  HistogramBuckets buckets;
  for (const auto& [series, value] : after)
    if (const auto bound = boundOf(series))
      buckets[*bound] += increaseOf(valueAt(before, series), value);
  return buckets;
}

std::optional<HistogramQuantile> quantileOf(double quantile, const HistogramBuckets& buckets) {
  if (!(quantile >= 0 && quantile <= 1) || buckets.size() < 2 || !std::isinf(buckets.rbegin()->first))
    return {};
  double all = 0;
  for (const auto& [bound, count] : buckets)
    all = std::max(all, count);
  if (all <= 0)
    return {};
  const double rank = quantile * all;
  double start = 0, below = 0;
  for (const auto& [bound, raw] : buckets) {
    const double count = std::max(below, raw);
    if (std::isinf(bound))
      break;
    if (count >= rank) {
      if (bound <= 0 && below == 0 && start == 0)
        return HistogramQuantile{bound, false};
      const double inside = count - below;
      if (inside <= 0) // the quantile 0 of an empty lowest bucket
        return {};
      return HistogramQuantile{start + (bound - start) * (rank - below) / inside, false};
    }
    start = bound;
    below = count;
  }
  return HistogramQuantile{start, true};
}

} // namespace ratdeck
