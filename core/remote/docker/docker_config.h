// The user's docker configuration: where it lies, and its JSON. The environment comes in as a value.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <map>
#include <string>

namespace ratdeck {

using DockerEnvironment = std::map<std::string, std::string>;

// "" for a variable that is not set.
std::string valueOf(const DockerEnvironment& environment, const std::string& name);

// The folder of config.json, the contexts and the certificates: $DOCKER_CONFIG, else $HOME/.docker; ""
// without a home.
std::string dockerConfigFolder(const DockerEnvironment& environment);

// The object in a file of it. Errors: NotFound, Input (no JSON object, too large), Internal; none repeats
// what stands in the file.
Result<Json> readDockerConfig(const std::string& path);

} // namespace ratdeck
