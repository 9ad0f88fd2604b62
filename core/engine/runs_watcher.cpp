#include "core/engine/runs_watcher.h"

namespace ratdeck {

namespace {
constexpr auto readInterval = std::chrono::milliseconds(250);
constexpr auto quietTime = std::chrono::seconds(3);
constexpr int quietZeros = 3;

Json toDetail(const Result<std::vector<ActiveRun>>& runs) {
  if (!runs)
    return {{"count", -1}, {"why", runs.error().toString()}};
  Json list = Json::array();
  for (const auto& run : *runs)
    list.push_back({{"id", run.id}, {"status", run.status}});
  return {{"count", runs->size()}, {"runs", list}};
}

} // namespace

RunsWatcher::RunsWatcher(RunsFeed* feed, const Clock& clock, std::string service, WatchSet::Post post)
    : m_feed(feed), m_clock(clock), m_service(std::move(service)), m_post(std::move(post)) {
  QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { read(); });
  m_timer.setTimerType(Qt::PreciseTimer);
  m_timer.start(readInterval);
  QTimer::singleShot(0, &m_timer, [this] { read(); });
}

RunsWatcher::~RunsWatcher() {
  *m_alive = false;
}

void RunsWatcher::read() {
  if (m_isReading)
    return;
  if (!m_feed)
    return answered(failure(ErrorKind::NotFound, "nothing says where active runs are read",
                            "set x-ratdeck.active_runs in the Compose file"));
  m_isReading = true;
  m_feed->activeRuns([this, alive = m_alive](Result<std::vector<ActiveRun>> runs) {
    if (!*alive)
      return;
    m_isReading = false;
    answered(runs);
  });
}

void RunsWatcher::answered(const Result<std::vector<ActiveRun>>& runs) {
  bool isZero = runs && runs->empty();
  auto now = m_clock.now().boot;
  if (!isZero)
    m_zeros = 0;
  else if (m_zeros++ == 0)
    m_zeroSince = now;
  bool isQuiet = m_zeros >= quietZeros && now - m_zeroSince >= quietTime;
  bool isNewlyQuiet = isQuiet && !m_isQuiet;
  m_isQuiet = isQuiet;
  auto detail = toDetail(runs);
  auto alive = m_alive; // a post may end this watch
  if (detail != m_last) {
    m_last = detail;
    m_post({ObservationKind::RunsChanged, {}, m_service, {}, detail});
  }
  if (*alive && isNewlyQuiet)
    m_post({ObservationKind::RunsQuiet, {}, m_service, {}, Json::object()});
}

} // namespace ratdeck
