// Asks a Docker Engine about itself.
#pragma once

#include "core/remote/docker/docker_connection.h"
#include "core/remote/docker/docker_daemon.h"

namespace ratdeck {

class DockerSystem {
public:
  // `connection` must outlive this and every call; its cancel() takes the ids. Errors of all calls: those of
  // DockerConnection::send and of the reader of the answer.
  explicit DockerSystem(DockerConnection& connection) : m_connection(connection) {}
  // Whether it answers, within 5 s.
  CallId ping(Answer<Done> done);
  CallId version(Answer<DockerVersion> done);
  CallId info(Answer<DockerInfo> done);

private:
  DockerConnection& m_connection;
};

} // namespace ratdeck
