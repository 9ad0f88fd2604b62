// Looks at, pulls and tags images of a Docker Engine.
#pragma once

#include "core/remote/docker/docker_connection.h"
#include "core/remote/docker/docker_image.h"

namespace ratdeck {

class DockerImages {
public:
  using OnStep = std::function<void(const DockerPullStep&)>;

  // `connection` must outlive this and every call; its cancel() takes the ids. Errors of all calls: those of
  // DockerConnection::send (NotFound: no such image) and of the reader of the answer.
  explicit DockerImages(DockerConnection& connection) : m_connection(connection) {}

  // By id ("sha256:…"), reference or digest.
  CallId inspect(const std::string& image, Answer<DockerImage> done);
  // Without credentials. `onStep` (may be empty) sees the progress; two minutes without any is a Timeout. The
  // engine works on until the call is cancelled or this connection ends. Errors: Input (no reference),
  // NotFound (the registry has no such image), Refused (it wants to know who asks), Unreachable is the
  // engine, never the registry: that one is Internal, with what to do next.
  CallId pull(const std::string& reference, OnStep onStep, Answer<DockerPull> done);
  // Gives the image one more reference, taking it from the image that had it. Errors: Input.
  CallId tag(const std::string& image, const std::string& reference, Answer<Done> done);
  // Removes the reference, and the image with its last one unless a container uses it. One that does not
  // exist: fine. Errors: Conflict (a container uses it).
  CallId removeTag(const std::string& reference, Answer<Done> done);

private:
  DockerConnection& m_connection;
};

} // namespace ratdeck
