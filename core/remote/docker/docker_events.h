// Listens to the events of a Docker Engine.
#pragma once

#include "core/remote/docker/docker_connection.h"
#include "core/remote/docker/docker_event.h"
#include "core/remote/docker/docker_filters.h"

#include <functional>

namespace ratdeck {

struct DockerListener {
  std::function<void()> onOpen; // events from now on are heard; may be empty
  std::function<void(const DockerEvent&)> onEvent;
};

class DockerEvents {
public:
  // `connection` must outlive this and every call; its cancel() takes the ids.
  explicit DockerEvents(DockerConnection& connection) : m_connection(connection) {}
  // Answers when the stream has ended, for whatever reason: the engine went down, or the connection broke. An
  // event that cannot be read ends it too (Internal). A listener may cancel the call.
  CallId listen(const DockerFilters& filters, DockerListener listener, Answer<Done> done);

private:
  DockerConnection& m_connection;
};

} // namespace ratdeck
