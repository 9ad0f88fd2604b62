#include "core/engine/kept_volumes.h"

#include "core/engine/adoption.h"

#include <algorithm>

namespace ratdeck {

namespace {

void keep(StackSpec& stack, const std::string& name, const Json& volumes) {
  const auto* service = stack.find(name);
  if (!service)
    return;
  auto keeping = *service;
  keeping.normalised[keptVolumesKey] = volumes;
  putService(stack, keeping);
}

// The earlier revision in hand, loaded at its first use; null where it is not kept any more.
Revision* earlierRevision(Revision& of, int number, const RevisionStore& store) {
  for (auto* earlier : {&of.adopted, &of.amended})
    for (auto& one : *earlier)
      if (one.number == number)
        return &one;
  auto loaded = store.load(number);
  if (!loaded)
    return nullptr;
  of.amended.push_back(std::move(*loaded));
  return &of.amended.back();
}

// Of the one running copy; null where there are more, or none that has any.
const InstanceInfo* keeperOf(const ServicePlan& plan, const World& world) {
  if (plan.isOneShot || plan.order != UpdateOrder::StopFirst || plan.oldCopies.size() != 1 ||
      plan.newCopies.size() != 1)
    return nullptr;
  const auto copy = std::find_if(world.instances.begin(), world.instances.end(),
                                 [&](const auto& one) { return one.id == plan.oldCopies.front().id; });
  return copy == world.instances.end() || copy->anonymousVolumes.empty() ? nullptr : &*copy;
}

} // namespace

void keepVolumes(Deployment& deployment, const World& world, const RevisionStore& store) {
  auto& revision = deployment.revision;
  for (const auto& [name, plan] : deployment.plan.services) {
    const auto* copy = keeperOf(plan, world);
    if (!copy)
      continue;
    const Json volumes = copy->anonymousVolumes;
    keep(revision.stack, name, volumes);
    if (auto* earlier = earlierRevision(revision, plan.fromRevision, store))
      keep(earlier->stack, name, volumes);
  }
}

} // namespace ratdeck
