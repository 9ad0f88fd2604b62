// What copies that are not ours are made of, as a part of a look at the stack.
#pragma once

#include "core/runtime/docker/docker_copies.h"

namespace ratdeck {

// Fills in World::adopted: of each service with such copies, the one with the lowest number, those that run
// first. `copies` has just listed the world's instances; all three live until the answer. Errors: those of
// DockerImages::inspect but NotFound: an image that is gone hands nothing down.
void lookAtAdopted(DockerClient& client, const DockerCopies& copies, World& world, Callback<Done> done);

} // namespace ratdeck
