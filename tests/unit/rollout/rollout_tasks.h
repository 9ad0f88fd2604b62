// Hooks and migrations for plans of tests, and worlds in which they or the copies fail.
#pragma once

#include "tests/support/rollout_plans.h"
#include "tests/support/rollout_world.h"

namespace ratdeck::test {

inline Plan planWith(std::vector<TaskPlan> tasks, std::vector<ServicePlan> services = {servicePlan("a", 1)}) {
  auto plan = planOf(std::move(services));
  plan.tasks = std::move(tasks);
  sign(plan);
  return plan;
}

inline TaskPlan withStatus(TaskPlan task) {
  task.spec.status = task.spec.up;
  return task;
}

inline TaskPlan migration(const std::string& id, const std::string& service = {}) {
  return withStatus(taskPlan(TaskSpec::Kind::Migration, id, TaskSpec::When::Before, service));
}

inline TaskPlan forward(TaskPlan task, bool isCompatible = true) {
  task.spec.down.reset();
  task.spec.isReversible = false;
  task.spec.isCompatible = isCompatible;
  return task;
}

inline TaskPlan inCopy(TaskPlan task) {
  task.spec.up->where = TaskCommand::Where::Copy;
  return task;
}

inline TaskPlan on(TaskSpec::OnError what, TaskPlan task) {
  task.spec.onError = what;
  return task;
}

inline TaskPlan contract(const std::string& id) {
  auto task = taskPlan(TaskSpec::Kind::Migration, id, TaskSpec::When::After);
  task.spec.phase = TaskSpec::Phase::Contract;
  return task;
}

inline void fails(RolloutWorld& world, const std::string& task) {
  world.taskFateOf = [task](const std::string& id) {
    TaskFate fate;
    fate.exitCode = id == task ? 1 : 0;
    return fate;
  };
}

inline void neverWell(RolloutWorld& world, const std::string& copy) {
  world.fateOf = [copy](const InstanceId& id) {
    return id.value == copy ? neverHealthy(id) : CopyFate();
  };
}

inline void goesBad(RolloutWorld& world, const std::string& copy) {
  world.fateOf = [copy](const InstanceId& id) {
    CopyFate fate;
    if (id.value == copy)
      fate.badAfter = 1s;
    return fate;
  };
}

} // namespace ratdeck::test
