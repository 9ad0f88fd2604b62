// The stop of a container, step by step: POST /stop takes a signal only from API 1.42, holds its answer back
// for the whole grace, and does not tell whether it had to kill.
#pragma once

#include "core/remote/docker/docker_containers.h"

namespace ratdeck {

// DockerContainers::stop().
CallId stopContainer(DockerConnection& connection, const std::string& id, const DockerStop& stop,
                     Answer<DockerStopped> done);

} // namespace ratdeck
