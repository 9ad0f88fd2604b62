#include "core/plan/try_plan.h"

#include "core/plan/draft.h"

#include <algorithm>

namespace ratdeck {

namespace {

// "" where it can.
std::string whyNotTried(const ServicePlan& service) {
  if (service.isOneShot)
    return "a job does its work as soon as it runs";
  if (service.newCopies.empty())
    return "it starts no new copy";
  if (service.order == UpdateOrder::StopFirst)
    return service.orderReason;
  return service.isRouted ? "" : "nothing keeps its clients or its work away from it";
}

ServicePlan tried(ServicePlan service, int wave) {
  if (service.parallelism > 0 && service.newCopies.size() > static_cast<size_t>(service.parallelism))
    service.newCopies.resize(static_cast<size_t>(service.parallelism));
  service.wave = wave;
  service.oldCopies.clear();
  service.isRouted = false;
  service.delay = service.monitor = service.keepWarm = 0s;
  service.maxFailureRatio = 0;
  service.failureAction = FailureAction::Rollback;
  service.analyses.clear();
  service.drain.reset();
  return service;
}

void exclude(Plan& plan, const ServicePlan& service, const std::string& why) {
  plan.excluded.push_back({service.service, "not tried: " + why});
  if (!service.fromVersion.empty())
    plan.unchangedVersions[service.service] = service.fromVersion;
}

void addWave(Plan& plan, const Plan& meant, const WavePlan& wave) {
  WavePlan kept{static_cast<int>(plan.waves.size()) + 1, wave.title, {}};
  for (const auto& name : wave.services) {
    const auto& service = meant.services.at(name);
    if (auto why = whyNotTried(service); !why.empty()) {
      exclude(plan, service, why);
      continue;
    }
    plan.services[name] = tried(service, kept.index);
    kept.services.push_back(name);
  }
  if (!kept.services.empty())
    plan.waves.push_back(std::move(kept));
}

} // namespace

Plan tryPlan(const Plan& meant) {
  auto plan = meant;
  plan.isTry = true;
  plan.waves.clear();
  plan.services.clear();
  for (const auto& wave : meant.waves)
    addWave(plan, meant, wave);
  std::sort(plan.excluded.begin(), plan.excluded.end(),
            [](const Exclusion& a, const Exclusion& b) { return a.service < b.service; });
  std::erase_if(plan.changes,
                [&](const PlanChange& change) { return !plan.services.contains(change.service); });
  plan.approvals.clear();
  plan.verify.clear();
  plan.activeRuns.reset();
  plan.alreadyDown.clear();
  plan.onFailureScope = FailureScope::Service;
  plan.steps = laySteps(plan, false);
  plan.hash = planHash(plan);
  return plan;
}

} // namespace ratdeck
