// Finds HOST:PORT inside a value of an environment: in URLs, lists, `key=value` options, connection strings.
// Pure.
//
// A host counts where the value starts or after "//", "@", ",", "=", ";", "(", a quote or a space; the port
// ends the value or is followed by one of / , ? # & ; ) a quote or a space. So the password of
// "//postgres:5432@db:5432" is never taken for a port.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck {

struct HostReference {
  std::size_t position = 0; // of the host's first character
  std::string_view host;    // into the value
  std::uint16_t port = 0;   // 1 to 65535
};

// In the order they stand. The views live as long as the value.
std::vector<HostReference> findHostReferences(std::string_view value);

// The value with each host replaced by what `addressOf` answers for it; "" leaves the host as it is.
std::string mapHosts(std::string_view value,
                     const std::function<std::string(std::string_view host)>& addressOf);

} // namespace ratdeck
