#include "core/runtime/docker/engine_check.h"

#include "core/remote/docker/docker_answer.h"

namespace ratdeck {

bool passedLately(const DockerContainer& container, const std::vector<std::string>& test, WallTime now) {
  constexpr Duration oldest = std::chrono::seconds(5);
  const Json& check = memberAt(memberAt(container.raw, "Config"), "Healthcheck");
  if (container.health != DockerHealth::Healthy || dockerTextsAt(check, "Test") != test)
    return false;
  const Json& log = dockerListAt(memberAt(memberAt(container.raw, "State"), "Health"), "Log");
  if (log.empty() || integerAt(log.back(), "ExitCode", -1) != 0)
    return false;
  const auto ended = dockerTimeAt(log.back(), "End");
  return ended && *ended <= now && now - *ended < oldest;
}

} // namespace ratdeck
