// What stands against rolling a stack behind its router, told before the first change. Pure.
#pragma once

#include "core/runtime/docker/docker_copies.h"
#include "core/runtime/router/routing_table.h"
#include "core/spec/stack_spec.h"

#include <vector>

namespace ratdeck {

// A router that somebody else made cannot be driven: the services behind it cannot be rolled before it was
// replaced. One that is to be started cannot have a host port that a copy holds.
std::vector<TargetFinding> routerFindings(const StackSpec& stack, const RoutingTable& table,
                                          const std::vector<InstanceInfo>& copies,
                                          const DockerCopies& inspected);

} // namespace ratdeck
