#include "core/runtime/docker/engine_check.h"

#include "core/remote/docker/docker_answer.h"

namespace ratdeck {

bool passedLately(const DockerContainer& container, WallTime now) {
  constexpr Duration oldest = std::chrono::seconds(5);
  if (container.health != DockerHealth::Healthy)
    return false;
  const Json& log = dockerListAt(memberAt(memberAt(container.raw, "State"), "Health"), "Log");
  if (log.empty() || integerAt(log.back(), "ExitCode", -1) != 0)
    return false;
  const auto ended = dockerTimeAt(log.back(), "End");
  return ended && *ended <= now && now - *ended < oldest;
}

} // namespace ratdeck
