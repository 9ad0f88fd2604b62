#include "core/plan/plan.h"

#include "core/plan/plan_names.h"

#include <algorithm>

namespace ratdeck {

bool Plan::hasErrors() const {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return problem.severity == Severity::Error; });
}

bool isAlreadyDown(const Plan& plan, const std::string& service) {
  return std::find(plan.alreadyDown.begin(), plan.alreadyDown.end(), service) != plan.alreadyDown.end();
}

std::vector<Problem> closuresOf(const Plan& plan) {
  std::vector<Problem> closures;
  for (const auto& problem : plan.problems)
    if (problem.severity == Severity::Warning &&
        (problem.code == "outside-window" || problem.code == "freeze"))
      closures.push_back(problem);
  return closures;
}

int batchesOf(const ServicePlan& service) {
  auto pairs = static_cast<int>(std::min(service.oldCopies.size(), service.newCopies.size()));
  auto width = service.parallelism > 0 ? service.parallelism : std::max(pairs, 1);
  return std::max(1, (pairs + width - 1) / width);
}

std::vector<VerifySpec> verifyAfter(const Plan& plan, const ServicePlan& service) {
  std::vector<VerifySpec> checks;
  for (const auto& check : plan.verify) {
    auto target = plan.services.find(check.service);
    bool servesByThen = true;
    const bool isDown = isAlreadyDown(plan, check.service);
    if (isDown && target == plan.services.end())
      servesByThen = false; // as before, whatever this rollout does
    else if (isDown && !target->second.oldCopies.empty())
      servesByThen = target->second.wave < service.wave || check.service == service.service;
    else if (target != plan.services.end() && target->second.action == PlanAction::Create)
      servesByThen = target->second.wave < service.wave || check.service == service.service;
    else if (target == plan.services.end())
      servesByThen =
          std::find(plan.unchanged.begin(), plan.unchanged.end(), check.service) != plan.unchanged.end() ||
          plan.unchangedVersions.count(check.service) != 0;
    if (servesByThen)
      checks.push_back(check);
  }
  return checks;
}

const char* toString(PlanAction action) {
  return plan_names::nameOf(action);
}
const char* toString(StepKind kind) {
  return plan_names::nameOf(kind);
}
const char* toString(Severity severity) {
  return plan_names::nameOf(severity);
}

} // namespace ratdeck
