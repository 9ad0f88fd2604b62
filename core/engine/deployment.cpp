#include "core/engine/deployment.h"

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

void put(StackSpec& stack, const ServiceSpec& service) {
  stack.normalised["services"][service.name] = service.normalised;
  stack.services[service.name] = service;
}

std::set<std::string> namesOf(const World& world) {
  std::set<std::string> names;
  for (const auto& instance : world.instances)
    names.insert(instance.service);
  return names;
}

// Services that the plan leaves alone stay in the new revision as they run, not as the files now say.
StackSpec resultingStack(const DeploymentRequest& request, const Plan& plan, const RevisionStore& store) {
  auto stack = request.wanted;
  for (const auto& name : namesOf(request.world))
    if (!plan.services.contains(name))
      if (auto running = store.serviceAt(runningRevision(request.world, name), name))
        put(stack, *running);
  return stack;
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
  for (const auto& name : namesOf(request.world))
    if (auto running = store.serviceAt(runningRevision(request.world, name), name))
      plan.runningSpecs[name] = running->normalised;
  auto made = makePlan(plan);
  if (!made)
    return failure(made.error());
  Deployment deployment;
  deployment.revision.number = made->revision;
  deployment.revision.createdAt = toRfc3339(now);
  deployment.revision.stack = resultingStack(request, *made, store);
  deployment.plan = std::move(*made);
  return deployment;
}

Result<StackSpec> stackBefore(const Plan& undone, const World& world, const RevisionStore& store) {
  auto latest = store.numbers();
  if (latest.empty())
    return failure(ErrorKind::NotFound, "no revision of this stack is kept on this machine",
                   "deploy the earlier version from its Compose files");
  auto revision = store.load(latest.back());
  if (!revision)
    return failure(revision.error());
  auto stack = revision->stack;
  for (const auto& name : namesOf(world))
    if (!undone.services.contains(name))
      if (auto running = store.serviceAt(runningRevision(world, name), name))
        put(stack, *running);
  for (const auto& [name, plan] : undone.services) {
    if (plan.action == PlanAction::Create) { // it did not run before: a rollback removes nothing
      stack.services.erase(name);
      stack.normalised["services"].erase(name);
      continue;
    }
    auto before = store.serviceAt(plan.fromRevision, name);
    if (!before)
      return failure(before.error());
    put(stack, *before);
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
