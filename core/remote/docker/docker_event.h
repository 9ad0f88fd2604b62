// One event of a Docker Engine: a hint that something has changed, never the state itself.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <map>
#include <string>
#include <string_view>

namespace ratdeck {

struct DockerEvent {
  std::string type;   // "container", "network", "image", "daemon" …
  std::string action; // "start", "die", "health_status: healthy", "exec_create: …"
  std::string id;     // of what it happened to
  std::map<std::string, std::string> attributes; // labels, and "image", "name", "exitCode" …
  WallTime at;
};

// One line of GET /events. Errors (Internal): no JSON object, no type, no action.
Result<DockerEvent> readDockerEvent(std::string_view line);

} // namespace ratdeck
