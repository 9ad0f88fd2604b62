// A host and port taken from the forms that environments use: "host:port", "http://host:port/path",
// "postgres://user:password@host:port/name?x=y".
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace ratdeck::sandbox {

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  std::string toString() const { return host + ":" + std::to_string(port); }
  bool operator==(const Endpoint&) const = default;
};

// defaultPort 0 = a port must be written. Errors (kind Input): no host, no port, a port out of 1 to 65535.
Result<Endpoint> parseEndpoint(std::string_view text, std::uint16_t defaultPort = 0);

} // namespace ratdeck::sandbox
