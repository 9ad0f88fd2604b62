// A range of IPv4 addresses. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace ratdeck {

class Subnet {
public:
  // "10.231.0.0/22"; nothing for what is none, or has under 64 or over 65536 addresses.
  static std::optional<Subnet> parse(const std::string& text);

  // The address at this place in it, from 0; "" beyond its end.
  std::string addressAt(std::uint32_t place) const;
  // Whether this V4 address lies in it; false for what is none.
  bool contains(const std::string& address) const;
  std::uint32_t size() const { return m_size; }
  std::string toString() const;
  bool operator==(const Subnet&) const = default;

private:
  std::uint32_t m_first = 0, m_size = 0;
};

} // namespace ratdeck
