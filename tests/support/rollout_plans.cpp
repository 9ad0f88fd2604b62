#include "tests/support/rollout_plans.h"

#include "core/plan/planner.h"

#include <map>

namespace ratdeck::test {

ServicePlan servicePlan(const std::string& name, int wave, int oldCopies, int newCopies) {
  ServicePlan plan;
  plan.service = name;
  plan.wave = wave;
  plan.action = oldCopies > 0 ? PlanAction::Update : PlanAction::Create;
  plan.fromVersion = "1";
  plan.toVersion = "2";
  plan.fromRevision = 1;
  plan.isRouted = true;
  plan.gate.worstCase = 30s;
  for (int n = 1; n <= oldCopies + newCopies; ++n)
    (n <= oldCopies ? plan.oldCopies : plan.newCopies)
        .push_back({InstanceId("rat-" + name + "-" + std::to_string(n)), n});
  return plan;
}

Plan planOf(std::vector<ServicePlan> services) {
  Plan plan;
  plan.project = "rat";
  plan.runtime = "sandbox";
  plan.revision = 2;
  std::map<int, WavePlan> waves;
  for (auto& service : services) {
    auto& wave = waves[service.wave];
    wave.index = service.wave;
    wave.title = "wave " + std::to_string(service.wave);
    wave.services.push_back(service.service);
    plan.services.emplace(service.service, std::move(service));
  }
  for (auto& [index, wave] : waves)
    plan.waves.push_back(std::move(wave));
  sign(plan);
  return plan;
}

TaskPlan taskPlan(TaskSpec::Kind kind, const std::string& id, TaskSpec::When when,
                  const std::string& service) {
  TaskPlan task;
  auto& spec = task.spec;
  spec.id = id;
  spec.kind = kind;
  spec.when = when;
  spec.service = service;
  spec.limit = 30s;
  const auto in = service.empty() ? "a" : service;
  const TaskCommand command{TaskCommand::Where::Own, in, {}};
  if (kind == TaskSpec::Kind::Schema) {
    spec.isReversible = false;
    spec.status = command;
  } else {
    spec.up = command;
  }
  if (kind == TaskSpec::Kind::Migration)
    spec.down = command;
  return task;
}

void sign(Plan& plan) {
  plan.hash = planHash(plan);
}

Plan planWithRuns() {
  auto plan = planOf({servicePlan("a", 1)});
  plan.services.at("a").drain = DrainPolicy{true, 120s, DeadlineAction::Wait, 600s};
  sign(plan);
  return plan;
}

Plan planWithWaveGate(const std::string& gate) {
  auto plan = planOf({servicePlan("a", 1), servicePlan("b", 2)});
  plan.approvals = {{gate, ApprovalSpec::When::Before, "", 2, 30min}};
  sign(plan);
  return plan;
}

Plan planWithServiceGate(const std::string& gate) {
  auto plan = planOf({servicePlan("a", 1), servicePlan("b", 1)});
  plan.approvals = {{gate, ApprovalSpec::When::Before, "a", 0, 30min}};
  sign(plan);
  return plan;
}

} // namespace ratdeck::test
