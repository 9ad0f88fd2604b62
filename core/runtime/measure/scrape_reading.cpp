#include "core/runtime/measure/scrape_reading.h"

#include "core/spec/metric_selector.h"

namespace ratdeck {

namespace {

constexpr std::size_t mostSeries = 2000;

struct Pick {
  std::string selector;
  std::string suffix; // after the metric's name
  CounterValues& into;
  bool mayBeNone = false;
};

Status pick(const Exposition& exposed, const Pick& pick, std::string& missing) {
  auto selector = parseMetricSelector(pick.selector);
  if (!selector)
    return failure(ErrorKind::Input, "\"" + pick.selector + "\": " + selector.error().message);
  selector->name += pick.suffix;
  const auto first = exposed.values.lower_bound(MetricSeries{selector->name, {}});
  for (auto it = first; it != exposed.values.end() && it->first.name == selector->name; ++it)
    if (selector->fits(it->first.name, it->first.labels))
      pick.into.insert(*it);
  if (pick.into.size() > mostSeries)
    return failure(ErrorKind::Input, std::to_string(pick.into.size()) + " series fit " + pick.selector,
                   "name fewer of them by their labels");
  if (!missing.empty())
    return Done{};
  if (!exposed.has(selector->name))
    missing = "no metric " + selector->name;
  else if (pick.into.empty() && !pick.mayBeNone)
    missing = "no series fits " + pick.selector;
  return Done{};
}

} // namespace

Result<CounterReading> readingOf(const MeasurementSpec& spec, const Exposition& exposed) {
  CounterReading reading;
  Status picked = Done{};
  if (spec.quantity == MeasuredQuantity::Latency)
    picked = pick(exposed, {spec.scrape.histogram, "_bucket", reading.buckets}, reading.missing);
  else
    picked = pick(exposed, {spec.scrape.requests, "", reading.requests}, reading.missing);
  if (picked && spec.quantity == MeasuredQuantity::ErrorRatio)
    picked = pick(exposed, {spec.scrape.errors, "", reading.errors, true}, reading.missing);
  if (!picked)
    return failure(picked.error());
  return reading;
}

} // namespace ratdeck
