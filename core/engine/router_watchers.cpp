#include "core/engine/router_watchers.h"

#include <algorithm>

namespace ratdeck {

namespace {
constexpr int badRounds = 3; // as many in a row as a gate needs to pass
constexpr Duration longestBadTime = std::chrono::seconds(2);
} // namespace

InFlightWatcher::InFlightWatcher(std::string service, InstanceId instance)
    : m_service(std::move(service)), m_instance(std::move(instance)) {}

void InFlightWatcher::read(const RouterSample& sample, BootTime, std::vector<Observation>& news) {
  if (sample.instance != m_instance || sample.inFlight == m_last)
    return;
  m_last = sample.inFlight;
  news.push_back({ObservationKind::InFlightChanged,
                  {},
                  m_service,
                  m_instance,
                  {{"count", m_last},
                   {"requests", sample.requests},
                   {"failed", sample.errors5xx + sample.connectionErrors}}});
}

ServingWatcher::ServingWatcher(Prober& prober, const ServicePlan& plan, const RequestTally& old,
                               std::vector<ProbeSpec> probes, const InstanceRollout& instance,
                               const Clock& clock, WatchSet::Post post)
    : m_service(plan.service), m_instance(instance.id), m_clock(clock),
      m_badTime(std::min(longestBadTime, plan.monitor / 2)), m_post(post) {
  for (const auto& analysis : plan.analyses)
    if (isOfCopies(analysis))
      m_judges.emplace_back(analysis, old, true);
  if (!probes.empty())
    m_rounds = std::make_unique<ProbeRounds>(
        prober, std::move(probes), Rhythm{plan.gate.interval, plan.gate.interval}, instance, std::move(post),
        [this](Round round, const std::string& failure) { count(round, failure); });
}

void ServingWatcher::count(Round round, const std::string& failure) {
  if (round == Round::Inconclusive)
    return;
  if (round == Round::Passed) {
    m_failedRounds = 0;
    return;
  }
  const auto now = m_clock.now().boot;
  if (++m_failedRounds == 1)
    m_failingSince = now;
  if (m_failedRounds >= badRounds && now - m_failingSince >= m_badTime)
    if (auto observation = bad(failure))
      m_post(std::move(*observation)); // may end this watch
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

void ServingWatcher::read(const RouterSample& sample, BootTime now, std::vector<Observation>& news) {
  if (sample.instance != m_instance)
    return;
  m_last = sample;
  if (sample.routing == Routing::Down)
    if (auto observation = bad("the router's own check finds it down"))
      news.push_back(std::move(*observation));
  for (auto& judge : m_judges)
    if (auto judgement = judge.read(sample, now))
      news.push_back(observationOf(*judgement, m_service, m_instance));
}

Observation observationOf(const Judgement& judgement, const std::string& service,
                          const InstanceId& instance) {
  Observation observation = {ObservationKind::AnalysisJudged, {}, service, instance, judgement.detail};
  observation.detail["text"] = judgement.text;
  return observation;
}

} // namespace ratdeck
