// The router of a stack as a container: what its service's container gets beside what the file says, so that
// it can be driven from here.
//
// It carries the names of all routed services on their networks, has a fixed address on the router's network,
// finds its configuration at its usual place, and puts the socket of its runtime API into a folder of this
// machine, or, where it is reached through the relay, into a named volume. The folder's parent must be closed
// to others: whoever reaches the socket commands the router.
#pragma once

#include "core/remote/docker/docker_container.h"
#include "core/runtime/docker/container_request.h"
#include "core/runtime/router/routing_table.h"
#include "core/spec/stack_spec.h"

#include <string>

namespace ratdeck {

namespace router_container {

inline constexpr const char* configFolder = "/usr/local/etc/haproxy";
inline constexpr const char* configName = "haproxy.cfg";
inline constexpr const char* socketFolder = "/run/ratdeck";
inline constexpr const char* socketPath = "/run/ratdeck/haproxy.sock";
inline constexpr const char* healthBind = "0.0.0.0:8404";
inline constexpr std::uint16_t healthPort = 8404;
inline constexpr unsigned socketMode = 0666; // the container's user is not ours

} // namespace router_container

struct RouterDress {
  std::string network, address; // on which it reaches the copies
  std::string socketMount;      // a folder of this machine, or a volume
  std::string config;           // the text
};

// Adds all this to the request for the router's container. Pure.
void dressAsRouter(ContainerRequest& request, const StackSpec& stack, const RoutingTable& table,
                   const RouterDress& dress);

// What this router, made for an earlier state of the stack, lacks of it, by service: names on its networks,
// host ports. Pure.
std::map<std::string, std::vector<std::string>> lackedBy(const DockerContainer& router,
                                                         const StackSpec& stack, const RoutingTable& table);
// The folder or volume in which this router has its socket; "" = it has none. Pure.
std::string socketMountOf(const DockerContainer& router);

// Two services that answer on one port, which one address cannot tell apart: why, or nothing. Pure.
std::optional<Error> routingConflict(const RoutingTable& table, const StackSpec& stack);

} // namespace ratdeck
