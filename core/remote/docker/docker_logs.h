// Reads what a container of a Docker Engine has printed.
#pragma once

#include "core/remote/docker/docker_connection.h"
#include "core/remote/docker/docker_frames.h"

#include <functional>

namespace ratdeck {

struct DockerLogLine {
  DockerOutput output = DockerOutput::Stdout; // with a terminal all of it is stdout
  WallTime at;                                // when Docker received it
  std::string text; // at most 64 KiB; raw bytes of the program. Docker cuts lines at 16 KiB and writes the
                    // time before each piece: it then stands in the midst of a longer line
};

class DockerLogs {
public:
  using OnLine = std::function<void(const DockerLogLine&)>;

  // `connection` must outlive this and every call; its cancel() takes the ids. Errors of all calls: those of
  // DockerConnection::send (NotFound: no such container), Internal (a stream that makes no sense, a container
  // whose log cannot be read).
  explicit DockerLogs(DockerConnection& connection) : m_connection(connection) {}

  // The last lines, in the order they came, at most 8 MiB of them.
  CallId tail(const std::string& container, int lines, Answer<std::vector<DockerLogLine>> done);
  // The last lines, and then each as it comes, until the container does not run any more.
  CallId follow(const std::string& container, int lines, OnLine onLine, Answer<Done> done);

private:
  DockerConnection& m_connection;
};

} // namespace ratdeck
