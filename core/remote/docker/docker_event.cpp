#include "core/remote/docker/docker_event.h"

#include "core/remote/docker/docker_answer.h"

namespace ratdeck {

Result<DockerEvent> readDockerEvent(std::string_view line) {
  const auto json = readDockerJson(line, "an event");
  if (!json)
    return failure(json.error());
  const Json& actor = memberAt(*json, "Actor");
  DockerEvent event{textAt(*json, "Type"), textAt(*json, "Action"), textAt(actor, "ID"),
                    dockerLabelsAt(actor, "Attributes"),
                    WallTime(std::chrono::nanoseconds(integerAt(*json, "timeNano")))};
  if (event.type.empty() || event.action.empty())
    return failure(ErrorKind::Internal, "Docker told of an event without type or action");
  return event;
}

} // namespace ratdeck
