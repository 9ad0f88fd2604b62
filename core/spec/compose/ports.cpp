#include "core/spec/compose/ports.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>

namespace ratdeck::compose {

namespace {

constexpr const char* advice = "write it like 8080:80, 127.0.0.1:8080:80/tcp or 9000-9010:9000-9010";

struct Range {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

tl::unexpected<Error> bad(const std::string& what, const std::string& text) {
  return failure(ErrorKind::Input, what + " in the port \"" + text.substr(0, 80) + "\"", advice);
}

bool parseNumber(std::string_view text, std::uint32_t& value) {
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && stop == text.data() + text.size() && !text.empty() && value <= 65535;
}

bool parseRange(std::string_view text, Range& range) {
  auto dash = text.find('-');
  if (dash == std::string_view::npos) {
    range.last = 0;
    if (!parseNumber(text, range.first))
      return false;
    range.last = range.first;
    return true;
  }
  return parseNumber(text.substr(0, dash), range.first) && parseNumber(text.substr(dash + 1), range.last) &&
         range.first <= range.last;
}

std::string lower(std::string text) {
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c + 32);
  return text;
}

struct Parts {
  std::string ip, host, container, protocol = "tcp";
};

Parts split(const std::string& text) {
  Parts parts;
  auto last = text.rfind(':');
  parts.container = last == std::string::npos ? text : text.substr(last + 1);
  if (last != std::string::npos) {
    auto head = text.substr(0, last);
    auto middle = head.rfind(':');
    parts.host = middle == std::string::npos ? head : head.substr(middle + 1);
    parts.ip = middle == std::string::npos ? "" : head.substr(0, middle);
  }
  if (auto slash = parts.container.find('/'); slash != std::string::npos) {
    auto protocol = parts.container.substr(slash + 1);
    protocol = protocol.substr(0, protocol.find('/'));
    parts.container.resize(slash);
    if (!protocol.empty())
      parts.protocol = protocol;
  }
  if (parts.ip.size() > 2 && parts.ip.front() == '[' && parts.ip.back() == ']')
    parts.ip = parts.ip.substr(1, parts.ip.size() - 2);
  return parts;
}

} // namespace

bool isIpAddress(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

Result<std::vector<ShortPort>> parsePort(const std::string& text) {
  auto parts = split(text);
  if (!parts.ip.empty() && !isIpAddress(parts.ip))
    return bad("invalid IP address \"" + parts.ip + "\"", text);
  if (parts.container.empty())
    return bad("no container port", text);
  Range target, host;
  if (!parseRange(parts.container, target))
    return bad("invalid container port \"" + parts.container + "\"", text);
  if (!parts.host.empty() && !parseRange(parts.host, host))
    return bad("invalid host port \"" + parts.host + "\"", text);
  bool isOneTarget = target.first == target.last;
  if (!parts.host.empty() && !isOneTarget && target.last - target.first != host.last - host.first)
    return bad("ranges of different length", text);
  auto protocol = lower(parts.protocol);
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp")
    return bad("unknown protocol \"" + parts.protocol + "\"", text);
  std::vector<ShortPort> ports;
  for (std::uint32_t i = 0; i <= target.last - target.first; ++i) {
    ShortPort port{parts.ip, "", target.first + i, protocol};
    if (!parts.host.empty())
      port.published = std::to_string(host.first + i);
    if (isOneTarget && host.first != host.last)
      port.published += "-" + std::to_string(host.last);
    ports.push_back(std::move(port));
  }
  std::stable_sort(ports.begin(), ports.end(), [](const ShortPort& a, const ShortPort& b) {
    return std::to_string(a.target) + "/" < std::to_string(b.target) + "/";
  });
  return ports;
}

} // namespace ratdeck::compose
