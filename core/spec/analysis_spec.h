// What the answers of a new version are judged by while it serves, beside its own checks. Plain values.
#pragma once

#include "core/spec/measurement_spec.h"

#include <optional>
#include <string>

namespace ratdeck {

// What becomes of a rollout whose analysis came to no verdict: too few requests, or no value.
enum class Inconclusive { Ask, Pass, Undo }; // Ask: a person; where nobody can be asked, Undo

struct AnalysisSpec {
  std::string name; // unique in a service: "errors", "latency", or as the file calls it
  MeasurementSpec measurement;
  double most = 0.01; // more than this is bad: a part of all requests (0 to 1), or seconds
  // More than so many times what the old version's own copies did is bad too; absent: not compared. Where the
  // old version was above `most` itself, the new one is not held to `most` but to the old one's value.
  std::optional<double> mostOverOld;
  int minRequests = 20;           // fewer say nothing
  std::optional<Duration> window; // the value is that of the last so long; absent: the time it is watched for
  Duration interval = 1s;         // between two questions to a source other than the router
  Inconclusive onInconclusive = Inconclusive::Ask;
  bool isObserveOnly = false; // its verdict is shown, and nothing follows from it
  bool operator==(const AnalysisSpec&) const = default;

  Duration windowOr(Duration otherwise) const { return window.value_or(otherwise); }
};

// The part of each copy's requests that fail at the router: what a file calls error_gate.
inline AnalysisSpec errorAnalysis() {
  AnalysisSpec analysis;
  analysis.name = "errors";
  return analysis;
}

// Judged copy by copy, by the requests that the router gives each of them.
inline bool isOfCopies(const AnalysisSpec& analysis) {
  return analysis.measurement.source == MeasurementSource::Router && analysis.measurement.service.empty();
}

// Where a file asks for an analysis without a window or a monitor.
inline constexpr Duration defaultAnalysisWindow = 30s;

} // namespace ratdeck
