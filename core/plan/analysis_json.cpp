// Analyses in a plan's JSON. Lenient in reading, as plan_json.cpp says.
#include "core/plan/plan_names.h"
#include "core/plan/plan_parts.h"

#include <algorithm>

namespace ratdeck {

using plan_names::nameOf;
using plan_names::valueOf;

namespace {

Json toJson(const PrometheusSource& source) {
  Json json = {{"url", source.url}, {"query", source.query}, {"requests", source.requests}};
  json.update(toJson(source.login));
  return json;
}

Json toJson(const ScrapeSource& source) {
  return {{"port", source.port},
          {"path", source.path},
          {"errors", source.errors},
          {"requests", source.requests},
          {"histogram", source.histogram}};
}

Json toJson(const RequestLogSource& source) {
  return {{"status", source.status},
          {"duration", source.duration},
          {"unit", nameOf(source.unit)},
          {"path", source.path},
          {"ignored", source.ignored}};
}

Json toJson(const MeasurementSpec& measurement) {
  Json json = {{"source", nameOf(measurement.source)},
               {"quantity", nameOf(measurement.quantity)},
               {"service", measurement.service},
               {"quantile", measurement.quantile},
               {"timeout", toGoString(measurement.timeout)}};
  switch (measurement.source) {
  case MeasurementSource::Router:
    break;
  case MeasurementSource::Prometheus:
    json["prometheus"] = toJson(measurement.prometheus);
    break;
  case MeasurementSource::Scrape:
    json["scrape"] = toJson(measurement.scrape);
    break;
  case MeasurementSource::RequestLog:
    json["request_log"] = toJson(measurement.log);
    break;
  }
  return json;
}

Duration durationAt(const Json& json, const char* key) {
  return parseDuration(textAt(json, key)).value_or(Duration(0s));
}

PrometheusSource prometheusFrom(const Json& json) {
  return {textAt(json, "url"), textAt(json, "query"), textAt(json, "requests"), loginFrom(json)};
}

ScrapeSource scrapeFrom(const Json& json) {
  const auto port = std::clamp<long long>(integerAt(json, "port"), 0, 65535);
  return {static_cast<std::uint16_t>(port), textAt(json, "path"), textAt(json, "errors"),
          textAt(json, "requests"), textAt(json, "histogram")};
}

RequestLogSource logFrom(const Json& json) {
  RequestLogSource source = {textAt(json, "status"),
                             textAt(json, "duration"),
                             valueOf(textAt(json, "unit"), LogTimeUnit::Nanoseconds),
                             textAt(json, "path"),
                             {}};
  if (const auto& ignored = memberAt(json, "ignored"); ignored.is_array())
    for (const auto& path : ignored)
      if (path.is_string())
        source.ignored.push_back(path.get<std::string>());
  return source;
}

MeasurementSpec measurementFrom(const Json& json) {
  MeasurementSpec measurement;
  measurement.source = valueOf(textAt(json, "source"), MeasurementSource::Router);
  measurement.quantity = valueOf(textAt(json, "quantity"), MeasuredQuantity::ErrorRatio);
  measurement.service = textAt(json, "service");
  measurement.quantile = numberAt(json, "quantile");
  measurement.timeout = durationAt(json, "timeout");
  if (measurement.source == MeasurementSource::Prometheus)
    measurement.prometheus = prometheusFrom(memberAt(json, "prometheus"));
  if (measurement.source == MeasurementSource::Scrape)
    measurement.scrape = scrapeFrom(memberAt(json, "scrape"));
  if (measurement.source == MeasurementSource::RequestLog)
    measurement.log = logFrom(memberAt(json, "request_log"));
  return measurement;
}

} // namespace

Json toJson(const PrometheusLogin& login) {
  return {{"user", login.user}, {"token_env", login.tokenEnv}, {"password_env", login.passwordEnv}};
}

PrometheusLogin loginFrom(const Json& json) {
  return {textAt(json, "token_env"), textAt(json, "user"), textAt(json, "password_env")};
}

Json toJson(const AnalysisSpec& analysis) {
  Json json = {{"name", analysis.name},
               {"measurement", toJson(analysis.measurement)},
               {"most", analysis.most},
               {"min_requests", analysis.minRequests},
               {"interval", toGoString(analysis.interval)},
               {"inconclusive", nameOf(analysis.onInconclusive)},
               {"observe", analysis.isObserveOnly}};
  if (analysis.mostOverOld)
    json["most_over_old"] = *analysis.mostOverOld;
  if (analysis.window)
    json["window"] = toGoString(*analysis.window);
  return json;
}

AnalysisSpec analysisFrom(const Json& json) {
  AnalysisSpec analysis;
  analysis.name = textAt(json, "name");
  analysis.measurement = measurementFrom(memberAt(json, "measurement"));
  analysis.most = numberAt(json, "most");
  analysis.minRequests =
      static_cast<int>(std::clamp<long long>(integerAt(json, "min_requests"), 0, 1'000'000));
  analysis.interval = durationAt(json, "interval");
  analysis.onInconclusive = valueOf(textAt(json, "inconclusive"), Inconclusive::Ask);
  analysis.isObserveOnly = boolAt(json, "observe");
  if (memberAt(json, "most_over_old").is_number())
    analysis.mostOverOld = numberAt(json, "most_over_old");
  if (memberAt(json, "window").is_string())
    analysis.window = durationAt(json, "window");
  return analysis;
}

} // namespace ratdeck
