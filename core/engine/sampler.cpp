#include "core/engine/sampler.h"

#include <algorithm>

namespace ratdeck {

namespace {

const char* toString(Routing routing) {
  switch (routing) {
  case Routing::None:
    return "none";
  case Routing::Maintenance:
    return "maintenance";
  case Routing::Serving:
    return "serving";
  case Routing::Draining:
    return "draining";
  case Routing::Down:
    return "down";
  }
  return "none";
}

// Counters since the last reading; a counter that went back belongs to a copy that joined anew.
Json difference(const RouterSample& now, const RouterSample& before) {
  auto since = [](long long a, long long b) {
    return a >= b ? a - b : a;
  };
  Json values = {{"requests", since(now.requests, before.requests)},
                 {"errors_5xx", since(now.errors5xx, before.errors5xx)},
                 {"connection_errors", since(now.connectionErrors, before.connectionErrors)},
                 {"retries", since(now.retries, before.retries)},
                 {"in_flight", now.inFlight}};
  if (now.timeMs)
    values["time_ms"] = *now.timeMs;
  return values;
}

} // namespace

Sampler::Sampler(Samples samples, Post post) : m_samples(std::move(samples)), m_post(std::move(post)) {
  if (!m_samples)
    return;
  connect(&m_timer, &QTimer::timeout, this, [this] { read(); });
  m_timer.start(std::chrono::seconds(1));
}

Sampler::~Sampler() {
  *m_alive = false;
}

void Sampler::read() {
  if (m_isReading)
    return;
  m_isReading = true;
  m_samples([this, alive = m_alive](Result<std::vector<RouterSample>> samples) {
    if (!*alive)
      return;
    m_isReading = false;
    if (!samples)
      return; // a gap in the record is a gap on the screen
    std::map<std::pair<std::string, InstanceId>, RouterSample> reading;
    for (const auto& sample : *samples)
      reading[{sample.service, sample.instance}] = sample;
    Json services = Json::object();
    for (const auto& [key, sample] : reading) {
      const auto& before = m_last ? *m_last : reading; // the first reading is the base line
      const auto last = before.find(key);
      auto values = difference(sample, last == before.end() ? RouterSample() : last->second);
      if (sample.instance.isEmpty()) {
        services[sample.service].update(values);
      } else {
        values["routing"] = toString(sample.routing);
        services[sample.service]["instances"][sample.instance.value] = values;
      }
    }
    m_last = std::move(reading);
    m_post({ObservationKind::Sampled, {}, {}, {}, {{"services", services}}});
  });
}

} // namespace ratdeck
