// What a container is made of, by the names of the Compose keys that say it, in a form that is equal where
// the containers would be: whoever made them, by whatever spelling. Pure.
//
// What a tool or the engine adds without being asked is no difference: labels of Compose, default limits,
// the short id among the aliases, the names of anonymous volumes. Two things cannot be told from a
// container: the options of `logging` that are the engine's own, and links, which every tool writes
// otherwise.
#pragma once

#include "core/base/json.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck {

struct ContainerForm {
  Json body;     // of a create
  Json networks; // NAME -> EndpointConfig
  Json image;    // the config of its image: what the body inherits
};

// Compose key -> value: "command", "environment.NAME", "labels.NAME", "volumes", "ports", "networks", …
// It holds the environment: only the names may be shown.
using ContainerFields = std::map<std::string, Json>;

ContainerFields fieldsOf(const ContainerForm& form);

// The names of what the two have differently, sorted.
std::vector<std::string> differingNames(const ContainerFields& a, const ContainerFields& b);

// The fields that can be changed without making the container anew: limits, the restart policy, networks.
ContainerFields changeableFields(const ContainerFields& fields);

// Whether a volume has the name that an engine gives to one without a name.
bool isAnonymousVolume(std::string_view name);

} // namespace ratdeck
