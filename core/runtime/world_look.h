// Completes one look at a stack: what the router says of each copy, and whether each running copy passes its
// own checks.
#pragma once

#include "core/runtime/runtime.h"
#include "core/spec/stack_spec.h"

namespace ratdeck {

struct WorldLook {
  using Samples = std::function<void(Callback<std::vector<RouterSample>>)>;

  // Outlive the look, or are destroyed with what answers it.
  const StackSpec* stack = nullptr;
  Prober* prober = nullptr;
  Samples samples; // empty: there is no router
};

// `world` has the copies. A router that is not reachable routes to nobody. Each check is asked once, for at
// most 5 s; one-shots and the router itself have none, and of a copy that is healthy already its healthcheck
// is not asked. Errors: those of the router but Unreachable.
void completeWorld(World world, const WorldLook& look, Callback<World> done);

} // namespace ratdeck
