// The user's credentials for a registry, as the docker command finds them: config.json names a credential
// helper for it, or keeps them itself. The file is read anew each time, so that a `docker login` counts at
// once.
//
// It asks no registry. Answers as core/remote/call.h says; destroying it drops what is under way and ends the
// helpers.
#pragma once

#include "core/base/secret.h"
#include "core/remote/call.h"
#include "core/remote/docker/docker_config.h"

#include <memory>
#include <string>

namespace ratdeck {

class RegistryCredentials {
public:
  using Environment = DockerEnvironment;

  // Variables read: DOCKER_CONFIG, HOME, and PATH for the helpers, each of which may take `helperTimeout`.
  explicit RegistryCredentials(Environment environment, Duration helperTimeout = std::chrono::seconds(5));
  ~RegistryCredentials();
  RegistryCredentials(const RegistryCredentials&) = delete;
  RegistryCredentials& operator=(const RegistryCredentials&) = delete;

  // What X-Registry-Auth is for this registry (DockerReference::registry()); empty: none are kept. Errors,
  // none of which has a secret in it: Input (config.json or the helper's answer cannot be read), NotFound (no
  // such helper in PATH), Timeout and Internal (of the helper).
  void find(const std::string& registry, Answer<Secret> done);

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace ratdeck
