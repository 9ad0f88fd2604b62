// Which mounted files no revision can bring back, as a part of a look at the stack.
#pragma once

#include "core/runtime/docker/docker_copies.h"

namespace ratdeck {

// Fills in World::unkeptFiles, by one running copy of each service. `copies` has just listed the world's
// instances; all three live until the answer. Errors: Unreachable, Timeout.
void lookAtMountedFiles(DockerClient& client, const DockerCopies& copies, World& world, Callback<Done> done);

} // namespace ratdeck
