// Ports on which processes of this machine listen, as the kernel lists them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck {

struct ListeningPort {
  std::string protocol; // tcp, udp
  std::string address;  // of V4; "" = on every address; of V6 as the kernel writes it
  std::uint16_t port = 0;
  bool operator==(const ListeningPort&) const = default;
};

// What a table of /proc/net (tcp, tcp6, udp, udp6) lists; lines of another shape are passed over. Pure.
std::vector<ListeningPort> readListeningPorts(std::string_view table, const std::string& protocol);

// Of the network that this process is in.
std::vector<ListeningPort> listeningPorts();

} // namespace ratdeck
