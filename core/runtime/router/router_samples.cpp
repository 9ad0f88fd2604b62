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

// A sample while it is summed up over the ports.
struct Tally {
  RouterSample sample;
  double timeSum = 0, timed = 0; // the means of the ports, by the weight of their requests
};

void addTime(Tally& tally, const HaproxyStat& row) {
  const auto weight = static_cast<double>(valueOf(row.requests));
  if (weight <= 0 || !row.responseTime)
    return;
  tally.timeSum += weight * static_cast<double>(valueOf(row.queueTime) + valueOf(row.connectTime) +
                                                valueOf(row.responseTime));
  tally.timed += weight;
  tally.sample.timeMs = tally.timeSum / tally.timed;
}

void addServer(Tally& tally, const HaproxyStat& row) {
  RouterSample& sample = tally.sample;
  sample.routing = worseOf(sample.routing, routingOf(row.status));
  sample.inFlight += valueOf(row.inFlight) + valueOf(row.queued);
  sample.requests += row.requests ? *row.requests : valueOf(row.sessions);
  sample.errors5xx += valueOf(row.responses5xx);
  sample.connectionErrors += valueOf(row.connectionErrors) + valueOf(row.responseErrors);
  sample.retries += valueOf(row.retries) + valueOf(row.redispatches);
  addTime(tally, row);
}

// As the service's clients saw it; the backend's row keeps what copies that are gone have counted.
void addService(Tally& tally, const HaproxyStat& row) {
  RouterSample& sample = tally.sample;
  if (row.kind == HaproxyRowKind::Frontend) {
    sample.requests += row.requests ? *row.requests : valueOf(row.sessions);
    sample.errors5xx += valueOf(row.responses5xx);
    return;
  }
  sample.routing = Routing::Serving;
  sample.inFlight += valueOf(row.inFlight);
  sample.connectionErrors += valueOf(row.connectionErrors) + valueOf(row.responseErrors);
  sample.retries += valueOf(row.retries) + valueOf(row.redispatches);
  addTime(tally, row);
}

} // namespace

std::vector<RouterSample> routerSamples(const RoutingTable& table, const std::vector<HaproxyStat>& rows) {
  std::map<std::string, std::string> serviceOf;
  for (const auto& [service, ports] : table)
    for (const RoutedPort& port : ports)
      serviceOf.emplace(port.backend, service);
  std::map<std::pair<std::string, std::string>, Tally> tallies; // service, copy; "" first
  for (const HaproxyStat& row : rows) {
    const auto service = serviceOf.find(row.backend);
    if (service == serviceOf.end() || row.kind == HaproxyRowKind::Listener)
      continue;
    const bool isServer = row.kind == HaproxyRowKind::Server;
    Tally& tally = tallies[{service->second, isServer ? row.server : std::string()}];
    tally.sample.service = service->second;
    tally.sample.instance = InstanceId(isServer ? row.server : std::string());
    isServer ? addServer(tally, row) : addService(tally, row);
  }
  std::vector<RouterSample> list;
  for (auto& [key, tally] : tallies)
    list.push_back(std::move(tally.sample));
  return list;
}

} // namespace ratdeck
