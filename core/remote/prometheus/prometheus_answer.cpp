#include "core/remote/prometheus/prometheus_answer.h"

#include "core/base/json.h"
#include "core/base/plain_text.h"

#include <charconv>
#include <cmath>

namespace ratdeck {

namespace {

constexpr std::size_t longestQuote = 300;
constexpr std::size_t mostWarnings = 20;

tl::unexpected<Error> nonsense(const std::string& what) {
  return failure(ErrorKind::Internal, "Prometheus' answer makes no sense: " + what);
}

std::string quoteOf(std::string_view text) {
  std::string words = plainText(text.substr(0, longestQuote));
  while (!words.empty() && words.back() == ' ')
    words.pop_back();
  return words.empty() ? "no reason given" : words;
}

Error errorOf(int status, const Json& answer, std::string_view body) {
  const std::string type = textAt(answer, "errorType");
  const std::string said = textAt(answer, "error");
  const std::string words = quoteOf(said.empty() ? body : std::string_view(said));
  if (status == 401 || status == 403)
    return {ErrorKind::Refused,
            "Prometheus does not let this side ask (" + std::to_string(status) + "): " + words,
            "give a token, or a user and a password, that may query",
            {}};
  if (type == "bad_data")
    return {ErrorKind::Input, "Prometheus cannot read the query: " + words, {}, {}};
  if (type == "timeout" || type == "canceled")
    return {ErrorKind::Timeout, "Prometheus gave up on the query: " + words, {}, {}};
  if (type.empty() && status == 404)
    return {ErrorKind::NotFound, "there is no Prometheus API (404): " + words, "check the URL", {}};
  return {ErrorKind::Internal, "Prometheus answered " + std::to_string(status) + ": " + words, {}, {}};
}

// [1435781451.781, "1"]
Result<PrometheusPoint> pointOf(const Json& pair) {
  if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number() || !pair[1].is_string())
    return nonsense("a value is not a time and a text");
  PrometheusPoint point;
  point.time = pair[0].get<double>();
  std::string_view text = pair[1].get_ref<const std::string&>();
  if (text.starts_with('+'))
    text.remove_prefix(1);
  double value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument)
    return nonsense("a value is no number: " + quoteOf(text));
  if (error == std::errc() && std::isfinite(value))
    point.value = value;
  return point;
}

Result<PrometheusSeries> seriesOf(const Json& said) {
  PrometheusSeries series;
  if (!said.is_object() || !memberAt(said, "metric").is_object())
    return nonsense("a series has no labels");
  for (const auto& [label, value] : said["metric"].items())
    if (value.is_string())
      series.labels.emplace(label, value.get<std::string>());
  const auto take = [&series](const Json& pair) -> Status {
    auto point = pointOf(pair);
    if (!point)
      return failure(point.error());
    series.points.push_back(*point);
    return Done{};
  };
  if (const Json& value = memberAt(said, "value"); !value.is_null())
    if (auto taken = take(value); !taken)
      return failure(taken.error());
  for (const Json& value : memberAt(said, "values"))
    if (auto taken = take(value); !taken)
      return failure(taken.error());
  return series;
}

Status takeSeries(const Json& result, PrometheusAnswer& answer) {
  if (!result.is_array())
    return nonsense("the series are no list");
  if (result.size() > maxPrometheusSeries)
    return failure(ErrorKind::Internal,
                   "Prometheus answers with " + std::to_string(result.size()) + " series",
                   "aggregate them in the query, as by sum(…)");
  std::size_t points = 0;
  for (const Json& said : result) {
    auto series = seriesOf(said);
    if (!series)
      return failure(series.error());
    points += series->points.size();
    if (points > maxPrometheusPoints)
      return failure(ErrorKind::Internal,
                     "Prometheus answers with more than " + std::to_string(maxPrometheusPoints) + " values",
                     "ask for a shorter range or a longer step");
    answer.series.push_back(std::move(*series));
  }
  return Done{};
}

Status takeResult(const Json& data, PrometheusAnswer& answer) {
  const std::string type = textAt(data, "resultType");
  const Json& result = memberAt(data, "result");
  if (type == "vector" || type == "matrix")
    return takeSeries(result, answer);
  if (type != "scalar")
    return failure(ErrorKind::Input, "the query gives a " + quoteOf(type) + ", which is no number",
                   "write one that gives a scalar or a vector");
  auto point = pointOf(result);
  if (!point)
    return failure(point.error());
  answer.series.push_back({{}, {*point}});
  return Done{};
}

} // namespace

Result<PrometheusAnswer::Reading> PrometheusAnswer::reading() const {
  if (series.size() > 1)
    return failure(ErrorKind::Input, "the query gives " + std::to_string(series.size()) + " series",
                   "aggregate them into one, as by sum(…)");
  if (series.empty() || series.front().points.empty())
    return Reading{{}, "no series fits the query"};
  const auto& value = series.front().points.back().value;
  return Reading{value, value ? "" : "the query gives no number (nothing to divide by?)"};
}

Result<PrometheusAnswer> parsePrometheusAnswer(int status, std::string_view body) {
  const auto json = parseJson(body);
  const std::string said = json ? textAt(*json, "status") : std::string();
  if (said != "success")
    return status == 200 && said != "error" ? nonsense(quoteOf(body))
                                            : failure(errorOf(status, json.value_or(Json()), body));
  PrometheusAnswer answer;
  for (const Json& warning : memberAt(*json, "warnings"))
    if (warning.is_string() && answer.warnings.size() < mostWarnings)
      answer.warnings.push_back(quoteOf(warning.get_ref<const std::string&>()));
  if (auto taken = takeResult(memberAt(*json, "data"), answer); !taken)
    return failure(taken.error());
  return answer;
}

} // namespace ratdeck
