// What the plan page is told, for its tests: the shipped stack and the plans that core makes of it.
#pragma once

#include "core/plan/try_plan.h"
#include "core/spec/compose/loader.h"
#include "tests/unit/plan/plan_builders.h"
#include "ui/model/console_facts.h"

#include <QtGlobal>

namespace ratdeck::test {

inline std::vector<std::string> shippedFiles() {
  const std::string folder = std::string(RATDECK_SOURCE_FOLDER) + "/resources/";
  return {folder + "docker-compose.yml", folder + "docker-compose.pro.yml"};
}

inline StackSpec shippedStack(const std::string& version) {
  compose::LoadRequest request;
  request.files = shippedFiles();
  request.environment["RAT_VERSION"] = version;
  auto loaded = compose::load(request);
  if (!loaded)
    qFatal("%s", loaded.error().toString().c_str());
  return loaded->stack;
}

inline TargetFacts sandboxTarget() {
  TargetFacts target;
  target.choice.files = shippedFiles();
  target.title = "the sandbox default";
  target.runtime = "sandbox";
  target.stack = shippedStack("1.0.0");
  return target;
}

inline PlanFacts factsOf(Plan plan, PlanKind kind = PlanKind::Deploy) {
  PlanFacts facts;
  facts.wish.choice = sandboxTarget().choice;
  facts.wish.kind = kind;
  facts.plan = std::move(plan);
  return facts;
}

// From version 1.0.0 to 2.0.0, in which nobody is away.
inline Plan shippedPlan() {
  auto world = testing::worldOf(shippedStack("1.0.0"));
  std::erase_if(world.instances, [](const InstanceInfo& copy) { return copy.service == "router"; });
  return testing::planFor(shippedStack("2.0.0"), world);
}

inline Plan emptyPlan() {
  const auto stack = shippedStack("1.0.0");
  return testing::planFor(stack, testing::worldOf(stack));
}

// A small stack without a router, where everything is replaced in place; with an approval.
inline Plan planWithAbsence() {
  auto before = testing::ratStack("1.0.0"), after = testing::ratStack("2.0.0");
  after.policy.approvals = {{"gateway", ApprovalSpec::When::Before, "ratd", 0, 30min}};
  auto world = testing::worldOf(before);
  world.hasRouter = false;
  return testing::planFor(after, world);
}

inline Plan planWithErrors() {
  auto plan = shippedPlan();
  plan.problems.insert(plan.problems.begin(), {Severity::Info,
                                               "file-not-kept",
                                               "ratd",
                                               "the file rat.yaml cannot be brought back",
                                               {"docker-compose.yml", 120, 9}});
  plan.problems.push_back(
      {Severity::Error,
       "image-missing",
       "ratd",
       "rat/ratd:2.0.0 is not in the registry: a copy of it could not be started; push it, "
       "or set another image",
       {"docker-compose.yml", 118, 12}});
  plan.baseline.push_back({Severity::Warning,
                           "unhealthy-before",
                           "portal",
                           "rat-portal-1 is unhealthy before this rollout: connection refused",
                           {}});
  return plan;
}

// In a freeze, with a portal that serves nobody, and all that was looked at.
inline Plan closedPlan() {
  auto world = testing::worldOf(shippedStack("1.0.0"));
  std::erase_if(world.instances, [](const InstanceInfo& copy) { return copy.service == "router"; });
  for (auto& copy : world.instances)
    if (copy.service == "portal") {
      copy.health = Health::Unhealthy;
      copy.healthDetail = "GET /: connection refused";
    }
  world.checks = {{"disk", "5.1 GB free at /run/user/1000/ratdeck"}};
  world.runs = RunsSeen{3, 90, {}};
  auto request = testing::requestFor(shippedStack("2.0.0"), world);
  request.schedule = {
      {Severity::Warning,
       "freeze",
       "",
       "deploys are frozen until Mon 2027-01-04 00:00 (Europe/Berlin): the turn of the year; a "
       "rollback may begin at any time",
       {"docker-compose.yml", 12, 7}}};
  return *makePlan(request);
}

inline StackFacts stackFacts() {
  StackFacts stack;
  stack.world = testing::worldOf(shippedStack("1.0.0"));
  stack.revisions = {1, 2, 3};
  for (auto& copy : stack.world.instances)
    copy.revision = 3;
  PastFacts last;
  last.rollout = "20261112-031407-c0ffee";
  last.actor = "anna";
  last.result = "succeeded";
  last.changes = {"ratd 0.9.0 → 1.0.0", "portal 0.9.0 → 1.0.0"};
  last.started = WallTime(std::chrono::seconds(1794453247));
  last.ended = last.started + 95s;
  auto older = last;
  older.rollout = "20261101-101500-ba5e00";
  older.changes = {"ratq 0.8.0 → 0.9.0"};
  older.started -= 264h;
  auto attempt = last;
  attempt.rollout = "20261110-000000-7471e5";
  attempt.isTry = true;
  stack.lastChange = last;
  stack.past = {last, attempt, older};
  return stack;
}

} // namespace ratdeck::test
