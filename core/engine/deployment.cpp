#include "core/engine/deployment.h"

#include "core/engine/adoption.h"
#include "core/engine/deploy_schedule.h"
#include "core/engine/kept_volumes.h"
#include "core/engine/sql_files.h"
#include "core/runtime/docker/container_copy.h"

#include <algorithm>

namespace ratdeck {

namespace {

// The revision the service's copies were started from; 0 = not ours.
int runningRevision(const World& world, const std::string& service) {
  int revision = 0;
  for (const auto& instance : world.instances)
    if (instance.service == service)
      revision = std::max(revision, instance.revision);
  return revision;
}

std::set<std::string> namesOf(const World& world) {
  std::set<std::string> names;
  for (const auto& instance : world.instances)
    names.insert(instance.service);
  return names;
}

// What copies of this revision run: of those that are not ours, what was seen of them.
std::optional<ServiceSpec> specOf(const DeploymentRequest& request, const RevisionStore& store, int revision,
                                  const std::string& service) {
  if (revision == 0) {
    auto seen = request.world.adopted.find(service);
    return seen == request.world.adopted.end()
               ? std::nullopt
               : std::optional(adoptedService(seen->second, request.wanted, request.world));
  }
  auto stored = store.serviceAt(revision, service);
  return stored ? std::optional(*stored) : std::nullopt;
}

// What is wanted, but what runs as it runs, not as the files now say: everything, or all that the plan leaves
// alone.
StackSpec stackAsItRuns(const DeploymentRequest& request, const RevisionStore& store, const Plan* plan) {
  auto stack = request.wanted;
  for (const auto& name : namesOf(request.world))
    if (!plan || !plan->services.contains(name))
      if (auto running = specOf(request, store, runningRevision(request.world, name), name))
        putService(stack, *running);
  return stack;
}

// A copied service says the same as a Compose file in other words, so hashes tell nothing.
void compareCopied(PlanRequest& plan, const DeploymentRequest& request, const RevisionStore& store) {
  for (const auto& copy : request.world.instances) {
    const auto* wanted = request.wanted.find(copy.service);
    if (!wanted || (plan.drift.contains(copy.service) && plan.drift[copy.service].contains(copy.revision)))
      continue;
    if (auto running = specOf(request, store, copy.revision, copy.service); running && isCopied(*running))
      plan.drift[copy.service][copy.revision] = driftOf(*running, *wanted, request.wanted);
  }
}

// All its copies were started from what the stack says of it, whatever number that had.
bool runsAs(const World& world, const StackSpec& stack, const std::string& name, const std::string& key) {
  const auto* spec = stack.find(name);
  if (!spec)
    return false;
  const auto hash = specHash(*spec, key, contentsOf(*spec, stack));
  return std::all_of(world.instances.begin(), world.instances.end(),
                     [&](const InstanceInfo& copy) { return copy.service != name || copy.specHash == hash; });
}

// The number that it was to have is free where the plan leaves alone what is not ours.
void adopt(Deployment& deployment, const DeploymentRequest& request, const RevisionStore& store, int number) {
  const auto& services = deployment.plan.services;
  const bool isNeeded = std::any_of(services.begin(), services.end(),
                                    [&](const auto& entry) { return entry.second.fromRevision == number; });
  if (!isNeeded) {
    --deployment.plan.revision;
    --deployment.revision.number;
    return;
  }
  deployment.revision.adopted.push_back(
      {number, {}, deployment.revision.createdAt, stackAsItRuns(request, store, nullptr), {}, {}});
}

} // namespace

Result<Deployment> prepareDeployment(const DeploymentRequest& request, RevisionStore& store, WallTime now) {
  auto key = store.hashKey();
  if (!key)
    return failure(key.error());
  PlanRequest plan;
  plan.wanted = request.wanted;
  plan.world = request.world;
  plan.hashKey = *key;
  plan.services = request.services;
  plan.hasPerson = request.hasPerson;
  plan.nextRevision = store.nextNumber();
  plan.schemaPast = request.schemaPast;
  plan.doubts = request.doubts;
  plan.sqlTexts = sqlTextsOf(request.wanted);
  if (!request.isTry && !request.world.adopted.empty())
    plan.adoptedRevision = plan.nextRevision++;
  for (const auto& name : namesOf(request.world))
    if (auto running = specOf(request, store, runningRevision(request.world, name), name))
      plan.runningSpecs[name] = *running;
  compareCopied(plan, request, store);
  const auto departure = request.isTry        ? Departure::Try
                         : request.isRollback ? Departure::Rollback
                                              : Departure::Deploy;
  plan.schedule = closuresAt(request.wanted.policy, now, departure);
  auto made = makePlan(plan);
  if (!made)
    return failure(made.error());
  Deployment deployment;
  deployment.revision.number = made->revision;
  deployment.revision.createdAt = toRfc3339(now);
  deployment.revision.stack = stackAsItRuns(request, store, &*made);
  for (const auto& copy : request.world.instances)
    deployment.revision.inUse.insert(copy.revision);
  deployment.plan = std::move(*made);
  if (plan.adoptedRevision > 0)
    adopt(deployment, request, store, plan.adoptedRevision);
  if (!request.isTry)
    keepVolumes(deployment, request.world, store);
  return deployment;
}

Result<StackSpec> stackBefore(const Plan& undone, const World& world, RevisionStore& store) {
  auto latest = store.numbers();
  if (latest.empty())
    return failure(ErrorKind::NotFound, "no revision of this stack is kept on this machine",
                   "deploy the earlier version from its Compose files");
  auto revision = store.load(latest.back());
  if (!revision)
    return failure(revision.error());
  auto key = store.hashKey();
  if (!key)
    return failure(key.error());
  auto stack = revision->stack;
  for (const auto& name : namesOf(world))
    if (const int number = runningRevision(world, name); number > 0 && !undone.services.contains(name)) {
      if (auto running = store.serviceAt(number, name))
        putService(stack, *running);
      else if (!runsAs(world, stack, name, *key))
        return failure(ErrorKind::NotFound,
                       "revision " + std::to_string(number) + ", which " + name +
                           " runs, is not kept on this machine",
                       "go back to one that is with `ratdeckctl rollback --to N`");
    }
  for (const auto& [name, plan] : undone.services) {
    if (name == stack.policy.routerService && plan.action == PlanAction::Create)
      continue;                              // it stays, and what is rolled back goes behind it
    if (plan.action == PlanAction::Create) { // it did not run before: a rollback removes nothing
      stack.services.erase(name);
      stack.normalised["services"].erase(name);
      continue;
    }
    auto before = store.serviceAt(plan.fromRevision, name);
    if (!before)
      return failure(before.error());
    putService(stack, *before);
  }
  return stack;
}

std::optional<Error> staleness(const Plan& planned, const Plan& now) {
  auto moved = differences(planned, now);
  if (moved.empty())
    return {};
  std::string text;
  for (const auto& difference : moved)
    text += (text.empty() ? "" : "; ") + difference;
  return Error{ErrorKind::Refused, "the plan is stale: " + text, "look at a new plan, or add --replan", {}};
}

} // namespace ratdeck
