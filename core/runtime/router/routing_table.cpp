#include "core/runtime/router/routing_table.h"

namespace ratdeck {

RoutingTable routingTable(const std::map<std::string, Routes>& routes,
                          const std::function<FrontendHosts(const std::string& service)>& hosts) {
  RoutingTable table;
  for (const auto& [service, ports] : routes) {
    const FrontendHosts host = hosts(service);
    if (host.bind.empty())
      continue;
    for (const RouteSpec& route : ports) {
      const std::string port = std::to_string(route.port);
      table[service].push_back({service + '_' + port, route.port, route.protocol, host.bind + ':' + port,
                                host.reached + ':' + port});
    }
  }
  return table;
}

} // namespace ratdeck
