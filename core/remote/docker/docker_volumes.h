// Looks at the named volumes of a Docker Engine, and makes them. Removing is not offered: data is in them.
#pragma once

#include "core/base/json.h"
#include "core/remote/docker/docker_connection.h"
#include "core/remote/docker/docker_volume.h"

namespace ratdeck {

class DockerVolumes {
public:
  // `connection` must outlive this and every call; its cancel() takes the ids. Errors of all calls: those of
  // DockerConnection::send and of the reader of the answer.
  explicit DockerVolumes(DockerConnection& connection) : m_connection(connection) {}

  // Errors: NotFound (no such volume).
  CallId inspect(const std::string& volume, Answer<DockerVolume> done);
  // `body`: the API's {"Name", "Driver", "DriverOpts", "Labels"}. One of this name and driver that exists is
  // answered as it is. Errors: Conflict (it has another driver), NotFound (no such driver).
  CallId create(const Json& body, Answer<DockerVolume> done);

private:
  DockerConnection& m_connection;
};

} // namespace ratdeck
