// Arithmetic over two readings of counters, as Prometheus does it. Pure.
#pragma once

#include "core/remote/prometheus/exposition.h"

#include <map>
#include <optional>

namespace ratdeck {

// Series of counters as they stood at one time.
using CounterValues = std::map<MetricSeries, double>;

// How far a counter has gone up. One that is lower than before began again at 0 (its process restarted), so
// all of it counts. Values that are no numbers, or negative: 0.
double increaseOf(double before, double after);

// The increases of all series together. Of the same process: a series that was not there before stood at 0.
double increaseOf(const CounterValues& before, const CounterValues& after);

// A part of a whole; none where the whole is 0 or less, or one of them is no finite number.
std::optional<double> ratioOf(double part, double whole);

// Observations of at most the key; the last key is +Inf. Cumulative, as a histogram's buckets are.
using HistogramBuckets = std::map<double, double>;

// By the label le, the increases of a histogram's bucket series, all other labels added up. Series whose le
// is no number are left out.
HistogramBuckets bucketIncreases(const CounterValues& before, const CounterValues& after);

// As Prometheus' histogram_quantile: linear inside a bucket, the lowest bucket begins at 0, the highest
// finite bound where the quantile lies above it (`isBeyond` then says so), counts that fall with rising
// bounds are raised. None: `quantile` outside of 0 to 1, no +Inf bucket, fewer than two buckets, no
// observations.
struct HistogramQuantile {
  double value = 0;
  bool isBeyond = false; // above the highest finite bound: it is at least `value`
};
std::optional<HistogramQuantile> quantileOf(double quantile, const HistogramBuckets& buckets);

} // namespace ratdeck
