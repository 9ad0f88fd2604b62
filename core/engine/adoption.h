// Copies that somebody else made become a revision, so that an undo brings back the very ones. Pure.
#pragma once

#include "core/spec/stack_spec.h"
#include "core/spec/world.h"

namespace ratdeck {

// The service with what a container does not tell of: dependencies and policy as they are wanted, and as many
// copies as run.
ServiceSpec adoptedService(const ServiceSpec& seen, const StackSpec& wanted, const World& world);

// Puts it into the stack, with the networks and volumes that it names.
void putService(StackSpec& stack, const ServiceSpec& service);

} // namespace ratdeck
