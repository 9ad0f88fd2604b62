#include "core/engine/probe_streak.h"

#include <algorithm>

namespace ratdeck {

namespace {

// The moment in which a new copy is well for the first time is part of the rollout's time.
constexpr Duration mostRetry = std::chrono::milliseconds(50);

} // namespace

ProbeRounds::ProbeRounds(Prober& prober, std::vector<ProbeSpec> probes, Rhythm rhythm,
                         const InstanceRollout& instance, WatchSet::Post post, OnRound onRound)
    : m_prober(prober), m_probes(std::move(probes)), m_service(instance.service), m_instance(instance.id),
      m_address(instance.address), m_post(std::move(post)), m_onRound(std::move(onRound)), m_rhythm(rhythm),
      m_last(m_probes.size()) {
  QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { begin(); });
  begin();
}

ProbeRounds::~ProbeRounds() {
  *m_alive = false;
}

void ProbeRounds::begin() {
  if (m_open > 0)
    return; // the last round has not answered yet; the next interval tries again
  m_timer.start(std::chrono::duration_cast<std::chrono::milliseconds>(m_rhythm.interval));
  m_open = m_probes.size();
  m_isInconclusive = false;
  m_failures.assign(m_probes.size(), {});
  for (size_t i = 0; i < m_probes.size(); ++i)
    m_prober.probe(m_probes[i], m_instance, m_address,
                   [this, i, alive = m_alive](Result<ProbeResult> result) {
                     if (*alive)
                       answered(i, result);
                   });
}

void ProbeRounds::answered(size_t index, const Result<ProbeResult>& result) {
  auto round = !result ? Round::Inconclusive : result->passed ? Round::Passed : Round::Failed;
  auto detail = result ? result->detail : "could not be asked: " + result.error().toString();
  if (round == Round::Failed)
    m_failures[index] = m_probes[index].name + ": " + (detail.empty() ? "failed" : detail);
  m_isInconclusive |= round == Round::Inconclusive;
  --m_open;
  bool isNews = m_last[index] != round;
  m_last[index] = round;
  auto alive = m_alive; // a post may end this watch
  if (isNews)
    m_post({ObservationKind::ProbeChanged,
            {},
            m_service,
            m_instance,
            {{"probe", m_probes[index].name}, {"passed", round == Round::Passed}, {"detail", detail}}});
  if (!*alive || m_open > 0)
    return;
  auto failed = std::find_if(m_failures.begin(), m_failures.end(), [](const auto& f) { return !f.empty(); });
  if (failed != m_failures.end())
    return end(Round::Failed, *failed);
  end(m_isInconclusive ? Round::Inconclusive : Round::Passed, {});
}

void ProbeRounds::end(Round round, const std::string& firstFailure) {
  if (round != Round::Passed && m_rhythm.retry < m_rhythm.interval)
    m_timer.start(std::chrono::duration_cast<std::chrono::milliseconds>(m_rhythm.retry));
  m_onRound(round, firstFailure);
}

GateWatcher::GateWatcher(Prober& prober, const ServicePlan& plan, std::vector<ProbeSpec> probes,
                         const InstanceRollout& instance, WatchSet::Post post) {
  auto report = [post, service = plan.service, id = instance.id] {
    post({ObservationKind::GateStreak, {}, service, id, Json::object()});
  };
  if (plan.isOneShot)
    return; // its gate is its exit
  if (probes.empty()) {
    m_minRunning.setSingleShot(true);
    QObject::connect(&m_minRunning, &QTimer::timeout, &m_minRunning, report);
    m_minRunning.start(std::chrono::duration_cast<std::chrono::milliseconds>(plan.gate.minRunning));
    return;
  }
  m_rounds = std::make_unique<ProbeRounds>(
      prober, std::move(probes), Rhythm{plan.gate.interval, std::min(plan.gate.interval, mostRetry)},
      instance, post, [this, report, needed = plan.gate.passes](Round round, const auto&) {
        m_streak = round == Round::Passed ? m_streak + 1 : 0;
        if (m_streak == needed)
          report();
      });
}

} // namespace ratdeck
