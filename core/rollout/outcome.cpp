#include "core/rollout/outcome.h"

#include "core/rollout/reaper.h"
#include "core/rollout/rollout.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ratdeck {

namespace {

double between(Instant from, Instant to) {
  return std::chrono::duration<double>(to.boot - from.boot).count();
}

double rounded(double seconds) {
  return seconds < 0 ? -1 : std::round(seconds * 1000) / 1000;
}

bool hasSwitched(const ServiceRollout& service) {
  return service.switchedAt.boot != BootTime();
}

bool isInHand(const RolloutState& state, const ServiceRollout& service) {
  return state.phase != RolloutPhase::Ended &&
         (service.phase == ServicePhase::Rolling || service.phase == ServicePhase::Undoing);
}

const char* resultOfTry(const RolloutState& state, const ServiceRollout& service) {
  if (service.isTried)
    return "tried";
  if (service.failures > 0)
    return "failed";
  return isInHand(state, service) ? "in_progress" : "unchanged";
}

const char* resultOf(const RolloutState& state, const ServiceRollout& service) {
  if (state.plan.isTry)
    return resultOfTry(state, service);
  switch (service.phase) {
  case ServicePhase::Pending:
  case ServicePhase::AwaitingApproval:
    return "unchanged";
  case ServicePhase::Finished:
  case ServicePhase::AwaitingApprovalAfter:
  case ServicePhase::Watching:
    return "updated";
  case ServicePhase::Undone:
    return "rolled_back";
  case ServicePhase::Failed:
    return "failed";
  case ServicePhase::Rolling:
  case ServicePhase::Undoing:
    return isInHand(state, service) ? "in_progress" : "mixed";
  }
  return "unchanged";
}

bool wasForceKilled(const RolloutState& state, const std::string& service) {
  return std::any_of(state.instances.begin(), state.instances.end(), [&](const auto& entry) {
    return entry.second.service == service && entry.second.wasForceKilled;
  });
}

Json changedService(const RolloutState& state, const ServicePlan& plan) {
  auto it = state.services.find(plan.service);
  ServiceRollout service = it == state.services.end() ? ServiceRollout{} : it->second;
  auto seconds = [](double value) {
    return value < 0 ? Json() : Json(rounded(value));
  };
  bool isNew = std::string_view(resultOf(state, service)) == "updated";
  const auto answered = trafficOf(state, plan.service, true);
  return {{"name", plan.service},
          {"new_version", {{"requests", answered.requests}, {"failed", answered.failed}}},
          {"from", plan.fromVersion},
          {"to", isNew ? plan.toVersion : plan.fromVersion},
          {"wanted", plan.toVersion},
          {"result", resultOf(state, service)},
          {"start_s", seconds(service.startSeconds)},
          {"gate_s", seconds(service.gateSeconds)},
          {"switch_s", seconds(service.switchSeconds)},
          {"drain_s", seconds(service.drainSeconds)},
          {"stop_s", seconds(service.stopSeconds)},
          {"forced_kill", wasForceKilled(state, plan.service)}};
}

double mixedSeconds(const RolloutState& state) {
  Instant first, last;
  for (const auto& [name, service] : state.services) {
    if (!hasSwitched(service) || state.plan.services.at(name).fromVersion.empty())
      continue;
    if (first.boot == BootTime() || service.switchedAt.boot < first.boot)
      first = service.switchedAt;
    if (service.switchedAt.boot > last.boot)
      last = service.switchedAt;
  }
  bool isUndone = state.undoStartedAt.boot != BootTime() && state.endedAt.boot != BootTime();
  return first.boot == BootTime() ? 0 : between(first, isUndone ? state.endedAt : last);
}

Json unchangedService(const Plan& plan, const std::string& name) {
  auto it = plan.unchangedVersions.find(name);
  auto version = it == plan.unchangedVersions.end() ? std::string() : it->second;
  return {{"name", name}, {"from", version}, {"to", version}, {"result", "unchanged"}};
}

// A restart count is history, not something that could be mended.
Json brokenBefore(const RolloutState& state) {
  Json list = Json::array();
  for (const auto& problem : state.plan.baseline) {
    if (problem.severity == Severity::Info)
      continue;
    const auto service = state.services.find(problem.service);
    const std::string result = service == state.services.end() ? "" : resultOf(state, service->second);
    const char* now = result == "updated"                       ? "mended"
                      : result.empty() || result == "unchanged" ? "unchanged"
                                                                : "still";
    list.push_back(
        {{"service", problem.service}, {"code", problem.code}, {"message", problem.message}, {"now", now}});
  }
  return list;
}

// Runs that were ended, and when the platform marks the last of them failed at the latest.
void addLostRuns(Json& outcome, const RolloutState& state) {
  auto& lost = outcome["runs_lost"] = Json::array();
  Duration within = 0s;
  WallTime by;
  for (const auto& [name, service] : state.services) {
    for (const auto& run : service.lostRuns)
      lost.push_back(run);
    if (service.lostRuns.empty())
      continue;
    within = std::max(within, reaperTime(service));
    by = std::max(by, service.runsEndedAt.wall + reaperTime(service));
  }
  if (lost.empty())
    return;
  outcome["runs_reaped_within_s"] = seconds(within);
  outcome["runs_reaped_by"] = toRfc3339(by);
}

// Of a failed copy: what it said last, and what its probes did.
Json evidenceOf(const RolloutState& state, const std::string& service) {
  Json list = Json::array();
  for (const auto& [id, copy] : state.instances)
    if (copy.service == service && copy.hasFailed)
      list.push_back({{"copy", id.value},
                      {"why", copy.failure},
                      {"output", memberAt(copy.evidence, "output")},
                      {"probes", memberAt(copy.evidence, "probes")}});
  return list;
}

// What only a try has to say: nobody looks into its journal for why a version is bad.
void addTry(Json& outcome, const RolloutState& state) {
  outcome["try"] = true;
  for (auto& service : outcome["services"])
    if (textAt(service, "result") == "failed")
      service["evidence"] = evidenceOf(state, textAt(service, "name"));
  outcome["excluded"] = outcome["left_over"] = Json::array();
  for (const auto& excluded : state.plan.excluded)
    outcome["excluded"].push_back({{"service", excluded.service}, {"reason", excluded.reason}});
  for (const auto& [id, copy] : state.instances)
    if (copy.isLeftover)
      outcome["left_over"].push_back(id.value);
}

} // namespace

Json outcomeOf(const RolloutState& state, const RolloutId& rollout, const std::string& journal,
               const Traffic& traffic) {
  Json services = Json::array();
  for (const auto& [name, plan] : state.plan.services)
    services.push_back(changedService(state, plan));
  for (const auto& name : state.plan.unchanged)
    services.push_back(unchangedService(state.plan, name));
  for (const auto& excluded : state.plan.excluded)
    services.push_back(unchangedService(state.plan, excluded.service));
  Json outcome = {{"format", "outcome/1"},
                  {"rollout", rollout.value},
                  {"project", state.plan.project},
                  {"result", toString(state.result)},
                  {"reason", state.endReason},
                  {"duration_s", rounded(between(state.startedAt, state.endedAt))},
                  {"services", services},
                  {"mixed_version_s", rounded(mixedSeconds(state))},
                  {"journal", journal}};
  if (auto broken = brokenBefore(state); !broken.empty())
    outcome["broken_before"] = broken;
  if (!state.windowOverride.empty())
    outcome["window_override"] = state.windowOverride;
  addLostRuns(outcome, state);
  if (state.plan.isTry)
    addTry(outcome, state);
  if (traffic.isMeasured)
    outcome["traffic"] = {{"requests", traffic.requests},
                          {"failed", traffic.failed},
                          {"p50_ms", traffic.p50Ms},
                          {"p99_ms", traffic.p99Ms},
                          {"max_ms", traffic.maxMs},
                          {"steady_p99_ms", traffic.steadyP99Ms},
                          {"near_switch", traffic.nearSwitch},
                          {"router_retries", traffic.routerRetries},
                          {"bound_95", boundAt95(traffic.requests)}};
  if (!traffic.noData.empty())
    outcome["traffic"]["no_data"] = traffic.noData;
  return outcome;
}

double boundAt95(long long requests) {
  return requests > 0 ? 3.0 / static_cast<double>(requests) : std::numeric_limits<double>::infinity();
}

} // namespace ratdeck
