#include "core/runtime/router/routing_table.h"

namespace ratdeck {

RoutingTable routingTable(const std::map<std::string, Routes>& routes,
                          const std::function<std::string(const std::string& service)>& frontendHost) {
  RoutingTable table;
  for (const auto& [service, ports] : routes) {
    const std::string host = frontendHost(service);
    if (host.empty())
      continue;
    for (const RouteSpec& route : ports) {
      const std::string port = std::to_string(route.port);
      table[service].push_back({service + '_' + port, route.port, route.protocol, host + ':' + port});
    }
  }
  return table;
}

} // namespace ratdeck
