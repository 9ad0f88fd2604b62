// What a Prometheus server answers to a query, as values.
#pragma once

#include "core/base/result.h"
#include "core/remote/prometheus/exposition.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck {

// None: the server said NaN or an infinity, which is no value and never zero.
struct PrometheusPoint {
  double time = 0; // seconds since 1970
  std::optional<double> value;
};

struct PrometheusSeries {
  MetricLabels labels; // with __name__; of a scalar: none
  std::vector<PrometheusPoint> points;
};

struct PrometheusAnswer {
  std::vector<PrometheusSeries> series; // of a scalar: one
  std::vector<std::string> warnings;    // the server's, in plain text: the answer may be incomplete

  // The one number that an instant query is about, or why there is none: no series, not a number. Errors:
  // Input (more than one series).
  struct Reading {
    std::optional<double> value;
    std::string why;
  };
  Result<Reading> reading() const;
};

inline constexpr std::size_t maxPrometheusBody = 8u << 20;    // bytes
inline constexpr std::size_t maxPrometheusPoints = 1'000'000; // of all series
inline constexpr std::size_t maxPrometheusSeries = 10'000;

// A scalar, a vector or a matrix; points of native histograms are left out. Errors: Input (a query that the
// server cannot read), Timeout (it gave up on the query), Refused (401, 403), NotFound (no such API there),
// Internal (anything else that is no answer, and answers beyond the limits above).
Result<PrometheusAnswer> parsePrometheusAnswer(int status, std::string_view body);

} // namespace ratdeck
