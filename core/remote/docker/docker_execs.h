// Runs a command inside a running container of a Docker Engine.
#pragma once

#include "core/remote/docker/docker_connection.h"

namespace ratdeck {

struct DockerCommand {
  std::vector<std::string> argv;
  std::string user; // empty: the container's
  Duration timeout = std::chrono::seconds(10);
  std::size_t mostOutput = 64u << 10; // bytes that are kept, the first ones
};

struct DockerExecResult {
  int exitCode = -1;
  std::string output;    // stdout and stderr as they came
  std::string printed;   // what of it was stdout
  bool isCut = false;    // there was more
  bool timedOut = false; // it runs on: Docker has no call that ends it
};

class DockerExecs {
public:
  // `connection` must outlive this and every call; its cancel() takes the ids.
  explicit DockerExecs(DockerConnection& connection) : m_connection(connection) {}

  // Creates, starts, reads to the end, asks for the exit code. 126 and 127 are Docker's: it cannot be run, is
  // not there. Errors: those of DockerConnection::send (NotFound: no such container, Conflict: it does not
  // run), Internal (an answer that makes no sense).
  CallId run(const std::string& container, const DockerCommand& command, Answer<DockerExecResult> done);

private:
  DockerConnection& m_connection;
};

// The body of POST /containers/ID/exec; pure. No terminal, no input, never privileged.
std::string dockerExecBody(const DockerCommand& command);

} // namespace ratdeck
