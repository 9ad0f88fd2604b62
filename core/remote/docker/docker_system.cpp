#include "core/remote/docker/docker_system.h"

#include "core/remote/docker/docker_decoding.h"

namespace ratdeck {

CallId DockerSystem::ping(Answer<Done> done) {
  DockerRequest request;
  request.path = "/_ping";
  request.timeout = 5s;
  return m_connection.send(std::move(request), doneBy(std::move(done)));
}

CallId DockerSystem::version(Answer<DockerVersion> done) {
  DockerRequest request;
  request.path = "/version";
  return m_connection.send(std::move(request), decodedBy(&readDockerVersion, std::move(done)));
}

CallId DockerSystem::info(Answer<DockerInfo> done) {
  DockerRequest request;
  request.path = "/info";
  return m_connection.send(std::move(request), decodedBy(&readDockerInfo, std::move(done)));
}

} // namespace ratdeck
