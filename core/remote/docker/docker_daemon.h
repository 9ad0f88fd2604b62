// What a Docker Engine says of itself.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck {

struct DockerVersion {
  std::string version;    // "20.10.24+dfsg1"
  std::string apiVersion; // "1.41"
  std::string minApiVersion;
  std::string os;
  std::string architecture;
  std::string kernel;
};

enum class DockerSwarm { Inactive, Pending, Active, Error, Locked };

struct DockerInfo {
  std::string id; // of this engine; survives its restarts
  std::string name;
  std::string serverVersion;
  std::string storageDriver;
  std::string cgroupDriver;
  std::string operatingSystem;
  std::string architecture; // as uname has it: "x86_64", "aarch64"
  std::string rootFolder;
  int containers = 0;
  int containersRunning = 0;
  int processors = 0;
  long long memory = 0;     // bytes
  bool liveRestore = false; // containers outlive a restart of the engine
  DockerSwarm swarm = DockerSwarm::Inactive;
  bool isSwarmManager = false;
  std::vector<std::string> warnings;
  std::optional<WallTime> time; // what its clock says
};

// Errors (Internal): no JSON object, no version; no id, an unknown state of the swarm.
Result<DockerVersion> readDockerVersion(std::string_view body);
Result<DockerInfo> readDockerInfo(std::string_view body);

} // namespace ratdeck
