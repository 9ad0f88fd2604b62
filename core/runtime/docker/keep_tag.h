// The tags that keep images of a stack from being pruned: ratdeck-keep/PROJECT/SERVICE:STORE-rREVISION.
// Pure.
#pragma once

#include <optional>
#include <string>

namespace ratdeck {

// Project and service as Docker allows them in a name: as they are where that fits, else made plain, with the
// start of their digest, so that two names never share a tag.
// `store`: the id of the revision store, hexadecimal digits.
std::string keepTag(const std::string& project, const std::string& store, const std::string& service,
                    int revision);

// The pattern that all tags of the project fit, for a list of images.
std::string keepPattern(const std::string& project);

// The revision of this store that a tag of this project keeps; nothing for any other tag.
std::optional<int> keptRevision(const std::string& project, const std::string& store, const std::string& tag);

} // namespace ratdeck
