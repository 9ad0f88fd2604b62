// Looks at, pulls and tags images of a Docker Engine, and lets it ask their registries.
#pragma once

#include "core/remote/docker/docker_connection.h"
#include "core/remote/docker/docker_image.h"
#include "core/remote/docker/registry_credentials.h"

namespace ratdeck {

class DockerImages {
public:
  using OnStep = std::function<void(const DockerPullStep&)>;

  // `connection` must outlive this and every call; its cancel() takes the ids. Errors of all calls: those of
  // DockerConnection::send (NotFound: no such image) and of the reader of the answer.
  // `credentials` are sent to the registry they are for; they must live as long as the connection's calls and
  // end before it does. Null: none are sent.
  explicit DockerImages(DockerConnection& connection, RegistryCredentials* credentials = nullptr)
      : m_connection(connection), m_credentials(credentials) {}

  // By id ("sha256:…"), reference or digest.
  CallId inspect(const std::string& image, Answer<DockerImage> done);
  // Those with a tag that fits: a pattern of NAME[:TAG] in which * stands for anything but a slash.
  CallId list(const std::string& pattern, Answer<std::vector<DockerImageSummary>> done);
  // What the reference leads to in its registry now, within 5 s; pulls nothing. Errors: Input (no reference),
  // and of the registry: NotFound (no such image), Refused (it wants to know who asks), Timeout, Internal.
  // Each says what to do next. Unreachable is the engine, never the registry.
  CallId lookUp(const std::string& reference, Answer<DockerDistribution> done);
  // `onStep` (may be empty) sees the progress; two minutes without any is a Timeout. The engine works on
  // until the call is cancelled or this connection ends. Errors: as lookUp().
  CallId pull(const std::string& reference, OnStep onStep, Answer<DockerPull> done);
  // Gives the image one more reference, taking it from the image that had it. Errors: Input.
  CallId tag(const std::string& image, const std::string& reference, Answer<Done> done);
  // Removes the reference, and the image with its last one unless a container uses it. One that does not
  // exist: fine. Errors: Conflict (a container uses it).
  CallId removeTag(const std::string& reference, Answer<Done> done);

private:
  // `credentials`: why there are none, for a refusal.
  using Send = std::function<void(DockerRequest request, const std::string& credentials, CallId as)>;
  CallId withCredentials(const std::string& registry, DockerRequest request, Send send);

  DockerConnection& m_connection;
  RegistryCredentials* m_credentials;
};

} // namespace ratdeck
