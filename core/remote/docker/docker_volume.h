// A named volume of a Docker Engine.
#pragma once

#include "core/base/result.h"

#include <map>
#include <string>
#include <string_view>

namespace ratdeck {

struct DockerVolume {
  std::string name; // unique
  std::string driver;
  std::map<std::string, std::string> labels;
};

// Errors (Internal): no JSON of that shape, no name.
Result<DockerVolume> readDockerVolume(std::string_view body);

} // namespace ratdeck
