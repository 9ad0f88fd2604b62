#include "core/remote/docker/docker_volumes.h"

#include "core/remote/docker/docker_decoding.h"

namespace ratdeck {

namespace {

DockerRequest request(const std::string& method, const std::string& path) {
  DockerRequest request;
  request.method = method;
  request.path = "/volumes" + path;
  request.timeout = std::chrono::seconds(30); // a driver may have to be asked
  return request;
}

} // namespace

CallId DockerVolumes::inspect(const std::string& volume, Answer<DockerVolume> done) {
  return m_connection.send(request("GET", "/" + volume), decodedBy(&readDockerVolume, std::move(done)));
}

CallId DockerVolumes::create(const Json& body, Answer<DockerVolume> done) {
  DockerRequest asked = request("POST", "/create");
  asked.body = dumpJson(body);
  return m_connection.send(std::move(asked), decodedBy(&readDockerVolume, std::move(done)));
}

} // namespace ratdeck
