#include "core/runtime/docker/router_container.h"

#include "core/base/json.h"
#include "core/runtime/docker/stack_resources.h"

#include <algorithm>
#include <map>
#include <set>

namespace ratdeck {

namespace {

using Aliases = std::map<std::string, std::set<std::string>>; // network of the file -> names on it

// A service's own names there: what its clients know it by.
Aliases namesOf(const ServiceSpec& service) {
  Aliases names;
  for (const auto& [network, aliases] : service.networks) {
    names[network].insert(service.name);
    names[network].insert(aliases.begin(), aliases.end());
    if (!service.containerName.empty())
      names[network].insert(service.containerName);
  }
  return names;
}

Aliases routedNames(const StackSpec& stack, const RoutingTable& table) {
  Aliases all;
  for (const auto& [name, ports] : table)
    if (const ServiceSpec* service = stack.find(name))
      for (auto& [network, names] : namesOf(*service))
        all[network].insert(names.begin(), names.end());
  return all;
}

void addAliases(Json& endpoint, const std::set<std::string>& names) {
  std::set<std::string> all = names;
  for (const Json& alias : memberAt(endpoint, "Aliases"))
    if (alias.is_string())
      all.insert(alias.get<std::string>());
  endpoint["Aliases"] = all;
}

Json* endpointOf(ContainerRequest& request, const std::string& network) {
  Json& first = request.body["NetworkingConfig"]["EndpointsConfig"];
  if (first.is_object() && first.contains(network))
    return &first[network];
  for (ContainerNetwork& other : request.networks)
    if (other.network == network)
      return &other.endpoint;
  return nullptr;
}

void publish(Json& body, const PortMapping& port) {
  if (!port.published.empty() && port.published.find('-') != std::string::npos)
    return; // a range is one port each in the normal form
  const std::string key = std::to_string(port.target) + '/' + port.protocol;
  body["ExposedPorts"][key] = Json::object();
  const Json binding = {{"HostIp", port.hostIp}, {"HostPort", port.published}};
  Json& bindings = body["HostConfig"]["PortBindings"][key];
  if (!bindings.is_array())
    bindings = Json::array();
  if (std::find(bindings.begin(), bindings.end(), binding) == bindings.end())
    bindings.push_back(binding);
}

// A new volume is root's, and the router's user is another.
ContainerFile openFolder(const std::string& path) {
  ContainerFile folder;
  folder.path = path;
  folder.file.name = path.substr(path.rfind('/') + 1);
  folder.file.mode = 01777;
  folder.file.isFolder = true;
  return folder;
}

} // namespace

std::string socketMountOf(const DockerContainer& router) {
  for (const Json& mount : memberAt(router.raw, "Mounts"))
    if (textAt(mount, "Destination") == router_container::socketFolder)
      return textAt(mount, "Type") == "volume" ? textAt(mount, "Name") : textAt(mount, "Source");
  return {};
}

void dressAsRouter(ContainerRequest& request, const StackSpec& stack, const RoutingTable& table,
                   const RouterDress& dress) {
  for (const auto& [network, names] : routedNames(stack, table)) {
    const auto real = realName(stack, "networks", network);
    if (!real)
      continue; // its services cannot be started either, and say why
    Json* endpoint = endpointOf(request, *real);
    if (!endpoint) {
      request.networks.push_back({*real, Json::object()});
      endpoint = &request.networks.back().endpoint;
    }
    addAliases(*endpoint, names);
  }
  request.networks.push_back({dress.network, {{"IPAMConfig", {{"IPv4Address", dress.address}}}}});
  for (const auto& [name, ports] : table)
    if (const ServiceSpec* service = stack.find(name))
      for (const PortMapping& port : service->ports)
        if (port.protocol == "tcp")
          publish(request.body, port);
  Json& binds = request.body["HostConfig"]["Binds"];
  if (!binds.is_array())
    binds = Json::array();
  binds.push_back(dress.socketMount + ':' + router_container::socketFolder);
  if (!dress.socketMount.starts_with('/'))
    request.files.push_back(openFolder(router_container::socketFolder));
  std::erase_if(request.files, [](const ContainerFile& file) {
    return file.path == std::string(router_container::configFolder) + '/' + router_container::configName;
  });
  ContainerFile config;
  config.path = std::string(router_container::configFolder) + '/' + router_container::configName;
  config.file.name = router_container::configName;
  config.file.content = Secret(dress.config);
  request.files.push_back(std::move(config));
}

std::map<std::string, std::vector<std::string>> lackedBy(const DockerContainer& router,
                                                         const StackSpec& stack, const RoutingTable& table) {
  std::map<std::string, std::vector<std::string>> lacked;
  const Json& bindings = memberAt(memberAt(router.raw, "HostConfig"), "PortBindings");
  for (const auto& [name, ports] : table) {
    const ServiceSpec* service = stack.find(name);
    if (!service)
      continue;
    for (const auto& [network, names] : namesOf(*service)) {
      const auto real = realName(stack, "networks", network);
      const auto attachment = real ? router.networks.find(*real) : router.networks.end();
      for (const std::string& alias : names)
        if (real && (attachment == router.networks.end() ||
                     std::find(attachment->second.aliases.begin(), attachment->second.aliases.end(), alias) ==
                         attachment->second.aliases.end()))
          lacked[name].push_back("the name " + alias + " on the network " + *real);
    }
    for (const PortMapping& port : service->ports) {
      const std::string key = std::to_string(port.target) + '/' + port.protocol;
      const Json& bound = memberAt(bindings, key.c_str());
      const bool isBound = std::any_of(bound.begin(), bound.end(), [&](const Json& binding) {
        return textAt(binding, "HostPort") == port.published;
      });
      if (port.protocol == "tcp" && !port.published.empty() &&
          port.published.find('-') == std::string::npos && !isBound)
        lacked[name].push_back("host port " + port.published);
    }
  }
  return lacked;
}

std::optional<Error> routingConflict(const RoutingTable& table, const StackSpec& stack) {
  std::map<std::uint16_t, std::string> owners;
  for (const auto& [service, ports] : table)
    for (const RoutedPort& port : ports) {
      const auto [owner, isNew] = owners.emplace(port.port, service);
      if (isNew || owner->second == service)
        continue;
      const ServiceSpec* later = stack.find(service);
      return Error{ErrorKind::Input,
                   "services " + owner->second + " and " + service + " both answer on port " +
                       std::to_string(port.port) + ", and a router at one address cannot tell them apart",
                   "give one of them another port, or x-ratdeck: { route: false }",
                   later ? later->locationOf("x-ratdeck.route") : SourceLocation{}};
    }
  return {};
}

} // namespace ratdeck
