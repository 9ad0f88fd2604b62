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
  std::string bind; // HOST:PORT where the router listens
  bool operator==(const RoutedPort&) const = default;
};

// service -> its ports, none of them empty.
using RoutingTable = std::map<std::string, std::vector<RoutedPort>>;

// `frontendHost` answers the host on which a service's ports are reached; "" = it has none and is left out.
RoutingTable routingTable(const std::map<std::string, Routes>& routes,
                          const std::function<std::string(const std::string& service)>& frontendHost);

} // namespace ratdeck
