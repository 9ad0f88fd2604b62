#include "core/spec/compose/ports.h"

#include <algorithm>
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

namespace {

std::vector<std::string> splitAt(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (char c : text)
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

bool isIpv4(const std::string& text) {
  auto parts = splitAt(text, '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
           std::uint32_t value = 0;
           bool hasZero = part.size() > 1 && part.front() == '0';
           return part.size() <= 3 && !hasZero && parseNumber(part, value) && value <= 255;
         });
}

// Groups of up to four hexadecimal digits; the last may be an IPv4 address, which counts as two. -1 if
// malformed.
int countGroups(const std::string& text) {
  if (text.empty())
    return 0;
  int count = 0;
  auto groups = splitAt(text, ':');
  for (const auto& group : groups) {
    bool isHex = !group.empty() && group.size() <= 4 &&
                 group.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    bool isTail = &group == &groups.back() && isIpv4(group);
    if (!isHex && !isTail)
      return -1;
    count += isTail ? 2 : 1;
  }
  return count;
}

bool isIpv6(const std::string& text) {
  auto gap = text.find("::");
  if (gap == std::string::npos)
    return countGroups(text) == 8;
  auto before = countGroups(text.substr(0, gap));
  auto after = countGroups(text.substr(gap + 2));
  return before >= 0 && after >= 0 && before + after < 8;
}

} // namespace

bool isIpAddress(const std::string& text) {
  return isIpv4(text) || isIpv6(text);
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
