#include "core/runtime/routes.h"

#include "core/runtime/host_references.h"

#include <algorithm>
#include <set>

namespace ratdeck {

namespace {

// Ports whose usual protocol is not HTTP: forwarded as bytes unless the file says otherwise.
bool isKnownBytesPort(std::uint16_t port) {
  static const std::set<std::uint16_t> ports = {22,   25,   53,   389,  636,  1433,  1521,
                                                1883, 2181, 3306, 4222, 5432, 5671,  5672,
                                                6379, 6380, 7687, 9042, 9092, 11211, 27017};
  return ports.contains(port);
}

bool speaksGrpc(const ServiceSpec& service, std::uint16_t port) {
  const std::string text = std::to_string(port);
  if (const auto found = service.environment.find("GRPC_PORT");
      found != service.environment.end() && found->second.reveal() == text)
    return true;
  if (!service.healthCheck)
    return false;
  std::string test;
  for (const std::string& word : service.healthCheck->test)
    test += word + ' ';
  return test.find("grpc") != std::string::npos && test.find(':' + text) != std::string::npos;
}

RouteProtocol guessProtocol(const ServiceSpec& service, std::uint16_t port) {
  if (speaksGrpc(service, port))
    return RouteProtocol::H2;
  return isKnownBytesPort(port) ? RouteProtocol::Tcp : RouteProtocol::Http;
}

using PortSets = std::map<std::string, std::set<std::uint16_t>>;

// service -> the ports under which the others' environments name it.
PortSets referencedPorts(const StackSpec& stack) {
  const std::map<std::string, std::string> hosts = hostNamesOf(stack);
  PortSets ports;
  for (const auto& [name, service] : stack.services)
    for (const auto& [key, value] : service.environment)
      for (const HostReference& reference : findHostReferences(value.reveal()))
        if (const auto host = hosts.find(std::string(reference.host));
            host != hosts.end() && host->second != name)
          ports[host->second].insert(reference.port);
  return ports;
}

std::set<std::uint16_t> declaredPorts(const ServiceSpec& service) {
  std::set<std::uint16_t> ports(service.expose.begin(), service.expose.end());
  for (const PortMapping& mapping : service.ports)
    if (mapping.protocol.empty() || mapping.protocol == "tcp")
      ports.insert(mapping.target);
  ports.erase(0);
  return ports;
}

Routes written(const Routes& routes) {
  std::map<std::uint16_t, RouteSpec> byPort;
  for (const RouteSpec& route : routes)
    if (route.port != 0)
      byPort.emplace(route.port, route);
  Routes sorted;
  for (const auto& [port, route] : byPort)
    sorted.push_back(route);
  return sorted;
}

} // namespace

std::map<std::string, Routes> routesOf(const StackSpec& stack) {
  PortSets referenced = referencedPorts(stack);
  std::map<std::string, Routes> all;
  for (const auto& [name, service] : stack.services) {
    if (service.isOneShot || name == stack.policy.routerService)
      continue;
    Routes routes;
    if (service.policy.route) {
      routes = written(*service.policy.route);
    } else {
      std::set<std::uint16_t> ports = declaredPorts(service);
      ports.merge(referenced[name]);
      for (const std::uint16_t port : ports)
        routes.push_back({port, guessProtocol(service, port)});
    }
    if (!routes.empty())
      all.emplace(name, std::move(routes));
  }
  return all;
}

std::map<std::string, std::string> hostNamesOf(const StackSpec& stack) {
  std::map<std::string, std::string> hosts;
  for (const auto& [name, service] : stack.services)
    hosts.emplace(name, name);
  for (const auto& [name, service] : stack.services) {
    if (!service.containerName.empty())
      hosts.emplace(service.containerName, name);
    for (const auto& [network, aliases] : service.networks)
      for (const std::string& alias : aliases)
        hosts.emplace(alias, name);
  }
  return hosts;
}

} // namespace ratdeck
