#include "core/engine/adoption.h"

#include "core/runtime/docker/container_copy.h"

#include <algorithm>

namespace ratdeck {

namespace {

void takePolicy(Json& into, const Json& wanted, const StackSpec& stack) {
  for (const char* key : {"x-ratdeck", "profiles", "container_name"})
    if (const Json& value = memberAt(wanted, key); !value.is_null())
      into[key] = value;
  for (const auto& [name, how] : memberAt(wanted, "depends_on").items())
    if (stack.find(name))
      into["depends_on"][name] = how;
  Json deploy = memberAt(wanted, "deploy");
  if (!deploy.is_object())
    return;
  for (const char* ofTheContainer : {"replicas", "resources", "restart_policy"})
    deploy.erase(ofTheContainer);
  into["deploy"] = deploy;
}

} // namespace

ServiceSpec adoptedService(const ServiceSpec& seen, const StackSpec& wanted, const World& world) {
  auto service = seen;
  if (const auto* now = wanted.find(seen.name)) {
    takePolicy(service.normalised, now->normalised, wanted);
    service.policy = now->policy;
    service.dependsOn = now->dependsOn;
    service.isOneShot = now->isOneShot;
    service.containerName = now->containerName;
  }
  const auto running = std::count_if(world.instances.begin(), world.instances.end(), [&](const auto& copy) {
    return copy.service == seen.name && copy.state == InstanceState::Running;
  });
  service.replicas = std::max(1, static_cast<int>(running));
  if (service.replicas > 1)
    service.normalised["scale"] = service.replicas;
  return service;
}

void putService(StackSpec& stack, const ServiceSpec& service) {
  stack.normalised["services"][service.name] = service.normalised;
  stack.services[service.name] = service;
  if (!isCopied(service))
    return;
  const Json sections = resourcesOfCopy(service);
  for (const auto& [section, resources] : sections.items())
    for (const auto& [name, resource] : resources.items())
      if (!memberAt(stack.normalised, section.c_str()).contains(name))
        stack.normalised[section][name] = resource;
}

} // namespace ratdeck
