#include "core/runtime/router/haproxy_router.h"

#include <map>

namespace ratdeck {

namespace {

Routing routingOf(const std::string& status) {
  if (status.starts_with("MAINT"))
    return Routing::Maintenance;
  if (status.starts_with("DRAIN") || status.starts_with("NOLB"))
    return Routing::Draining;
  return status.starts_with("DOWN") ? Routing::Down : Routing::Serving; // UP, "UP 1/2", "no check"
}

// A copy serves only if it does so on all its ports.
Routing worseOf(Routing one, Routing other) {
  const auto badness = [](Routing routing) {
    switch (routing) {
    case Routing::None:
      return 0;
    case Routing::Serving:
      return 1;
    case Routing::Draining:
      return 2;
    case Routing::Maintenance:
      return 3;
    case Routing::Down:
      return 4;
    }
    return 0;
  };
  return badness(one) >= badness(other) ? one : other;
}

long long valueOf(const HaproxyStat::Count& count) {
  return count.value_or(0);
}

void addServer(RouterSample& sample, const HaproxyStat& row) {
  sample.routing = worseOf(sample.routing, routingOf(row.status));
  sample.inFlight += valueOf(row.inFlight) + valueOf(row.queued);
  sample.requests += row.requests ? *row.requests : valueOf(row.sessions);
  sample.errors5xx += valueOf(row.responses5xx);
  sample.connectionErrors += valueOf(row.connectionErrors) + valueOf(row.responseErrors);
  sample.retries += valueOf(row.retries) + valueOf(row.redispatches);
}

// As the service's clients saw it; the backend's row keeps what copies that are gone have counted.
void addService(RouterSample& sample, const HaproxyStat& row) {
  if (row.kind == HaproxyRowKind::Frontend) {
    sample.requests += row.requests ? *row.requests : valueOf(row.sessions);
    sample.errors5xx += valueOf(row.responses5xx);
    return;
  }
  sample.routing = Routing::Serving;
  sample.inFlight += valueOf(row.inFlight);
  sample.connectionErrors += valueOf(row.connectionErrors) + valueOf(row.responseErrors);
  sample.retries += valueOf(row.retries) + valueOf(row.redispatches);
}

} // namespace

std::vector<RouterSample> routerSamples(const RoutingTable& table, const std::vector<HaproxyStat>& rows) {
  std::map<std::string, std::string> serviceOf;
  for (const auto& [service, ports] : table)
    for (const RoutedPort& port : ports)
      serviceOf.emplace(port.backend, service);
  std::map<std::pair<std::string, std::string>, RouterSample> samples; // service, copy; "" first
  for (const HaproxyStat& row : rows) {
    const auto service = serviceOf.find(row.backend);
    if (service == serviceOf.end() || row.kind == HaproxyRowKind::Listener)
      continue;
    const bool isServer = row.kind == HaproxyRowKind::Server;
    RouterSample& sample = samples[{service->second, isServer ? row.server : std::string()}];
    sample.service = service->second;
    sample.instance = InstanceId(isServer ? row.server : std::string());
    isServer ? addServer(sample, row) : addService(sample, row);
  }
  std::vector<RouterSample> list;
  for (auto& [key, sample] : samples)
    list.push_back(std::move(sample));
  return list;
}

} // namespace ratdeck
