// What stands against rolling a stack behind its router, told before the first change. Pure.
#pragma once

#include "core/runtime/docker/docker_copies.h"
#include "core/runtime/router/routing_table.h"
#include "core/spec/stack_spec.h"

namespace ratdeck {

// A router that somebody else made cannot be driven: the services behind it cannot be rolled before it was
// replaced. One that is to be started takes host ports over from copies of the services behind it; what else
// holds one stands in its way.
void addRouterFindings(World& world, const StackSpec& stack, const RoutingTable& table,
                       const DockerCopies& inspected);

} // namespace ratdeck
