#include "core/runtime/docker/host_ports.h"

#include "core/runtime/docker/copy_labels.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

namespace ratdeck {

namespace {

struct Wanted {
  std::string service; // that binds it
  std::string hostIp;
  std::uint16_t port = 0;
  std::string protocol;
  bool operator<(const Wanted& other) const {
    return std::tie(port, protocol, service, hostIp) <
           std::tie(other.port, other.protocol, other.service, other.hostIp);
  }
};

// A single port: from a range the engine takes what is free.
std::optional<std::uint16_t> singlePort(const std::string& published) {
  std::uint16_t port = 0;
  const auto* end = published.data() + published.size();
  const auto [stop, error] = std::from_chars(published.data(), end, port);
  return error == std::errc() && stop == end && port > 0 ? std::optional(port) : std::nullopt;
}

std::set<Wanted> wantedPorts(const StackSpec& stack, const std::set<std::string>& routed) {
  std::set<Wanted> wanted;
  for (const auto& [name, service] : stack.services)
    for (const auto& mapping : service.ports)
      if (const auto port = singlePort(mapping.published))
        wanted.insert({routed.contains(name) ? stack.policy.routerService : name, mapping.hostIp, *port,
                       mapping.protocol});
  return wanted;
}

bool isEverywhere(const std::string& address) {
  return address.empty() || address == "0.0.0.0" || address == "::";
}

// `Port`: DockerHostPort or ListeningPort.
template <class Port>
bool isAmong(const std::vector<Port>& ports, const Wanted& wanted) {
  return std::any_of(ports.begin(), ports.end(), [&](const Port& held) {
    return held.port == wanted.port && held.protocol == wanted.protocol &&
           (isEverywhere(held.address) || isEverywhere(wanted.hostIp) || held.address == wanted.hostIp);
  });
}

std::string shown(const Wanted& wanted) {
  return std::to_string(wanted.port) + (wanted.protocol == "tcp" ? "" : "/" + wanted.protocol);
}

// Who holds it, for people; "" = nobody, or a copy of the stack itself.
std::string holderOf(const Wanted& wanted, const StackSpec& stack, const HostPortsLook& look) {
  for (const auto& container : look.containers) {
    if (!isAmong(container.ports, wanted))
      continue;
    const auto project = container.labels.find(copy_labels::project);
    if (project != container.labels.end() && project->second == stack.project)
      return {};
    return "the container " + container.name +
           (project == container.labels.end() ? "" : " of the project " + project->second);
  }
  return look.processes && isAmong(*look.processes, wanted) ? "a process of this machine" : "";
}

} // namespace

void addHostPorts(World& world, const StackSpec& stack, const HostPortsLook& look) {
  std::string free, taken;
  for (const auto& wanted : wantedPorts(stack, look.routed)) {
    const auto holder = holderOf(wanted, stack, look);
    auto& list = holder.empty() ? free : taken;
    list += (list.empty() ? "" : ", ") + shown(wanted) + (holder.empty() ? "" : " held by " + holder);
    if (!holder.empty())
      world.findings.push_back(
          {TargetFinding::Weight::Blocks, "port-taken", wanted.service,
           "host port " + shown(wanted) + " is held by " + holder + ", so no copy of " + wanted.service +
               " could be started with it; stop that one, or publish another port",
           stack.find(wanted.service) ? stack.find(wanted.service)->locationOf("ports") : SourceLocation()});
  }
  if (free.empty() && taken.empty())
    return;
  std::string text = free.empty() ? "" : free + " free or the stack's own";
  text += taken.empty() ? "" : (text.empty() ? "" : "; ") + taken;
  if (!look.processes)
    text += "; processes of the engine's machine are not seen from here";
  world.checks.push_back({"host ports", text});
}

} // namespace ratdeck
