#include "core/engine/probe_streak.h"

#include <algorithm>

namespace ratdeck {

ProbeRounds::ProbeRounds(Prober& prober, const ServicePlan& plan, const InstanceRollout& instance,
                         WatchSet::Post post, OnRound onRound)
    : m_prober(prober), m_probes(plan.gate.probes), m_service(plan.service), m_instance(instance.id),
      m_address(instance.address), m_post(std::move(post)), m_onRound(std::move(onRound)),
      m_last(m_probes.size(), -1) {
  QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { begin(); });
  m_timer.start(std::chrono::duration_cast<std::chrono::milliseconds>(plan.gate.interval));
  begin();
}

ProbeRounds::~ProbeRounds() {
  *m_alive = false;
}

void ProbeRounds::begin() {
  if (m_open > 0)
    return; // the last round has not answered yet; the next interval tries again
  m_open = m_probes.size();
  m_failures.assign(m_probes.size(), {});
  for (size_t i = 0; i < m_probes.size(); ++i)
    m_prober.probe(m_probes[i], m_instance, m_address,
                   [this, i, alive = m_alive](Result<ProbeResult> result) {
                     if (*alive)
                       answered(i, result);
                   });
}

void ProbeRounds::answered(size_t index, const Result<ProbeResult>& result) {
  bool passed = result && result->passed;
  auto detail = result ? result->detail : result.error().toString();
  if (!passed)
    m_failures[index] = m_probes[index].name + ": " + (detail.empty() ? "failed" : detail);
  --m_open;
  bool isNews = m_last[index] != (passed ? 1 : 0);
  m_last[index] = passed ? 1 : 0;
  auto alive = m_alive; // a post may end this watch
  if (isNews)
    m_post({ObservationKind::ProbeChanged,
            {},
            m_service,
            m_instance,
            {{"probe", m_probes[index].name}, {"passed", passed}, {"detail", detail}}});
  if (!*alive || m_open > 0)
    return;
  auto failed = std::find_if(m_failures.begin(), m_failures.end(), [](const auto& f) { return !f.empty(); });
  m_onRound(failed == m_failures.end(), failed == m_failures.end() ? std::string() : *failed);
}

GateWatcher::GateWatcher(Prober& prober, const Clock&, const ServicePlan& plan,
                         const InstanceRollout& instance, WatchSet::Post post) {
  auto report = [post, service = plan.service, id = instance.id] {
    post({ObservationKind::GateStreak, {}, service, id, Json::object()});
  };
  if (plan.isOneShot)
    return; // its gate is its exit
  if (plan.gate.probes.empty()) {
    m_minRunning.setSingleShot(true);
    QObject::connect(&m_minRunning, &QTimer::timeout, &m_minRunning, report);
    m_minRunning.start(std::chrono::duration_cast<std::chrono::milliseconds>(plan.gate.minRunning));
    return;
  }
  m_rounds = std::make_unique<ProbeRounds>(
      prober, plan, instance, post, [this, report, needed = plan.gate.passes](bool passed, const auto&) {
        m_streak = passed ? m_streak + 1 : 0;
        if (m_streak == needed)
          report();
      });
}

} // namespace ratdeck
