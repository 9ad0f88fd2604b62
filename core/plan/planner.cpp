#include "core/plan/planner.h"

#include "core/plan/draft.h"

#include <algorithm>
#include <tuple>

namespace ratdeck {

namespace {

size_t editDistance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

Status checkNames(const PlanRequest& request) {
  for (const auto& name : request.services) {
    if (request.wanted.find(name) || name.size() > 200)
      continue;
    std::string nearest;
    size_t best = 4;
    for (const auto& [known, spec] : request.wanted.services)
      if (auto distance = editDistance(name, known); distance < best) {
        best = distance;
        nearest = known;
      }
    return failure(ErrorKind::Usage, "the stack has no service named " + name,
                   nearest.empty() ? "see its services with: ratdeckctl config"
                                   : "did you mean " + nearest + "?");
  }
  for (const auto& name : request.services)
    if (!request.wanted.find(name))
      return failure(ErrorKind::Usage, "the stack has no service of that name",
                     "see its services with: ratdeckctl config");
  return Done{};
}

std::string nameOfApproval(const ApprovalSpec& approval) {
  if (!approval.id.empty())
    return approval.id;
  auto when = approval.when == ApprovalSpec::When::Before ? "before-" : "after-";
  return when + (approval.service.empty() ? "wave-" + std::to_string(approval.wave) : approval.service);
}

// Those that the stack names, and those of the tasks that run.
std::vector<ApprovalSpec> namedApprovals(const Draft& draft, const std::vector<TaskPlan>& tasks) {
  auto named = draft.stack().policy.approvals;
  for (const auto& task : tasks) {
    if (task.spec.approval.empty())
      continue;
    ApprovalSpec approval;
    approval.id = task.spec.approval;
    const bool isAfter = task.spec.when != TaskSpec::When::Before;
    approval.when = isAfter ? ApprovalSpec::When::After : ApprovalSpec::When::Before;
    approval.service = task.spec.service;
    if (approval.service.empty())
      approval.wave = isAfter ? static_cast<int>(draft.waves.size()) : 1;
    named.push_back(std::move(approval));
  }
  return named;
}

// Those that have something to stand before or after in this plan.
std::vector<ApprovalSpec> approvalsOf(Draft& draft, const std::vector<TaskPlan>& tasks) {
  std::vector<ApprovalSpec> kept;
  for (auto approval : namedApprovals(draft, tasks)) {
    approval.id = nameOfApproval(approval);
    auto service = draft.services.find(approval.service);
    bool applies = approval.service.empty()
                       ? approval.wave >= 1 && approval.wave <= static_cast<int>(draft.waves.size())
                       : service != draft.services.end() && service->second.fate == Fate::TakesPart;
    if (applies)
      kept.push_back(approval);
    else if (approval.service.empty() && !draft.waves.empty())
      draft.problems.push_back({Severity::Warning,
                                "approval-without-wave",
                                "",
                                "the approval " + approval.id + " is for wave " +
                                    std::to_string(approval.wave) + ", but this plan has " +
                                    std::to_string(draft.waves.size()) +
                                    ": nobody will be asked; put it on a service instead",
                                {}});
  }
  std::sort(kept.begin(), kept.end(), [](const ApprovalSpec& a, const ApprovalSpec& b) {
    return std::tie(a.id, a.service, a.wave, a.when) < std::tie(b.id, b.service, b.wave, b.when);
  });
  return kept;
}

void addOrphans(const Draft& draft, Plan& plan) {
  std::set<std::string> orphans;
  for (const auto& copy : draft.world().instances)
    if (draft.world().isReachable && !draft.services.count(copy.service))
      orphans.insert(copy.service);
  for (const auto& name : orphans)
    plan.excluded.push_back(
        {name, "it runs but is not in the files any more; it is left alone, remove it by hand"});
}

void fillServices(const Draft& draft, Plan& plan) {
  for (const auto& [name, service] : draft.services) {
    if (service.fate == Fate::TakesPart) {
      plan.services[name] = service.plan;
      plan.changes.push_back(service.change);
      continue;
    }
    if (service.fate == Fate::Excluded)
      plan.excluded.push_back({name, service.reason});
    else
      plan.unchanged.push_back(name);
    if (service.runs)
      plan.unchangedVersions[name] = service.plan.fromVersion;
  }
  addOrphans(draft, plan);
  std::sort(plan.excluded.begin(), plan.excluded.end(),
            [](const Exclusion& a, const Exclusion& b) { return a.service < b.service; });
}

void sortProblems(std::vector<Problem>& problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.severity, a.service, a.code, a.message) <
           std::tie(b.severity, b.service, b.code, b.message);
  });
}

} // namespace

bool Draft::changesAnything() const {
  return std::any_of(services.begin(), services.end(),
                     [](const auto& entry) { return entry.second.fate == Fate::TakesPart; });
}

void Draft::addProblem(Severity severity, const char* code, const ServiceDraft& service,
                       const std::string& key, const std::string& message) {
  auto known = key; // the nearest key with a place: healthcheck.test, healthcheck, the service
  while (!known.empty() && !service.spec->locations.count(known))
    known.erase(known.rfind('.') == std::string::npos ? 0 : known.rfind('.'));
  problems.push_back({severity, code, service.spec->name, message, service.spec->locationOf(known)});
}

Result<Plan> makePlan(const PlanRequest& request) {
  if (auto names = checkNames(request); !names)
    return failure(names.error());
  Draft draft{request};
  assignRoles(draft);
  findChanges(draft);
  layWaves(draft);
  chooseGates(draft);
  findAlreadyDown(draft);
  chooseOrders(draft);
  findStackProblems(draft);
  findProblems(draft);
  std::vector<std::string> pastSchema;
  auto tasks = layTasks(draft, pastSchema);

  const auto& policy = request.wanted.policy;
  Plan plan;
  plan.project = request.wanted.project;
  plan.runtime = request.world.runtime;
  plan.vantage = request.world.vantage;
  plan.revision = request.nextRevision;
  plan.approvals = approvalsOf(draft, tasks);
  plan.waves = draft.waves;
  plan.tasks = std::move(tasks);
  plan.pastSchema = std::move(pastSchema);
  fillServices(draft, plan);
  plan.problems = draft.problems;
  if (!plan.isEmpty())
    for (const auto* said : {&request.schedule, &request.doubts})
      plan.problems.insert(plan.problems.end(), said->begin(), said->end());
  sortProblems(plan.problems);
  plan.baseline = findBaseline(draft);
  sortProblems(plan.baseline);
  plan.checked = checksOf(draft);
  plan.alreadyDown = alreadyDownOf(draft);
  plan.verify = draft.verify;
  plan.activeRuns = draft.activeRuns;
  const bool handsOver = std::any_of(plan.waves.begin(), plan.waves.end(),
                                     [](const WavePlan& wave) { return wave.handsOverPorts; });
  plan.onFailureScope = handsOver ? FailureScope::Release : policy.onFailureScope;
  plan.unattended = policy.unattended;
  plan.bake = policy.bake;
  plan.inputs.files = request.wanted.files;
  plan.inputs.services.assign(request.services.begin(), request.services.end());
  plan.steps = laySteps(plan, request.hasPerson);
  plan.hash = planHash(plan);
  return plan;
}

} // namespace ratdeck
