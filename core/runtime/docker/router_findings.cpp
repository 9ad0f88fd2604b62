#include "core/runtime/docker/router_findings.h"

#include "core/runtime/docker/router_container.h"

#include <algorithm>
#include <set>

namespace ratdeck {

namespace {

using Weight = TargetFinding::Weight;

bool isRunning(const InstanceInfo& copy) {
  return copy.state == InstanceState::Running;
}

// Host ports that the container has bound.
std::set<std::string> boundPorts(const DockerContainer& container) {
  std::set<std::string> ports;
  const Json& bindings = memberAt(memberAt(container.raw, "HostConfig"), "PortBindings");
  for (const auto& [inside, list] : bindings.items())
    for (const Json& binding : list)
      if (const std::string port = textAt(binding, "HostPort"); !port.empty() && port != "0")
        ports.insert(port);
  return ports;
}

// Those that the router would bind: its own and those of the services behind it.
std::set<std::string> wantedPorts(const StackSpec& stack, const RoutingTable& table) {
  std::set<std::string> ports;
  for (const auto& [name, service] : stack.services)
    if (name == stack.policy.routerService || table.contains(name))
      for (const PortMapping& port : service.ports)
        if (!port.published.empty())
          ports.insert(port.published);
  return ports;
}

void addForeignRouter(const StackSpec& stack, const RoutingTable& table, const InstanceInfo& router,
                      std::vector<TargetFinding>& findings) {
  for (const auto& [name, ports] : table)
    findings.push_back({Weight::Blocks,
                        "foreign-router",
                        name,
                        "the router " + router.id.value +
                            " was not made by ratdeck and cannot be driven, so " + name +
                            " cannot be rolled behind it; have it replaced first, in a quiet moment, "
                            "since its ports are closed meanwhile: --service " +
                            stack.policy.routerService,
                        {}});
}

void addStaleRouter(const StackSpec& stack, const InstanceInfo& router,
                    const std::map<std::string, std::vector<std::string>>& lacked,
                    std::vector<TargetFinding>& findings) {
  for (const auto& [service, things] : lacked)
    findings.push_back({Weight::Blocks,
                        "router-stale",
                        service,
                        "the router " + router.id.value + " does not answer to " + things.front() + " for " +
                            service +
                            " yet; have it replaced first, in a quiet moment, since its ports are " +
                            "closed meanwhile: --service " + stack.policy.routerService,
                        {}});
}

void addTakenPort(const std::string& router, const InstanceInfo& holder, const std::string& port,
                  std::vector<TargetFinding>& findings) {
  findings.push_back({Weight::Blocks,
                      "router-port-taken",
                      router,
                      "the router " + router + " is to answer on host port " + port + ", which " +
                          holder.id.value + " holds and nothing routes to; give one of them another port",
                      {}});
}

} // namespace

void addRouterFindings(World& world, const StackSpec& stack, const RoutingTable& table,
                       const DockerCopies& inspected) {
  const std::string& name = stack.policy.routerService;
  const auto router =
      std::find_if(world.instances.begin(), world.instances.end(),
                   [&](const InstanceInfo& copy) { return copy.service == name && isRunning(copy); });
  if (router != world.instances.end()) {
    const DockerContainer* container = inspected.inspected(router->id);
    if (container && socketMountOf(*container).empty())
      addForeignRouter(stack, table, *router, world.findings);
    else if (container)
      addStaleRouter(stack, *router, lackedBy(*container, stack, table), world.findings);
  }
  const std::set<std::string> wanted = wantedPorts(stack, table);
  for (const InstanceInfo& copy : world.instances) {
    const DockerContainer* container = isRunning(copy) ? inspected.inspected(copy.id) : nullptr;
    if (!container || copy.service == name)
      continue;
    for (const std::string& port : boundPorts(*container))
      if (wanted.contains(port))
        router == world.instances.end() && table.contains(copy.service)
            ? (void)world.routerPortHolders.emplace(copy.service, port)
            : addTakenPort(name, copy, port, world.findings);
  }
}

} // namespace ratdeck
