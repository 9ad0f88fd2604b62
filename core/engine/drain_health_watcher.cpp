#include "core/engine/drain_health_watcher.h"

namespace ratdeck {

namespace {
constexpr auto readInterval = std::chrono::milliseconds(500);
}

DrainHealthWatcher::DrainHealthWatcher(Prober& prober, const DrainHealth& spec, const InstanceRollout& copy,
                                       WatchSet::Post post)
    : m_prober(prober), m_service(copy.service), m_address(copy.address), m_copy(copy.id),
      m_post(std::move(post)) {
  m_probe.kind = ProbeKind::GrpcHealth;
  m_probe.name = "gRPC health";
  m_probe.port = spec.port;
  m_probe.grpcService = spec.service;
  QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { read(); });
  m_timer.start(readInterval);
  QTimer::singleShot(0, &m_timer, [this] { read(); });
}

DrainHealthWatcher::~DrainHealthWatcher() {
  *m_alive = false;
}

void DrainHealthWatcher::read() {
  if (m_isReading)
    return;
  m_isReading = true;
  m_prober.probe(m_probe, m_copy, m_address, [this, alive = m_alive](const Result<ProbeResult>& result) {
    if (!*alive)
      return;
    m_isReading = false;
    auto health = result ? result->detail : result.error().message;
    if (health == m_last)
      return;
    m_last = health;
    m_post({ObservationKind::DrainHealthChanged, {}, m_service, m_copy, {{"health", health}}});
  });
}

} // namespace ratdeck
