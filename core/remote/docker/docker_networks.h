// Looks at the networks of a Docker Engine, makes them, and ties containers to them. Removing is not offered.
#pragma once

#include "core/base/json.h"
#include "core/remote/docker/docker_connection.h"
#include "core/remote/docker/docker_container.h"
#include "core/remote/docker/docker_filters.h"
#include "core/remote/docker/docker_network.h"

namespace ratdeck {

class DockerNetworks {
public:
  // `connection` must outlive this and every call; its cancel() takes the ids. Errors of all calls: those of
  // DockerConnection::send (NotFound: no such network or container) and of the reader of the answer.
  explicit DockerNetworks(DockerConnection& connection) : m_connection(connection) {}

  CallId list(const DockerFilters& filters, Answer<std::vector<DockerNetwork>> done);
  CallId inspect(const std::string& network, Answer<DockerNetwork> done);
  // `body`: the API's {"Name", "Driver", "IPAM", …}. Errors: Conflict (the name is taken, where the body has
  // CheckDuplicate or the API is 1.44 or newer), Refused (its addresses are taken).
  CallId create(const Json& body, Answer<DockerCreated> done);
  // `endpoint`: the API's EndpointConfig, {"Aliases": […], "IPAMConfig": {"IPv4Address": …}}. Aliases cannot
  // be changed later but by disconnecting. Errors: Refused (it is connected already, as Docker sees it: 403),
  // Conflict.
  CallId connect(const std::string& network, const std::string& container, const Json& endpoint,
                 Answer<Done> done);
  // One that is not connected: fine.
  CallId disconnect(const std::string& network, const std::string& container, Answer<Done> done);

private:
  DockerConnection& m_connection;
};

} // namespace ratdeck
