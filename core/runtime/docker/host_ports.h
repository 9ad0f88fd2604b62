// Host ports that a stack's copies are to bind and that somebody else holds: containers of other projects,
// and processes of the engine's machine where that is this one. Pure.
#pragma once

#include "core/remote/docker/docker_container.h"
#include "core/runtime/listening_ports.h"
#include "core/spec/stack_spec.h"
#include "core/spec/world.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ratdeck {

struct HostPortsLook {
  std::vector<DockerContainerSummary> containers; // all that run on the engine
  // Of processes of the engine's machine; none: they are not seen from here.
  std::optional<std::vector<ListeningPort>> processes;
  std::set<std::string> routed; // services whose ports the router binds
};

// Adds the check, and for each port that is taken a finding of the service that would bind it (port-taken,
// blocks). What copies of the stack itself hold is theirs to give up, and no finding.
void addHostPorts(World& world, const StackSpec& stack, const HostPortsLook& look);

} // namespace ratdeck
