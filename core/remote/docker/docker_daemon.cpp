#include "core/remote/docker/docker_daemon.h"

#include "core/remote/docker/docker_answer.h"

namespace ratdeck {

namespace {

Result<DockerSwarm> swarmOf(const std::string& state) {
  if (state == "inactive" || state.empty())
    return DockerSwarm::Inactive;
  if (state == "pending")
    return DockerSwarm::Pending;
  if (state == "active")
    return DockerSwarm::Active;
  if (state == "error")
    return DockerSwarm::Error;
  if (state == "locked")
    return DockerSwarm::Locked;
  return failure(ErrorKind::Internal, "Docker names an unknown state of the swarm: " + dockerWords(state));
}

} // namespace

Result<DockerVersion> readDockerVersion(std::string_view body) {
  const auto json = readDockerJson(body, "its version");
  if (!json)
    return failure(json.error());
  DockerVersion version{textAt(*json, "Version"),       textAt(*json, "ApiVersion"),
                        textAt(*json, "MinAPIVersion"), textAt(*json, "Os"),
                        textAt(*json, "Arch"),          textAt(*json, "KernelVersion")};
  if (version.version.empty())
    return failure(ErrorKind::Internal, "Docker's answer, its version, names none");
  return version;
}

Result<DockerInfo> readDockerInfo(std::string_view body) {
  const auto json = readDockerJson(body, "what it says of itself");
  if (!json)
    return failure(json.error());
  DockerInfo info;
  info.id = textAt(*json, "ID");
  if (info.id.empty())
    return failure(ErrorKind::Internal, "Docker says of itself no id");
  info.name = textAt(*json, "Name");
  info.serverVersion = textAt(*json, "ServerVersion");
  info.storageDriver = textAt(*json, "Driver");
  info.cgroupDriver = textAt(*json, "CgroupDriver");
  info.operatingSystem = textAt(*json, "OperatingSystem");
  info.architecture = textAt(*json, "Architecture");
  info.rootFolder = textAt(*json, "DockerRootDir");
  info.containers = dockerIntAt(*json, "Containers");
  info.containersRunning = dockerIntAt(*json, "ContainersRunning");
  info.processors = dockerIntAt(*json, "NCPU");
  info.memory = integerAt(*json, "MemTotal");
  info.liveRestore = boolAt(*json, "LiveRestoreEnabled");
  info.warnings = dockerTextsAt(*json, "Warnings");
  info.time = dockerTimeAt(*json, "SystemTime");
  const Json& swarm = memberAt(*json, "Swarm");
  const auto state = swarmOf(textAt(swarm, "LocalNodeState"));
  if (!state)
    return failure(state.error());
  info.swarm = *state;
  info.isSwarmManager = boolAt(swarm, "ControlAvailable");
  return info;
}

} // namespace ratdeck
