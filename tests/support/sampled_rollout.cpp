#include "tests/support/sampled_rollout.h"

#include "tests/support/rollout_plans.h"

namespace ratdeck::test {

namespace {

Json countsOf(int requests, int errors, int inFlight, double timeMs) {
  Json counts = {{"requests", requests},
                 {"errors_5xx", errors},
                 {"connection_errors", 0},
                 {"retries", 0},
                 {"in_flight", inFlight}};
  if (timeMs >= 0)
    counts["time_ms"] = timeMs;
  return counts;
}

} // namespace

RolloutState sampledState(const std::vector<std::string>& services) {
  std::vector<ServicePlan> plans;
  for (const auto& name : services) {
    plans.push_back(servicePlan(name, 1));
    plans.back().fromVersion = "2.3.0";
    plans.back().toVersion = "2.4.0";
    plans.back().analyses = {errorAnalysis()};
  }
  RolloutState state;
  state.plan = planOf(std::move(plans));
  state.phase = RolloutPhase::Rolling;
  for (const auto& name : services) {
    state.services[name].service = name;
    for (int number : {1, 2}) {
      InstanceRollout copy;
      copy.id = InstanceId("rat-" + name + "-" + std::to_string(number));
      copy.service = name;
      copy.role = number == 1 ? InstanceRole::Old : InstanceRole::New;
      state.instances[copy.id] = copy;
    }
  }
  return state;
}

Event sampledAt(Instant at, const std::map<std::string, CountedSecond>& services) {
  Json record = Json::object();
  for (const auto& [name, second] : services) {
    const int requests = second.oldRequests + second.newRequests;
    auto& service = record[name];
    service = countsOf(requests, second.oldErrors + second.newErrors, second.inFlight, second.timeMs);
    const int ofNew = requests > 0 ? second.inFlight * second.newRequests / requests : 0;
    service["instances"]["rat-" + name + "-1"] =
        countsOf(second.oldRequests, second.oldErrors, second.inFlight - ofNew, second.timeMs);
    service["instances"]["rat-" + name + "-2"] =
        countsOf(second.newRequests, second.newErrors, ofNew, second.timeMs);
  }
  return eventAt(EventType::Sampled, at, {}, {{"services", record}});
}

Event eventAt(EventType type, Instant at, const std::string& service, Json detail) {
  Event event;
  event.type = type;
  event.at = at;
  event.service = service;
  event.detail = std::move(detail);
  return event;
}

Instant secondsAfter(Instant start, double seconds) {
  const auto by = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  return {start.boot + by, start.wall + by};
}

} // namespace ratdeck::test
