// What the world says to those who look at it: probes, errors in service, active runs, requests in flight.
#include "tests/support/rollout_world.h"

namespace ratdeck::test {

namespace {

Observation about(ObservationKind kind, const Watch& watch, Json detail = Json()) {
  return {kind, "", watch.service, watch.instance, std::move(detail)};
}

} // namespace

// If the same engine still looks by then.
void RolloutWorld::say(const Watch& watch, Duration when, const Observation& observation) {
  schedule(when, [this, watch, observation, life = m_life] {
    if (life == m_life && m_watches.contains(watch))
      answer(observation, m_time);
  });
}

// Says when the probes change their answer and when they have passed often enough.
void RolloutWorld::watchGate(const Watch& watch) {
  const auto& body = m_bodies[watch.instance];
  auto say = [&](Duration when, const Observation& observation) {
    if (when != Duration::max() && !body.hasExited(when))
      this->say(watch, when, observation);
  };
  auto passing = about(ObservationKind::ProbeChanged, watch, {{"probe", "http"}, {"passed", true}});
  auto failing = about(ObservationKind::ProbeChanged, watch,
                       {{"probe", "http"}, {"passed", false}, {"detail", "refused"}});
  auto streak = about(ObservationKind::GateStreak, watch);
  if (!body.isHealthy(m_time))
    say(m_time, failing);
  auto healthy = std::max(body.healthyAt, m_time);
  if (body.isHealthy(healthy)) {
    say(healthy, passing);
    if (auto passes = std::max(healthy, m_time + 400ms); body.isHealthy(passes))
      say(passes, streak);
  }
  if (body.sickFrom > m_time)
    say(body.sickFrom, failing);
  if (body.sickUntil > m_time && body.sickUntil != Duration::max()) {
    say(body.sickUntil, passing);
    say(body.sickUntil + 400ms, streak);
  }
}

void RolloutWorld::judge(const Watch& watch, const AnalysisSpec& analysis, Duration when, Verdict verdict) {
  when = std::max(when, m_time);
  if (verdict == Verdict::Failing && !analysis.isObserveOnly && !watch.instance.isEmpty())
    schedule(when, [this, watch] { m_bodies[watch.instance].wasBad = true; });
  const int failed = verdict == Verdict::Failing ? 12 : 0;
  say(watch, when,
      about(ObservationKind::AnalysisJudged, watch,
            {{"analysis", analysis.name},
             {"verdict", toString(verdict)},
             {"text", std::to_string(failed) + " of 40 requests failed"},
             {"requests", 40},
             {"failed", failed}}));
}

void RolloutWorld::watchAnalysis(const Watch& watch) {
  const auto since = m_state.services.at(watch.service).batchSwitchedAt;
  const auto switchedAt = m_time - std::chrono::duration_cast<Duration>(now().boot - since.boot);
  for (const auto& analysis : m_state.plan.services.at(watch.service).analyses)
    if (!isOfCopies(analysis))
      for (const auto& [after, verdict] : judged[watch.service])
        judge(watch, analysis, switchedAt + after, verdict);
}

void RolloutWorld::watchServing(const Watch& watch) {
  const auto& body = m_bodies[watch.instance];
  auto fate = fateOf(watch.instance);
  if (body.isOld)
    return;
  for (const auto& analysis : m_state.plan.services.at(watch.service).analyses)
    if (isOfCopies(analysis))
      for (const auto& [after, verdict] : fate.judged)
        judge(watch, analysis, std::max(body.switchedAt, body.startedAt) + after, verdict);
  if (!fate.badAfter)
    return;
  auto when = std::max(std::max(body.switchedAt, body.startedAt) + *fate.badAfter, m_time);
  schedule(when, [this, watch] { m_bodies[watch.instance].wasBad = true; });
  say(watch, when,
      about(ObservationKind::ServingBad, watch, {{"why", "answers 500"}, {"requests", 40}, {"failed", 12}}));
}

void RolloutWorld::watchRuns(const Watch& watch) {
  std::vector<std::pair<Duration, int>> ahead = {{m_time, 0}};
  for (const auto& [when, n] : runs[watch.service])
    if (when <= m_time)
      ahead.front().second = n;
    else
      ahead.emplace_back(when, n);
  for (size_t i = 0; i < ahead.size(); ++i) {
    auto [when, n] = ahead[i];
    auto running = Json::array();
    for (int run = 0; run < n; ++run)
      running.push_back(
          {{"id", "run-" + std::to_string(run)}, {"status", "running"}, {"age_s", 40 + 65 * run}});
    say(watch, when, about(ObservationKind::RunsChanged, watch, {{"count", n}, {"runs", running}}));
    auto staysSo = i + 1 == ahead.size() || ahead[i + 1].first - when >= 3s;
    if (n == 0 && staysSo)
      say(watch, when + 3s, about(ObservationKind::RunsQuiet, watch));
  }
}

void RolloutWorld::watchInFlight(const Watch& watch) {
  auto until = m_bodies[watch.instance].inFlightUntil;
  auto isOver = until <= m_time;
  say(watch, m_time, about(ObservationKind::InFlightChanged, watch, {{"count", isOver ? 0 : 3}}));
  if (!isOver && until != Duration::max())
    say(watch, until, about(ObservationKind::InFlightChanged, watch, {{"count", 0}}));
}

void RolloutWorld::watchDrainHealth(const Watch& watch) {
  const auto* health = m_bodies[watch.instance].takesNewWork ? "serving" : "not serving";
  say(watch, m_time, about(ObservationKind::DrainHealthChanged, watch, {{"health", health}}));
}

void RolloutWorld::watch(const Watch& watch) {
  switch (watch.kind) {
  case WatchKind::Gate:
    return watchGate(watch);
  case WatchKind::Serving:
    return watchServing(watch);
  case WatchKind::Runs:
    return watchRuns(watch);
  case WatchKind::InFlight:
    return watchInFlight(watch);
  case WatchKind::Analysis:
    return watchAnalysis(watch);
  case WatchKind::DrainHealth:
    return watchDrainHealth(watch);
  }
}

} // namespace ratdeck::test
