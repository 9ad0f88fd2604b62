#include "app/sandbox/endpoint.h"

#include <charconv>

namespace ratdeck::sandbox {

Result<Endpoint> parseEndpoint(std::string_view text, std::uint16_t defaultPort) {
  std::string_view rest = text;
  if (auto scheme = rest.find("://"); scheme != rest.npos)
    rest.remove_prefix(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (auto at = rest.rfind('@'); at != rest.npos)
    rest.remove_prefix(at + 1);
  Endpoint endpoint;
  endpoint.port = defaultPort;
  auto colon = rest.rfind(':');
  endpoint.host = std::string(rest.substr(0, colon));
  if (colon != rest.npos) {
    auto digits = rest.substr(colon + 1);
    unsigned port = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size() || port == 0 || port > 65535)
      return failure(ErrorKind::Input, "\"" + std::string(text) + "\" has no valid port");
    endpoint.port = static_cast<std::uint16_t>(port);
  }
  if (endpoint.host.empty() || endpoint.port == 0)
    return failure(ErrorKind::Input, "\"" + std::string(text) + "\" is not HOST:PORT");
  return endpoint;
}

} // namespace ratdeck::sandbox
