// All that can be asked of one Docker Engine, over one connection.
//
// It only puts together: what each part does stands in its own header. Destroying it drops every call.
#pragma once

#include "core/remote/docker/docker_containers.h"
#include "core/remote/docker/docker_events.h"
#include "core/remote/docker/docker_execs.h"
#include "core/remote/docker/docker_files.h"
#include "core/remote/docker/docker_images.h"
#include "core/remote/docker/docker_logs.h"
#include "core/remote/docker/docker_networks.h"
#include "core/remote/docker/docker_system.h"
#include "core/remote/docker/docker_volumes.h"

namespace ratdeck {

struct DockerClient {
  // `environment`: where the user's registry credentials are found; without it there are none.
  explicit DockerClient(DockerEndpoint endpoint, SshTunnel::Options ssh = {},
                        RegistryCredentials::Environment environment = {})
      : connection(std::move(endpoint), std::move(ssh)), credentials(std::move(environment)) {}

  DockerConnection connection; // cancels by id
  RegistryCredentials credentials;
  DockerSystem system{connection};
  DockerContainers containers{connection};
  DockerImages images{connection, &credentials};
  DockerNetworks networks{connection};
  DockerVolumes volumes{connection};
  DockerExecs execs{connection};
  DockerLogs logs{connection};
  DockerEvents events{connection};
  DockerFiles files{connection};
};

} // namespace ratdeck
