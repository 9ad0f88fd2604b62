// Which ports of a service clients reach through the router, and in which protocol. Pure.
//
// What `x-ratdeck: route` says is taken as it stands. Where nothing is written: the container side of `ports`
// (TCP only), `expose`, and the ports under which other services' environments name it ("http://ratq:50051"):
// on Docker's networks those just work, so a stack that leaves them out must not lose them behind a router.
// One-shot services and the router itself have no routes.
#pragma once

#include "core/spec/stack_spec.h"

#include <map>
#include <string>
#include <vector>

namespace ratdeck {

// Sorted by port, no port twice.
using Routes = std::vector<RouteSpec>;

// The routes of every service that has some.
std::map<std::string, Routes> routesOf(const StackSpec& stack);

// Names under which clients may know a service, with the service: its own name, container_name, network
// aliases. A name that two services share (an alias) belongs to the first of them by name; service names go
// first.
std::map<std::string, std::string> hostNamesOf(const StackSpec& stack);

} // namespace ratdeck
