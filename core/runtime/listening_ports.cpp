#include "core/runtime/listening_ports.h"

#include <charconv>
#include <fstream>
#include <sstream>

namespace ratdeck {

namespace {

constexpr std::string_view listening = "0A"; // TCP's state
constexpr std::string_view bound = "07";     // UDP's: nobody is connected

template <class Number>
bool readHex(std::string_view text, Number& number) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  return error == std::errc() && stop == text.data() + text.size();
}

// V4 stands there as one number in the machine's order, which is little-endian wherever this runs.
std::string addressOf(std::string_view hex) {
  if (hex.find_first_not_of('0') == std::string_view::npos)
    return {};
  unsigned number = 0;
  if (hex.size() != 8 || !readHex(hex, number))
    return std::string(hex);
  std::string text;
  for (int byte = 0; byte < 4; ++byte, number >>= 8)
    text += (byte == 0 ? "" : ".") + std::to_string(number & 0xFF);
  return text;
}

} // namespace

std::vector<ListeningPort> readListeningPorts(std::string_view table, const std::string& protocol) {
  std::vector<ListeningPort> ports;
  std::istringstream lines{std::string(table)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string slot, local, remote, state;
    words >> slot >> local >> remote >> state;
    const auto colon = local.rfind(':');
    std::uint16_t port = 0;
    if (colon == std::string::npos || state != (protocol == "udp" ? bound : listening) ||
        !readHex(std::string_view(local).substr(colon + 1), port))
      continue;
    ports.push_back({protocol, addressOf(std::string_view(local).substr(0, colon)), port});
  }
  return ports;
}

std::vector<ListeningPort> listeningPorts() {
  std::vector<ListeningPort> ports;
  for (const auto& [file, protocol] : {std::pair("tcp", "tcp"), std::pair("tcp6", "tcp"),
                                       std::pair("udp", "udp"), std::pair("udp6", "udp")}) {
    std::ifstream in(std::string("/proc/net/") + file);
    std::ostringstream text;
    text << in.rdbuf();
    const auto listed = readListeningPorts(text.str(), protocol);
    ports.insert(ports.end(), listed.begin(), listed.end());
  }
  return ports;
}

} // namespace ratdeck
