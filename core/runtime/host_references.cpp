#include "core/runtime/host_references.h"

namespace ratdeck {

namespace {

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

bool isHostCharacter(char c) {
  return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
}

bool startsHost(std::string_view value, std::size_t at) {
  if (at == 0)
    return true;
  const char before = value[at - 1];
  if (before == '/')
    return at >= 2 && value[at - 2] == '/';
  return std::string_view("@,=;( \t\n\"'").find(before) != std::string_view::npos;
}

bool endsPort(std::string_view value, std::size_t at) {
  return at == value.size() || std::string_view("/,?#&;) \t\n\"'").find(value[at]) != std::string_view::npos;
}

// The port that stands at `at`; 0 where there is none.
std::uint16_t portAt(std::string_view value, std::size_t at) {
  unsigned port = 0;
  std::size_t end = at;
  for (; end < value.size() && isDigit(value[end]) && end - at < 5; ++end)
    port = port * 10 + unsigned(value[end] - '0');
  return end > at && port <= 65535 && endsPort(value, end) ? std::uint16_t(port) : 0;
}

} // namespace

std::vector<HostReference> findHostReferences(std::string_view value) {
  std::vector<HostReference> found;
  for (std::size_t at = 0; at < value.size();) {
    if (!isHostCharacter(value[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < value.size() && isHostCharacter(value[end]))
      ++end;
    if (startsHost(value, at) && end < value.size() && value[end] == ':')
      if (const std::uint16_t port = portAt(value, end + 1))
        found.push_back({at, value.substr(at, end - at), port});
    at = end;
  }
  return found;
}

std::string mapHosts(std::string_view value,
                     const std::function<std::string(std::string_view host)>& addressOf) {
  std::string mapped;
  std::size_t copied = 0;
  for (const HostReference& reference : findHostReferences(value)) {
    const std::string address = addressOf(reference.host);
    if (address.empty())
      continue;
    mapped.append(value.substr(copied, reference.position - copied)).append(address);
    copied = reference.position + reference.host.size();
  }
  return mapped.append(value.substr(copied));
}

} // namespace ratdeck
