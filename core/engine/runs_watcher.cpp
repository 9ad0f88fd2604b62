#include "core/engine/runs_watcher.h"

#include <cmath>

namespace ratdeck {

namespace {
constexpr auto readInterval = std::chrono::milliseconds(250);
constexpr auto quietTime = std::chrono::seconds(3);
constexpr int quietZeros = 3;

Json toDetail(const Result<ActiveWork>& work, bool hasAges) {
  if (!work)
    return {{"count", -1}, {"why", work.error().toString()}};
  Json list = Json::array();
  for (const auto& run : work->runs) {
    list.push_back({{"id", run.id}, {"status", run.status}});
    if (hasAges && run.ageSeconds >= 0)
      list.back()["age_s"] = std::round(run.ageSeconds * 10) / 10;
  }
  Json detail = {{"count", work->count}, {"runs", list}};
  if (work->reapedWithin)
    detail["reaper_s"] = seconds(*work->reapedWithin);
  return detail;
}

} // namespace

RunsWatcher::RunsWatcher(std::unique_ptr<CountFeed> feed, const Clock& clock, std::string service,
                         WatchSet::Post post)
    : RunsWatcher(feed.get(), clock, std::move(service), std::move(post)) {
  m_own = std::move(feed);
}

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

void RunsWatcher::sync(const RolloutState& state) {
  const auto service = state.services.find(m_service);
  if (!m_own || service == state.services.end())
    return;
  std::vector<CountFeed::Copy> copies;
  for (const auto& [id, copy] : state.instances)
    if (copy.service == m_service && copy.role == InstanceRole::Old && copy.batch == service->second.batch &&
        copy.phase == InstancePhase::Serving && !copy.hasExited)
      copies.push_back({id, copy.address});
  m_own->setCopies(std::move(copies));
}

void RunsWatcher::read() {
  if (m_isReading)
    return;
  if (!m_feed)
    return answered(failure(ErrorKind::NotFound, "nothing says where active runs are read",
                            "set x-ratdeck.active_runs in the Compose file"));
  m_isReading = true;
  m_feed->activeRuns([this, alive = m_alive](const Result<ActiveWork>& work) {
    if (!*alive)
      return;
    m_isReading = false;
    answered(work);
  });
}

void RunsWatcher::answered(const Result<ActiveWork>& work) {
  bool isZero = work && work->count == 0;
  auto now = m_clock.now().boot;
  if (!isZero)
    m_zeros = 0;
  else if (m_zeros++ == 0)
    m_zeroSince = now;
  bool isQuiet = m_zeros >= quietZeros && now - m_zeroSince >= quietTime;
  bool isNewlyQuiet = isQuiet && !m_isQuiet;
  m_isQuiet = isQuiet;
  auto told = toDetail(work, false);
  auto alive = m_alive; // a post may end this watch
  if (told != m_last) {
    m_last = std::move(told);
    m_post({ObservationKind::RunsChanged, {}, m_service, {}, toDetail(work, true)});
  }
  if (*alive && isNewlyQuiet)
    m_post({ObservationKind::RunsQuiet, {}, m_service, {}, Json::object()});
}

} // namespace ratdeck
