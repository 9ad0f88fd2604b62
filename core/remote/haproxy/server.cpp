#include "core/remote/haproxy/server.h"

#include <algorithm>
#include <charconv>

namespace ratdeck {

namespace {

constexpr std::size_t longestName = 200;

bool isWordCharacter(char c, std::string_view others) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         others.find(c) != std::string_view::npos;
}

bool isWord(std::string_view text, std::string_view others) {
  return !text.empty() && text.size() <= longestName &&
         std::all_of(text.begin(), text.end(), [&](char c) { return isWordCharacter(c, others); });
}

} // namespace

bool isHaproxyName(std::string_view name) {
  return isWord(name, "-_.:");
}

bool isHaproxyAddress(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || !isWord(address.substr(0, colon), "-_.:[]"))
    return false;
  int port = 0;
  const auto digits = address.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size() && port >= 1 && port <= 65535;
}

Status checkHaproxyServer(const HaproxyServerName& name) {
  if (!isHaproxyName(name.backend) || !isHaproxyName(name.server))
    return failure(ErrorKind::Input, "not a name that HAProxy takes: \"" + name.path() + "\"",
                   "use letters, digits, '-', '_', '.' and ':'");
  return Done{};
}

Status checkHaproxyOptions(const HaproxyServerOptions& options) {
  if (options.interval < 1ms || options.interval > 24h)
    return failure(ErrorKind::Input, "the check interval is not between 1 ms and 24 h");
  if (options.rise < 1 || options.fall < 1)
    return failure(ErrorKind::Input, "rise and fall are at least 1");
  if (options.weight < 1 || options.weight > 256)
    return failure(ErrorKind::Input, "the weight is not between 1 and 256");
  if (options.maxConnections < 0)
    return failure(ErrorKind::Input, "the limit of connections is negative");
  return Done{};
}

std::string toHaproxyKeywords(const HaproxyServerOptions& options) {
  std::string words;
  if (options.isChecked) {
    const auto interval = std::chrono::ceil<std::chrono::milliseconds>(options.interval).count();
    words += "check inter " + std::to_string(interval) + "ms rise " + std::to_string(options.rise) +
             " fall " + std::to_string(options.fall) + " ";
  }
  words += "weight " + std::to_string(options.weight);
  if (options.maxConnections > 0)
    words += " maxconn " + std::to_string(options.maxConnections);
  if (options.isH2)
    words += " proto h2";
  return words;
}

} // namespace ratdeck
