#include "tests/bench/busy_rollout.h"

#include "tests/support/rollout_plans.h"
#include "tests/support/sampled_rollout.h"

namespace ratdeck::test {

namespace {

constexpr int waves = 3;

Event about(EventType type, Instant at, const std::string& service, int copy, Json detail = {}) {
  auto event = eventAt(type, at, service, std::move(detail));
  if (copy > 0)
    event.instance = InstanceId("rat-" + service + "-" + std::to_string(copy));
  return event;
}

Plan planFor(const std::vector<std::string>& services) {
  std::vector<ServicePlan> plans;
  for (size_t i = 0; i < services.size(); ++i) {
    plans.push_back(servicePlan(services[i], static_cast<int>(i * waves / services.size()) + 1));
    plans.back().fromVersion = "2.3.0";
    plans.back().toVersion = "2.4.0";
    plans.back().analyses = {errorAnalysis()};
    plans.back().drain = DrainPolicy{true, 120s, DeadlineAction::Wait, 600s};
  }
  auto plan = planOf(std::move(plans));
  plan.approvals = {{"gateway", ApprovalSpec::When::Before, "", 2, 30min}};
  for (const auto& service : services) {
    plan.changes.push_back({service, "2.3.0", "2.4.0", {"image", "environment.RATQ_ADDR"}});
    for (const auto kind :
         {StepKind::Start, StepKind::Gate, StepKind::Switch, StepKind::Drain, StepKind::Stop})
      plan.steps.push_back({service + toString(kind), plan.services.at(service).wave, service, kind,
                            toString(kind), 30s, false});
  }
  sign(plan);
  return plan;
}

// What a service of the second wave is at.
enum class Work { Gating, Draining, Runs, Stages };

Work workOf(size_t index) {
  return static_cast<Work>(index % 4);
}

} // namespace

BusyRollout::BusyRollout(int services) {
  for (int i = 0; i < services; ++i)
    m_services.push_back("service-" + std::to_string(100 + i));
  m_plan = planFor(m_services);
}

TargetFacts BusyRollout::target() const {
  TargetFacts target;
  target.title = "the sandbox default";
  target.runtime = "sandbox";
  target.stack.project = m_plan.project;
  for (size_t i = 0; i < m_services.size(); ++i) {
    ServiceSpec spec;
    spec.name = m_services[i];
    spec.image = "rat/" + spec.name + ":2.4.0";
    for (size_t other : {i / 2, i / 3})
      if (other < i)
        spec.dependsOn[m_services[other]] = {};
    target.stack.services[spec.name] = spec;
  }
  target.userFacing.insert(m_services.begin(), m_services.begin() + 3);
  return target;
}

StackFacts BusyRollout::stack(Instant now) const {
  StackFacts stack;
  stack.seenAt = now.wall;
  stack.world.isReachable = stack.world.hasRouter = true;
  for (const auto& service : m_services) {
    InstanceInfo copy;
    copy.id = InstanceId("rat-" + service + "-1");
    copy.service = service;
    copy.image = "rat/" + service + ":2.3.0";
    copy.health = Health::Healthy;
    stack.world.instances.push_back(copy);
  }
  return stack;
}

std::vector<Event> BusyRollout::beginning(Instant now) const {
  StartRollout start;
  start.plan = m_plan;
  start.actor = "ann";
  auto events = decide({}, start, now).events;
  const auto add = [&](Event event) {
    events.push_back(std::move(event));
  };
  for (const auto& service : m_plan.waves[0].services)
    for (const auto type : {EventType::ServiceStarted, EventType::DrainFinished, EventType::ServiceSwitched,
                            EventType::ServiceFinished})
      add(about(type, now, service, 0));
  add(about(EventType::WaveFinished, now, {}, 0, {{"wave", 1}}));
  add(about(EventType::WaveStarted, now, {}, 0, {{"wave", 2}}));
  auto approval = about(EventType::ApprovalRequested, now, {}, 0);
  approval.gate = GateId("gateway");
  add(approval);
  const auto& busy = m_plan.waves[1].services;
  for (size_t i = 0; i < busy.size(); ++i) {
    add(about(EventType::ServiceStarted, now, busy[i], 0));
    if (workOf(i) == Work::Runs)
      add(about(EventType::DrainStarted, now, busy[i], 0, {{"deadline_s", 20}}));
    else if (workOf(i) == Work::Draining)
      for (const auto type : {EventType::RouterDrainRequested, EventType::RouterDrained})
        add(about(type, now, busy[i], 1));
    else
      for (const auto type : {EventType::StartRequested, EventType::InstanceStarted})
        add(about(type, now, busy[i], 2, {{"address", "10.0.0.7"}}));
  }
  return events;
}

Event BusyRollout::nextOf(Instant now) {
  static constexpr EventType stages[] = {EventType::StartRequested,  EventType::InstanceStarted,
                                         EventType::GatePassed,      EventType::JoinRequested,
                                         EventType::TrafficSwitched, EventType::VerifyPassed};
  const auto& busy = m_plan.waves[1].services;
  const size_t turn = m_turn++, index = turn % busy.size(), round = turn / busy.size();
  const auto& service = busy[index];
  switch (workOf(index)) {
  case Work::Gating:
    return about(EventType::ProbeResultChanged, now, service, 2,
                 {{"probe", "ready"},
                  {"passed", false},
                  {"detail", "503 not_ready, " + std::to_string(round) + " migrations left"}});
  case Work::Draining:
    return about(EventType::InFlightObserved, now, service, 1, {{"count", round % 50}});
  case Work::Runs:
    return about(EventType::RunsObserved, now, service, 0,
                 {{"count", 2},
                  {"runs",
                   {{{"id", "run-17"}, {"status", "running"}, {"age_s", round}},
                    {{"id", "run-18"}, {"status", "pending"}, {"age_s", 3}}}}});
  case Work::Stages:
    return about(stages[round % std::size(stages)], now, service, 2);
  }
  return {};
}

std::vector<Event> BusyRollout::next(int count, Instant now) {
  std::vector<Event> events;
  events.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i)
    events.push_back(nextOf(now));
  return events;
}

Event BusyRollout::sample(Instant now) const {
  const int second =
      static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(now.boot.time_since_epoch()).count());
  std::map<std::string, CountedSecond> counted;
  for (size_t i = 0; i < m_services.size(); ++i) {
    const int wave = (second * 7 + static_cast<int>(i) * 13) % 40;
    counted[m_services[i]] = {200 + wave, 100 - wave, 0, wave % 3, wave / 4, 3.0 + wave % 7};
  }
  return sampledAt(now, counted);
}

} // namespace ratdeck::test
