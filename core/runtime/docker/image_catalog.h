// What the references of a plan stand for, on the engine and in their registries. It changes nothing and
// pulls nothing.
//
// The engine is asked first. An image that was built or loaded there has no digest in its repository: it is
// what its id says, and no registry is asked for its name. A registry that does not answer is no obstacle
// where the image is there: the version says so for people.
#pragma once

#include "core/remote/docker/docker_call_set.h"
#include "core/remote/docker/docker_client.h"
#include "core/runtime/runtime.h"

#include <map>
#include <string>
#include <vector>

namespace ratdeck {

struct ImageVersion {
  std::string id;           // "sha256:…" of the image the engine has under the reference; "" if it has none
  std::string digest;       // "sha256:…" that the reference leads to in its registry now; "" if not known
  bool isLocalOnly = false; // never pulled or pushed under this name: its id alone tells it apart
  bool isMoved = false;     // id is there, and digest leads to another image
  std::string trouble; // for people, one line: the registry does not answer, the architecture is another …
  std::string os, architecture; // of the one that is there, else what the registry has alone; "" if not known
};

class ImageCatalog {
public:
  using Versions = std::map<std::string, Result<ImageVersion>>; // by the reference as it was given

  // `docker` must outlive this. Destroying it drops what is under way.
  explicit ImageCatalog(DockerClient& docker) : m_docker(docker), m_calls(docker.connection) {}

  // Several side by side, each within some 10 s; a registry that has been silent once is not asked for the
  // other references. Errors of the whole: those of the engine's version (Unreachable …). Of one reference:
  // Input (it is none), NotFound (neither the engine nor the registry has it), Refused (only the registry
  // could have it, and wants to know who asks), Internal (only the registry could have it, and it does not
  // answer).
  void resolve(const std::vector<std::string>& references, Callback<Versions> done);

private:
  DockerClient& m_docker;
  DockerCallSet m_calls;
};

} // namespace ratdeck
