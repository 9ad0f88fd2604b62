// What the engine found when it ran a container's own health check.
#pragma once

#include "core/base/clock.h"
#include "core/remote/docker/docker_container.h"

namespace ratdeck {

// It counts as healthy, and its last check passed less than five seconds before `now`: to run the check once
// more would tell nothing new. Where the engine's clock is another, the check only seems too old or to come.
bool passedLately(const DockerContainer& container, WallTime now);

} // namespace ratdeck
