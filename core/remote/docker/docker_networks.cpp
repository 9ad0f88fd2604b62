#include "core/remote/docker/docker_networks.h"

#include "core/remote/docker/docker_decoding.h"

namespace ratdeck {

namespace {

DockerRequest request(const std::string& method, const std::string& path) {
  DockerRequest request;
  request.method = method;
  request.path = "/networks" + path;
  request.timeout = 30s;
  return request;
}

bool isApart(const Error& error) {
  return error.message.find("is not connected to") != std::string::npos;
}

} // namespace

CallId DockerNetworks::list(const DockerFilters& filters, Answer<std::vector<DockerNetwork>> done) {
  DockerRequest asked = request("GET", "");
  asked.query = {{"filters", toDockerQuery(filters)}};
  return m_connection.send(std::move(asked), decodedBy(&readDockerNetworks, std::move(done)));
}

CallId DockerNetworks::inspect(const std::string& network, Answer<DockerNetwork> done) {
  return m_connection.send(request("GET", "/" + network), decodedBy(&readDockerNetwork, std::move(done)));
}

CallId DockerNetworks::create(const Json& body, Answer<DockerCreated> done) {
  DockerRequest asked = request("POST", "/create");
  asked.body = dumpJson(body);
  return m_connection.send(std::move(asked), decodedBy(&readDockerCreated, std::move(done)));
}

CallId DockerNetworks::connect(const std::string& network, const std::string& container, const Json& endpoint,
                               Answer<Done> done) {
  DockerRequest asked = request("POST", "/" + network + "/connect");
  asked.body = dumpJson({{"Container", container}, {"EndpointConfig", endpoint}});
  return m_connection.send(std::move(asked), doneBy(std::move(done)));
}

CallId DockerNetworks::disconnect(const std::string& network, const std::string& container,
                                  Answer<Done> done) {
  DockerRequest asked = request("POST", "/" + network + "/disconnect");
  asked.body = dumpJson({{"Container", container}, {"Force", false}});
  return m_connection.send(std::move(asked), doneBy(std::move(done), &isApart));
}

} // namespace ratdeck
