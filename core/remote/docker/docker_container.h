// A container of a Docker Engine, as the list shows it and as its inspection does.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck {

enum class DockerState { Created, Running, Paused, Restarting, Removing, Exited, Dead };
enum class DockerHealth { None, Starting, Healthy, Unhealthy };

// How a container stands in one network.
struct DockerAttachment {
  std::string networkId;            // empty before the container's first start
  std::string address;              // V4, empty while it does not run
  std::vector<std::string> aliases; // up to API 1.44 the container's short id is one of them
};

// A port of the host that a running container has.
struct DockerHostPort {
  std::string address; // of the host; "0.0.0.0" and "::": every one
  std::uint16_t port = 0;
  std::string protocol; // tcp, udp, sctp
  bool operator==(const DockerHostPort&) const = default;
};

// One entry of the list.
struct DockerContainerSummary {
  std::string id;
  std::string name;    // without the slash; the first where there are several (links)
  std::string image;   // as it was named at create, or the id where that name has moved
  std::string imageId; // "sha256:…"
  DockerState state = DockerState::Created;
  std::map<std::string, std::string> labels;
  std::map<std::string, DockerAttachment> networks; // by name; the list knows no aliases
  std::vector<DockerHostPort> ports;
};

struct DockerContainer {
  std::string id;
  std::string name;
  std::string image;
  std::string imageId;
  DockerState state = DockerState::Created;
  DockerHealth health = DockerHealth::None;
  int exitCode = 0;
  bool oomKilled = false;
  std::string error; // why it could not be started
  std::optional<WallTime> createdAt, startedAt, finishedAt;
  int restarts = 0;
  std::string restartPolicy; // "no", "always", "on-failure", "unless-stopped"
  std::string stopSignal;    // empty: SIGTERM
  bool isTty = false;
  std::map<std::string, std::string> labels;
  std::map<std::string, DockerAttachment> networks; // by name
  // All of it, from which it can be made again. It holds the environment: secrets, never to be shown.
  Json raw;

  bool isRunning() const { return state == DockerState::Running || state == DockerState::Paused; }
};

// How a container ended.
struct DockerExit {
  int exitCode = 0;
  std::string error;
};

// What a create of a container or of a network answers.
struct DockerCreated {
  std::string id;
  std::vector<std::string> warnings;
};

// Errors (Internal): no JSON of that shape, no id, an unknown state.
Result<std::vector<DockerContainerSummary>> readDockerContainers(std::string_view body);
Result<DockerContainer> readDockerContainer(std::string_view body);
Result<DockerCreated> readDockerCreated(std::string_view body);
Result<DockerExit> readDockerExit(std::string_view body);

} // namespace ratdeck
