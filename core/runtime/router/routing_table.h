// Which backends of the router carry the ports of which service, and where clients reach them. Pure.
#pragma once

#include "core/runtime/routes.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ratdeck {

struct RoutedPort {
  std::string backend; // SERVICE_PORT
  std::uint16_t port = 0;
  RouteProtocol protocol = RouteProtocol::Http;
  std::string bind;     // HOST:PORT where the router listens
  std::string frontend; // HOST:PORT where it is reached from here
  bool operator==(const RoutedPort&) const = default;
};

// service -> its ports, none of them empty.
using RoutingTable = std::map<std::string, std::vector<RoutedPort>>;

// Where the router listens for a service, and where it is reached from here.
struct FrontendHosts {
  std::string bind, reached; // "" = it has none, and the service is left out
};

RoutingTable routingTable(const std::map<std::string, Routes>& routes,
                          const std::function<FrontendHosts(const std::string& service)>& hosts);

} // namespace ratdeck
