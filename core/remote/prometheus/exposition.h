// The text that a service answers at its own /metrics: Prometheus' text format 0.0.4, and what OpenMetrics
// 1.0 adds to it (# EOF, # UNIT, exemplars, timestamps in seconds), as far as values are concerned.
//
// Hostile text costs no more than its bytes: what goes beyond a limit is an error with its place.
#pragma once

#include "core/base/result.h"

#include <map> // with <compare>, which moc 6.4 cannot read alone
#include <string>
#include <string_view>

namespace ratdeck {

using MetricLabels = std::map<std::string, std::string>;

// One time series of a service: buckets of histograms and quantiles of summaries are series too, told apart
// by the labels le and quantile.
struct MetricSeries {
  std::string name;
  MetricLabels labels; // without those of an empty value, which are the same as absent
  auto operator<=>(const MetricSeries&) const = default;
};

enum class MetricType { Untyped, Counter, Gauge, Histogram, Summary, Other }; // Other: OpenMetrics has more

struct Exposition {
  std::map<MetricSeries, double> values; // NaN and infinities as they stand
  std::map<std::string, MetricType> types;

  // Whether there is a series of this name, whatever its labels.
  bool has(const std::string& name) const;
};

inline constexpr std::size_t maxExpositionBytes = 8u << 20;
inline constexpr std::size_t maxExpositionSeries = 100'000;
inline constexpr std::size_t maxExpositionLine = 64u << 10; // bytes
inline constexpr std::size_t maxMetricLabels = 64;          // of one series
inline constexpr std::size_t maxMetricName = 512;           // bytes, of a metric or a label
inline constexpr std::size_t maxLabelValue = 8u << 10;      // bytes

// `source`: who said it, for errors. Errors (Input, with line and column): anything else than the format, a
// series that stands there twice, text after # EOF, more than the limits above.
Result<Exposition> parseExposition(std::string_view text, const std::string& source);

} // namespace ratdeck
