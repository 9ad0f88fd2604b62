#include "core/plan/analysis_text.h"

#include <cmath>
#include <sstream>

namespace ratdeck {

namespace {

std::string shortNumber(double value) {
  std::ostringstream text;
  text.precision(3);
  text << value;
  return text.str();
}

// Where it is measured, if that is not the new copies' own requests at the router.
std::string placeText(const MeasurementSpec& measurement) {
  const auto of = measurement.service.empty() ? "" : " of " + measurement.service;
  switch (measurement.source) {
  case MeasurementSource::Router:
    return measurement.service.empty() ? "" : " at " + measurement.service;
  case MeasurementSource::Prometheus:
    return " by Prometheus";
  case MeasurementSource::Scrape:
    return " in the metrics" + of;
  case MeasurementSource::RequestLog:
    return " in the request log" + of;
  }
  return {};
}

std::string measuredText(const AnalysisSpec& analysis) {
  const auto& measurement = analysis.measurement;
  const auto limit = valueText(measurement.quantity, analysis.most);
  if (measurement.quantity == MeasuredQuantity::ErrorRatio)
    return limit + " errors";
  if (measurement.source == MeasurementSource::Router)
    return limit + " to an answer (mean)";
  return limit + " to an answer (" + shortNumber(measurement.quantile * 100) + " % of them)";
}

} // namespace

std::string valueText(MeasuredQuantity quantity, double value) {
  if (quantity == MeasuredQuantity::ErrorRatio)
    return shortNumber(value * 100) + " %";
  const double ms = value * 1000;
  return ms < 1000 ? shortNumber(ms) + " ms" : shortNumber(value) + " s";
}

std::string textOf(const AnalysisSpec& analysis) {
  std::string text = analysis.isObserveOnly ? "watched, without consequence: above " : "bad above ";
  text += measuredText(analysis) + placeText(analysis.measurement);
  if (analysis.mostOverOld)
    text += ", or above " + shortNumber(*analysis.mostOverOld) + " times the old version's";
  text += ", of at least " + std::to_string(analysis.minRequests) + " requests";
  if (analysis.window)
    text += " in " + toHumanString(*analysis.window);
  return text;
}

} // namespace ratdeck
