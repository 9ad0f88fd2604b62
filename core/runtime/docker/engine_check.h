// What the engine found when it ran a container's own health check.
#pragma once

#include "core/base/clock.h"
#include "core/remote/docker/docker_container.h"

namespace ratdeck {

// Its health check is `test` (Compose's words), it counts as healthy, and its last check passed less than
// five seconds before `now`: to run it once more would tell nothing new. Where the engine's clock is another,
// the check only seems too old or to come.
bool passedLately(const DockerContainer& container, const std::vector<std::string>& test, WallTime now);

} // namespace ratdeck
