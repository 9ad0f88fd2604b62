#include "core/engine/watch_set.h"

#include "core/engine/analysis_watcher.h"
#include "core/engine/count_feed.h"
#include "core/engine/drain_calls.h"
#include "core/engine/drain_health_watcher.h"
#include "core/engine/gate_probes.h"
#include "core/engine/probe_streak.h"
#include "core/engine/router_watchers.h"
#include "core/engine/runs_watcher.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr auto instancePollInterval = std::chrono::milliseconds(200);
constexpr auto routerPollInterval = std::chrono::milliseconds(100);
constexpr Duration awayAfter = std::chrono::seconds(30);

bool shouldRun(InstancePhase phase) {
  switch (phase) {
  case InstancePhase::Gating:
  case InstancePhase::Ready:
  case InstancePhase::Joining:
  case InstancePhase::Verifying:
  case InstancePhase::Serving:
  case InstancePhase::Draining:
  case InstancePhase::Warm:
  case InstancePhase::Returning:
    return true;
  case InstancePhase::Pending:
  case InstancePhase::Starting:
  case InstancePhase::Evidence:
  case InstancePhase::Leaving:
  case InstancePhase::Stopping:
  case InstancePhase::Removing:
  case InstancePhase::Retired:
    return false;
  }
  return false;
}

} // namespace

WatchSet::WatchSet(Target target, std::shared_ptr<const SpecSource> specs, const Clock& clock, Post post)
    : m_target(std::move(target)), m_specs(std::move(specs)), m_clock(clock), m_post(std::move(post)) {
  connect(&m_instancePoll, &QTimer::timeout, this, [this] { pollInstances(); });
  connect(&m_routerPoll, &QTimer::timeout, this, [this] { pollRouter(); });
  m_instancePoll.start(instancePollInterval);
}

WatchSet::~WatchSet() {
  *m_alive = false;
}

void WatchSet::sync(const RolloutState& state) {
  m_tracked.clear();
  for (const auto& [id, instance] : state.instances)
    if (shouldRun(instance.phase))
      m_tracked[id] = {instance.service, instance.role != InstanceRole::Old};
  auto wanted = watchesOf(state);
  std::erase_if(m_watchers, [&](const auto& entry) { return !wanted.contains(entry.first); });
  bool needsRouter = false;
  for (const auto& watch : wanted) {
    needsRouter |= watch.kind == WatchKind::InFlight || watch.kind == WatchKind::Serving ||
                   watch.kind == WatchKind::Analysis;
    if (!m_watchers.contains(watch))
      if (auto watcher = make(watch, state))
        m_watchers[watch] = std::move(watcher);
  }
  for (auto& [watch, watcher] : m_watchers)
    watcher->sync(state);
  if (!needsRouter || !m_target.router)
    m_routerPoll.stop();
  else if (!m_routerPoll.isActive())
    m_routerPoll.start(routerPollInterval);
}

std::unique_ptr<Watcher> WatchSet::make(const Watch& watch, const RolloutState& state) {
  if (watch.kind == WatchKind::Runs)
    return makeRunsWatcher(watch.service, state);
  if (watch.kind == WatchKind::Analysis)
    return std::make_unique<AnalysisWatcher>(m_target.meter, m_clock, state, watch.service, m_post);
  auto plan = state.plan.services.find(watch.service);
  auto instance = state.instances.find(watch.instance);
  if (plan == state.plan.services.end() || instance == state.instances.end())
    return nullptr;
  switch (watch.kind) {
  case WatchKind::Gate:
    return std::make_unique<GateWatcher>(*m_target.prober, plan->second,
                                         gateProbesOf(state, instance->second, *m_specs), instance->second,
                                         m_post);
  case WatchKind::Serving:
    return std::make_unique<ServingWatcher>(
        *m_target.prober, plan->second, trafficOf(state, watch.service, false),
        gateProbesOf(state, instance->second, *m_specs), instance->second, m_clock, m_post);
  case WatchKind::InFlight:
    return std::make_unique<InFlightWatcher>(watch.service, watch.instance);
  case WatchKind::DrainHealth:
    if (!plan->second.drain || !plan->second.drain->grpc)
      return nullptr;
    return std::make_unique<DrainHealthWatcher>(*m_target.prober, *plan->second.drain->grpc, instance->second,
                                                m_post);
  case WatchKind::Runs:
  case WatchKind::Analysis:
    break;
  }
  return nullptr;
}

// As the service's own drain counts, else as the stack does.
std::unique_ptr<Watcher> WatchSet::makeRunsWatcher(const std::string& service, const RolloutState& state) {
  auto plan = state.plan.services.find(service);
  if (plan == state.plan.services.end() || !plan->second.drain || !plan->second.drain->count)
    return std::make_unique<RunsWatcher>(m_target.runs, m_clock, service, m_post);
  auto drain = drainCallsOf(state, service, *m_specs);
  auto count = drain ? Result<WorkCount>(*drain->count) : failure(drain.error());
  return std::make_unique<RunsWatcher>(std::make_unique<CountFeed>(m_target.counter, std::move(count)),
                                       m_clock, service, m_post);
}

void WatchSet::pollInstances() {
  if (m_isListing || m_tracked.empty())
    return;
  m_isListing = true;
  m_target.runtime->list([this, alive = m_alive, asked = m_tracked](Result<std::vector<InstanceInfo>> list) {
    if (!*alive)
      return;
    m_isListing = false;
    // Reports are gathered first: each may change what is tracked.
    auto news = list ? exitsIn(*list, asked) : std::vector<Observation>();
    noteReach(list ||
              (list.error().kind != ErrorKind::Unreachable && list.error().kind != ErrorKind::Timeout));
    for (auto& observation : news)
      if (*alive)
        m_post(std::move(observation));
  });
}

void WatchSet::noteReach(bool isReached) {
  auto now = m_clock.now().boot;
  if (!isReached && !m_silentSince)
    m_silentSince = now;
  bool isAway = !isReached && now - *m_silentSince > awayAfter;
  if (isAway && !m_isAway)
    m_post({ObservationKind::Away, {}, {}, {}, {{"seconds", seconds(now - *m_silentSince)}}});
  if (isReached && m_isAway)
    m_post({ObservationKind::Returned, {}, {}, {}, Json::object()});
  if (isReached)
    m_silentSince.reset();
  m_isAway = isReached ? false : m_isAway || isAway;
}

std::vector<Observation> WatchSet::exitsIn(const std::vector<InstanceInfo>& list,
                                           const std::map<InstanceId, Tracked>& asked) {
  std::vector<Observation> news;
  for (const auto& [id, tracked] : m_tracked) {
    if (!asked.contains(id)) // started meanwhile: the list may tell of the time before
      continue;
    auto it = std::find_if(list.begin(), list.end(), [&](const auto& info) { return info.id == id; });
    bool isGone = it == list.end();
    bool hasExited = isGone || it->state == InstanceState::Exited;
    int restarts = isGone ? 0 : it->restarts;
    auto [known, isFirst] = m_restarts.try_emplace(id, restarts);
    bool hasRestarted = restarts > known->second || (isFirst && tracked.isOurs && restarts > 0);
    known->second = restarts;
    if ((hasExited && !m_exited[id]) || hasRestarted)
      news.push_back({ObservationKind::InstanceExited,
                      {},
                      tracked.service,
                      id,
                      {{"exit_code", isGone ? -1 : it->exitCode}, {"restarts", restarts}, {"gone", isGone}}});
    m_exited[id] = hasExited;
  }
  return news;
}

void WatchSet::pollRouter() {
  if (m_isSampling)
    return;
  m_isSampling = true;
  m_target.router->sample([this, alive = m_alive](Result<std::vector<RouterSample>> samples) {
    if (!*alive)
      return;
    m_isSampling = false;
    if (!samples)
      return;
    std::vector<RouterReader*> readers;
    for (const auto& [watch, watcher] : m_watchers)
      if (auto* reader = dynamic_cast<RouterReader*>(watcher.get()))
        readers.push_back(reader);
    std::vector<Observation> news;
    const auto now = m_clock.now().boot;
    for (auto* reader : readers)
      for (const auto& sample : *samples)
        reader->read(sample, now, news);
    for (auto& observation : news)
      m_post(std::move(observation));
  });
}

} // namespace ratdeck
