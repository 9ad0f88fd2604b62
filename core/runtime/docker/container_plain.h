// The keys of a service whose value is the API's own, by another name.
#pragma once

#include <span>

namespace ratdeck {

struct PlainKey {
  enum class Kind { Text, Flag, Number, Texts, Labels };
  const char* key; // of Compose
  Kind kind;
  const char* member; // of the API
};

std::span<const PlainKey> plainConfigKeys(); // members of a create's body
std::span<const PlainKey> plainHostKeys();   // members of its HostConfig

} // namespace ratdeck
