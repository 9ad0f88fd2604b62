#include "core/runtime/docker/router_findings.h"

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

} // namespace

std::vector<TargetFinding> routerFindings(const StackSpec& stack, const RoutingTable& table,
                                          const std::vector<InstanceInfo>& copies,
                                          const DockerCopies& inspected) {
  std::vector<TargetFinding> findings;
  const std::string& name = stack.policy.routerService;
  const auto router = std::find_if(copies.begin(), copies.end(), [&](const InstanceInfo& copy) {
    return copy.service == name && isRunning(copy);
  });
  if (router != copies.end() && router->revision == 0)
    addForeignRouter(stack, table, *router, findings);
  if (router != copies.end())
    return findings;
  const std::set<std::string> wanted = wantedPorts(stack, table);
  for (const InstanceInfo& copy : copies) {
    const DockerContainer* container = isRunning(copy) ? inspected.inspected(copy.id) : nullptr;
    if (!container)
      continue;
    for (const std::string& port : boundPorts(*container))
      if (wanted.contains(port))
        findings.push_back(
            {Weight::Blocks,
             "router-port-taken",
             name,
             "the router " + name + " is to answer on host port " + port + ", which " + copy.id.value +
                 " holds; start " + copy.service +
                 " without that port first, in a quiet moment: it is closed until the router runs",
             {}});
  }
  return findings;
}

} // namespace ratdeck
