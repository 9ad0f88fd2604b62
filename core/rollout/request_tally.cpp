// Counts the samples' requests up: by the version that answered them, and by service.
#include "core/rollout/apply_parts.h"
#include "core/rollout/rollout.h"

namespace ratdeck {

namespace {

long long countAt(const Json& values, const char* key) {
  constexpr long long most = 1'000'000'000; // in a second; whatever a damaged journal says
  return std::clamp<long long>(integerAt(values, key), 0, most);
}

void add(RequestTally& count, const Json& values) {
  const auto requests = countAt(values, "requests");
  count.requests += requests;
  count.failed += countAt(values, "errors_5xx") + countAt(values, "connection_errors");
  if (!memberAt(values, "time_ms").is_number() || requests == 0)
    return;
  count.timedCount += requests;
  count.timeMs += (numberAt(values, "time_ms") - count.timeMs) * static_cast<double>(requests) /
                  static_cast<double>(count.timedCount);
}

} // namespace

void countTraffic(RolloutState& state, const Event& event) {
  const auto& services = memberAt(event.detail, "services");
  if (!services.is_object())
    return;
  for (const auto& [name, values] : services.items()) {
    add(state.frontTraffic[name], values);
    const auto& instances = memberAt(values, "instances");
    if (!instances.is_object())
      continue;
    for (const auto& [id, counted] : instances.items())
      if (auto copy = state.instances.find(InstanceId(id)); copy != state.instances.end())
        add(copy->second.traffic, counted);
  }
}

// A reading of the router's counters since the copy joined: of a new one, all it ever answered.
void takeTotals(InstanceRollout& copy, const Event& event) {
  if (copy.role != InstanceRole::New || !memberAt(event.detail, "requests").is_number())
    return;
  copy.traffic.requests = std::max(copy.traffic.requests, integerAt(event.detail, "requests"));
  copy.traffic.failed = std::max(copy.traffic.failed, integerAt(event.detail, "failed"));
}

RequestTally trafficOf(const RolloutState& state, const std::string& service, bool isNew) {
  RequestTally sum;
  for (const auto& [id, copy] : state.instances) {
    if (copy.service != service || (copy.role == InstanceRole::New) != isNew)
      continue;
    const auto& one = copy.traffic;
    sum.requests += one.requests;
    sum.failed += one.failed;
    sum.timedCount += one.timedCount;
    if (one.timedCount > 0)
      sum.timeMs += (one.timeMs - sum.timeMs) * static_cast<double>(one.timedCount) /
                    static_cast<double>(sum.timedCount);
  }
  return sum;
}

} // namespace ratdeck
