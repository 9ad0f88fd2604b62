// A network of a Docker Engine.
#pragma once

#include "core/base/result.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck {

struct DockerNetwork {
  std::string id;
  std::string name; // not unique by nature
  std::string driver;
  std::string scope; // "local", "swarm"
  bool isInternal = false;
  std::vector<std::string> subnets; // "10.0.0.0/24"
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> members; // id of a running container -> its V4 address; not in the list
};

// Errors (Internal): no JSON of that shape, no id.
Result<std::vector<DockerNetwork>> readDockerNetworks(std::string_view body);
Result<DockerNetwork> readDockerNetwork(std::string_view body);

} // namespace ratdeck
