// What stands against rolling a stack on this engine and behind its router, told before the first change.
// Pure.
#pragma once

#include "core/runtime/docker/docker_copies.h"
#include "core/runtime/router/routing_table.h"
#include "core/spec/stack_spec.h"

#include <optional>

namespace ratdeck {

// A router that somebody else made cannot be driven: the services behind it cannot be rolled before it was
// replaced. One that is to be started takes host ports over from copies of the services behind it; what else
// holds one stands in its way.
void addRouterFindings(World& world, const StackSpec& stack, const RoutingTable& table,
                       const DockerCopies& inspected);

// The copies' addresses and the router's socket are on the engine's machine: one elsewhere can be looked at,
// and no stack can be rolled there from here.
std::optional<TargetFinding> distanceFinding(const DockerEndpoint& endpoint);

} // namespace ratdeck
