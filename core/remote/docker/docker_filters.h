// Which containers, networks or events are asked for.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ratdeck {

// By key ("label", "name", "status", "type", "event" …) the values of which one must fit; all keys must fit,
// and of "label" all values.
using DockerFilters = std::map<std::string, std::vector<std::string>>;

// As the API takes them: {"label":["a=b"]}.
std::string toDockerQuery(const DockerFilters& filters);

} // namespace ratdeck
