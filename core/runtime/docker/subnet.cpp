#include "core/runtime/docker/subnet.h"

#include <arpa/inet.h>
#include <bit>
#include <charconv>

namespace ratdeck {

namespace {

constexpr int fewestHostBits = 6;
constexpr int mostHostBits = 16;

std::string textOf(std::uint32_t address) {
  const in_addr raw{htonl(address)};
  char text[INET_ADDRSTRLEN] = {};
  inet_ntop(AF_INET, &raw, text, sizeof text);
  return text;
}

} // namespace

std::optional<Subnet> Subnet::parse(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos)
    return {};
  in_addr address{};
  int bits = 0;
  const char* end = text.data() + text.size();
  const auto [stop, bad] = std::from_chars(text.data() + slash + 1, end, bits);
  if (bad != std::errc() || stop != end || inet_pton(AF_INET, text.substr(0, slash).c_str(), &address) != 1)
    return {};
  const int hostBits = 32 - bits;
  if (hostBits < fewestHostBits || hostBits > mostHostBits)
    return {};
  Subnet subnet;
  subnet.m_size = 1u << hostBits;
  subnet.m_first = ntohl(address.s_addr) & ~(subnet.m_size - 1);
  return subnet;
}

std::string Subnet::addressAt(std::uint32_t place) const {
  return place < m_size ? textOf(m_first + place) : std::string();
}

bool Subnet::contains(const std::string& address) const {
  in_addr parsed{};
  if (::inet_pton(AF_INET, address.c_str(), &parsed) != 1)
    return false;
  return ntohl(parsed.s_addr) - m_first < m_size; // what lies before it wraps around
}

std::string Subnet::toString() const {
  return textOf(m_first) + '/' + std::to_string(32 - std::countr_zero(m_size));
}

} // namespace ratdeck
