// Where a router that is driven from here has the socket of its runtime API: in a folder of this machine, or,
// where it is asked through the relay, in a volume.
#pragma once

#include "core/runtime/docker/docker_vantage.h"

#include <string>

namespace ratdeck {

class RouterSocket {
public:
  // `vantage` outlives this object; `folder`: of the stack, on this machine.
  RouterSocket(const DockerVantage& vantage, const std::string& folder, const std::string& project)
      : m_vantage(vantage), m_folder(folderIn(folder)), m_volume(volumeOf(project)) {}

  static std::string volumeOf(const std::string& project) { return project + "_ratdeck-router"; }
  // The socket as this machine sees it.
  static std::string hereIn(const std::string& folder) { return folderIn(folder) + "/haproxy.sock"; }

  // What a new router is to mount: the folder, which is made, or the volume. Errors: Input (the path is too
  // long for a socket), Internal.
  Result<std::string> place() const;
  // Whether a router with this mount ("" = none) is driven from here. The relay mounts what the router has.
  bool isReached(const std::string& mount) const;

private:
  static std::string folderIn(const std::string& folder) { return folder + "/socket"; }

  const DockerVantage& m_vantage;
  std::string m_folder, m_volume;
};

} // namespace ratdeck
