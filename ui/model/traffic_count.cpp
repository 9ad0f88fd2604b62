#include "ui/model/traffic_count.h"

#include <algorithm>

namespace ratdeck {

namespace {

// Samples come each second; further apart, something was not seen.
constexpr Duration longestInterval = std::chrono::seconds(5);

long long countAt(const Json& values, const char* key) {
  return std::max(0LL, integerAt(values, key));
}

std::string versionOf(const RolloutState& state, const std::string& service, const std::string& instance) {
  const auto plan = state.plan.services.find(service);
  if (plan == state.plan.services.end()) {
    const auto kept = state.plan.unchangedVersions.find(service);
    return kept == state.plan.unchangedVersions.end() ? std::string() : kept->second;
  }
  const auto copy = state.instances.find(InstanceId(instance));
  const bool isNew = copy != state.instances.end() && copy->second.role == InstanceRole::New;
  return isNew ? plan->second.toVersion : plan->second.fromVersion;
}

} // namespace

bool TrafficCount::isUserFacing(const std::string& service) const {
  return m_userFacing.empty() || m_userFacing.count(service) > 0;
}

void TrafficCount::addCulprits(const Event& sample, const std::string& service, const Json& values,
                               const RolloutState& state) {
  const auto& instances = memberAt(values, "instances");
  if (!instances.is_object())
    return;
  for (const auto& [instance, counters] : instances.items())
    if (const auto failed = countAt(counters, "errors_5xx"); failed > 0) {
      m_culprits[service + " " + versionOf(state, service, instance)] += failed;
      m_lastFailures[service] = sample.at;
    }
}

void TrafficCount::noteGap(Instant at) {
  if (m_lastSample && at.boot - m_lastSample->boot > longestInterval)
    m_unseen += at.boot - m_lastSample->boot;
  m_lastSample = at;
}

void TrafficCount::add(const Event& event, const RolloutState& state) {
  if (const auto by = m_shift.at(event, state); by != Duration::zero()) {
    for (auto& [service, time] : m_lastFailures)
      time.boot += by;
    for (auto* time : {&m_lastSample, &m_firstFailure, &m_lastFailure})
      if (*time)
        (*time)->boot += by;
  }
  if (event.type != EventType::Sampled)
    return;
  const auto& services = memberAt(event.detail, "services");
  if (!services.is_object())
    return;
  m_rates.clear();
  long long failed = 0;
  for (const auto& [service, values] : services.items()) {
    if (!memberAt(values, "requests").is_number())
      continue;
    m_rates[service] = {countAt(values, "requests"), countAt(values, "in_flight")};
    addCulprits(event, service, values, state);
    if (!isUserFacing(service))
      continue;
    noteGap(event.at);
    m_requests += countAt(values, "requests");
    failed += countAt(values, "errors_5xx");
  }
  if (failed == 0)
    return;
  if (!m_lastFailure || event.at.boot - m_lastFailure->boot > quietTime)
    m_firstFailure = event.at;
  m_lastFailure = event.at;
  m_failed += failed;
}

std::optional<Instant> TrafficCount::lastFailureOf(const std::string& service) const {
  const auto it = m_lastFailures.find(service);
  return it == m_lastFailures.end() ? std::nullopt : std::optional(it->second);
}

TrafficCount::Rate TrafficCount::rateOf(const std::string& service) const {
  const auto it = m_rates.find(service);
  return it == m_rates.end() ? Rate{} : it->second;
}

} // namespace ratdeck
