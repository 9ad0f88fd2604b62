// A service of a Compose file -> the container that a Docker Engine is asked for, with Compose's own meaning
// of every key. Pure: it asks no engine, so the same service gives the same request.
//
// It must not know of rollouts or of the router. A key that is not known here, or that no engine can carry
// out, is an error that names it; a key that Compose heeds in a swarm alone is named in `unheeded`. The life
// of a request: a draft (container_draft.h) goes through one module a noun (process, isolation, limits,
// mounts, files, networks), each takes its keys, and what nobody took is the error.
#pragma once

#include "core/base/id.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/remote/docker/docker_file.h"
#include "core/spec/stack_spec.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ratdeck {

struct ContainerNetwork {
  std::string network; // its real name
  Json endpoint;       // the API's EndpointConfig: Aliases, IPAMConfig, Links, DriverOpts
};

struct ContainerFile {
  std::string path; // absolute, inside; its folder may have to be made
  DockerFile file;
};

struct ContainerRequest {
  std::string name;
  std::string platform; // "linux/arm64": a parameter of the create; empty: the engine's own
  // Of POST /containers/create, the first network in NetworkingConfig. It holds the environment: never to be
  // shown.
  Json body;
  // The others, to be connected before the start: below API 1.44 a create takes one network.
  std::vector<ContainerNetwork> networks;
  std::vector<ContainerFile> files;     // to be written into it before the start
  std::vector<ContainerFile> hostFiles; // to be written beside the engine before the create: it mounts them
  std::vector<std::string> unheeded;    // for people: keys without effect on one engine, and why
};

// Who the copy is: what its name and labels say.
struct CopyIdentity {
  InstanceId id;
  int number = 0;
  int revision = 0;
  RolloutId rollout;
  std::string specHash;
  std::string store = {}; // that the revision lies in
  bool isOnce = false;    // made for one command alone: no copy of the service
};

struct ContainerOptions {
  // False: behind a router, which has the service's name and aliases; a copy is known by its own name alone.
  bool hasServiceAlias = true;
  bool publishesPorts = true; // false: the router has the host ports
  // Of this copy alone, on the engine's machine: where content lies that a read-only root cannot be given.
  // Empty: the engine is elsewhere, and such content is an error.
  std::string hostFolder;
  int apiMinor = 40; // of API 1.N that the request is for
  // Service -> name or id of the container whose namespaces or volumes are shared, for network_mode, ipc and
  // pid: service:NAME, and volumes_from.
  std::map<std::string, std::string> containers;
  // The text of a seccomp profile, its path as written. Not set: such a path is an error.
  std::function<Result<std::string>(const std::string& path)> readProfile;
};

// `stack` gives the project and the top-level networks, volumes, secrets and configs. Errors: Input with the
// place of the key; NotFound (a network, volume, secret or config that the stack does not define, a service
// that options.containers lacks).
Result<ContainerRequest> containerRequest(const ServiceSpec& service, const StackSpec& stack,
                                          const CopyIdentity& copy, const ContainerOptions& options = {});

} // namespace ratdeck
