// Reads and writes one file inside a container of a Docker Engine, running or not: configuration files up to
// 1 MiB.
#pragma once

#include "core/remote/docker/docker_connection.h"
#include "core/remote/docker/docker_file.h"

namespace ratdeck {

// What stands at a path inside a container.
struct DockerPathInfo {
  bool isRegular = false; // a file: no folder, link, device or socket
  long long size = 0;     // bytes
};

// Of the header that describes a path. Errors: Internal (none, or not to be read).
Result<DockerPathInfo> readDockerPathInfo(std::string_view header);

class DockerFiles {
public:
  // `connection` must outlive this and every call; its cancel() takes the ids.
  explicit DockerFiles(DockerConnection& connection) : m_connection(connection) {}
  // Looks at the path and reads nothing. Errors: those of DockerConnection::send (NotFound: no such container
  // or path), of readDockerPathInfo().
  CallId look(const std::string& container, const std::string& path, Answer<DockerPathInfo> done);
  // The regular file at this absolute path. Errors: those of DockerConnection::send (NotFound: no such
  // container or file), of readDockerTar(); Internal for what is far larger than 1 MiB.
  CallId read(const std::string& container, const std::string& path, Answer<DockerFile> done);
  // Writes it into a folder that exists, over what has its name. Errors: those of DockerConnection::send
  // (NotFound: no such folder), of writeDockerTar().
  CallId write(const std::string& container, const std::string& folder, const DockerFile& file,
               Answer<Done> done);

  // Writes it to an absolute path, over what is there; folders that are missing are made, root's and open to
  // all. Errors: as above; Refused or Internal where the container's root is read-only.
  CallId place(const std::string& container, const std::string& path, const DockerFile& file,
               Answer<Done> done);

private:
  CallId put(const std::string& container, const std::string& folder, Result<std::string> archive,
             Answer<Done> done);

  DockerConnection& m_connection;
};

} // namespace ratdeck
