// Waits for a container's end.
#pragma once

#include "core/remote/docker/docker_connection.h"
#include "core/remote/docker/docker_container.h"

namespace ratdeck {

// DockerContainers::wait(). As a stream, since its head comes at once and its body at the end: a connection
// that breaks in between is Unreachable, not an answer that makes no sense.
CallId waitForExit(DockerConnection& connection, const std::string& id, Duration timeout,
                   Answer<DockerExit> done, CallId as = {});

} // namespace ratdeck
