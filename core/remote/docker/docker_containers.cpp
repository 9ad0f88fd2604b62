#include "core/remote/docker/docker_containers.h"

#include "core/remote/docker/docker_decoding.h"
#include "core/remote/docker/docker_stopping.h"
#include "core/remote/docker/docker_waiting.h"

namespace ratdeck {

namespace {

constexpr Duration createTimeout = 60s; // a new layer may have to be written
constexpr Duration startTimeout = 60s;
constexpr Duration removeTimeout = 60s;

DockerRequest request(const std::string& method, const std::string& id, const std::string& verb = {}) {
  DockerRequest request;
  request.method = method;
  request.path = "/containers/" + id + verb;
  return request;
}

bool isGone(const Error& error) {
  return error.kind == ErrorKind::NotFound ||
         (error.kind == ErrorKind::Conflict &&
          error.message.find("is already in progress") != std::string::npos);
}

} // namespace

CallId DockerContainers::list(const DockerFilters& filters,
                              Answer<std::vector<DockerContainerSummary>> done) {
  DockerRequest asked = request("GET", "json");
  asked.query = {{"all", "true"}, {"filters", toDockerQuery(filters)}};
  return m_connection.send(std::move(asked), decodedBy(&readDockerContainers, std::move(done)));
}

CallId DockerContainers::inspect(const std::string& id, Answer<DockerContainer> done) {
  return m_connection.send(request("GET", id, "/json"), decodedBy(&readDockerContainer, std::move(done)));
}

CallId DockerContainers::create(const std::string& name, const Json& body, Answer<DockerCreated> done,
                                const std::string& platform) {
  DockerRequest asked = request("POST", "create");
  asked.query = {{"name", name}};
  if (!platform.empty())
    asked.query.emplace_back("platform", platform);
  asked.body = dumpJson(body);
  asked.timeout = createTimeout;
  return m_connection.send(std::move(asked), decodedBy(&readDockerCreated, std::move(done)));
}

CallId DockerContainers::start(const std::string& id, Answer<Done> done) {
  DockerRequest asked = request("POST", id, "/start");
  asked.timeout = startTimeout;
  return m_connection.send(std::move(asked), doneBy(std::move(done)));
}

CallId DockerContainers::kill(const std::string& id, const std::string& signal, Answer<Done> done) {
  DockerRequest asked = request("POST", id, "/kill");
  asked.query = {{"signal", signal}};
  return m_connection.send(std::move(asked), doneBy(std::move(done)));
}

CallId DockerContainers::wait(const std::string& id, Duration timeout, Answer<DockerExit> done) {
  return waitForExit(m_connection, id, timeout, std::move(done));
}

CallId DockerContainers::stop(const std::string& id, const DockerStop& stop, Answer<DockerStopped> done) {
  return stopContainer(m_connection, id, stop, std::move(done));
}

CallId DockerContainers::remove(const std::string& id, bool force, Answer<Done> done) {
  DockerRequest asked = request("DELETE", id);
  asked.query = {{"v", "true"}, {"force", force ? "true" : "false"}};
  asked.timeout = removeTimeout;
  return m_connection.send(std::move(asked), doneBy(std::move(done), &isGone));
}

CallId DockerContainers::removeKeepingVolumes(const std::string& id, Answer<Done> done) {
  DockerRequest asked = request("DELETE", id);
  asked.timeout = removeTimeout;
  return m_connection.send(std::move(asked), doneBy(std::move(done), &isGone));
}

} // namespace ratdeck
