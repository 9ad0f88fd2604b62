#include "core/engine/router_watchers.h"

namespace ratdeck {

namespace {
constexpr int badRounds = 3; // as many in a row as a gate needs to pass
}

InFlightWatcher::InFlightWatcher(std::string service, InstanceId instance)
    : m_service(std::move(service)), m_instance(std::move(instance)) {}

std::optional<Observation> InFlightWatcher::read(const RouterSample& sample) {
  if (sample.instance != m_instance || sample.inFlight == m_last)
    return {};
  m_last = sample.inFlight;
  return Observation{ObservationKind::InFlightChanged, {}, m_service, m_instance, {{"count", m_last}}};
}

ServingWatcher::ServingWatcher(Prober& prober, const ServicePlan& plan, std::vector<ProbeSpec> probes,
                               const InstanceRollout& instance, WatchSet::Post post)
    : m_service(plan.service), m_instance(instance.id), m_errorGate(plan.errorGate) {
  if (probes.empty())
    return;
  m_rounds = std::make_unique<ProbeRounds>(prober, std::move(probes), plan.gate.interval, instance, post,
                                           [this, post](Round round, const std::string& failure) {
                                             if (round == Round::Inconclusive)
                                               return;
                                             m_failedRounds = round == Round::Passed ? 0 : m_failedRounds + 1;
                                             if (m_failedRounds >= badRounds)
                                               if (auto observation = bad(failure))
                                                 post(std::move(*observation));
                                           });
}

std::optional<Observation> ServingWatcher::bad(const std::string& why) {
  if (m_isReported)
    return {};
  m_isReported = true;
  return Observation{
      ObservationKind::ServingBad,
      {},
      m_service,
      m_instance,
      {{"why", why}, {"requests", m_last.requests}, {"failed", m_last.errors5xx + m_last.connectionErrors}}};
}

std::optional<Observation> ServingWatcher::read(const RouterSample& sample) {
  if (sample.instance != m_instance)
    return {};
  m_last = sample;
  if (sample.routing == Routing::Down)
    return bad("the router's own check finds it down");
  auto failed = sample.errors5xx + sample.connectionErrors;
  if (m_errorGate && sample.requests >= m_errorGate->minRequests &&
      static_cast<double>(failed) > m_errorGate->maxRatio * static_cast<double>(sample.requests))
    return bad(std::to_string(failed) + " of " + std::to_string(sample.requests) +
               " requests failed at the router");
  return {};
}

} // namespace ratdeck
