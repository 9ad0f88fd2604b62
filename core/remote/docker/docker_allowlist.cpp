#include "core/remote/docker/docker_allowlist.h"

#include <algorithm>
#include <iterator>

namespace ratdeck {

namespace {

struct Allowed {
  std::string_view method;
  std::string_view pattern; // {name}: one segment, a name or id; {image}: a reference, with slashes
};

constexpr Allowed table[] = {
    {"GET", "/_ping"},
    {"GET", "/version"},
    {"GET", "/info"},
    {"GET", "/events"},
    {"GET", "/containers/json"},
    {"POST", "/containers/create"},
    {"GET", "/containers/{name}/json"},
    {"GET", "/containers/{name}/logs"},
    {"HEAD", "/containers/{name}/archive"},
    {"GET", "/containers/{name}/archive"},
    {"PUT", "/containers/{name}/archive"},
    {"POST", "/containers/{name}/start"},
    {"POST", "/containers/{name}/kill"},
    {"POST", "/containers/{name}/wait"},
    {"POST", "/containers/{name}/update"},
    {"POST", "/containers/{name}/exec"},
    {"DELETE", "/containers/{name}"},
    {"POST", "/exec/{name}/start"},
    {"GET", "/exec/{name}/json"},
    {"GET", "/images/json"},
    {"GET", "/images/{image}/json"},
    {"POST", "/images/create"},
    {"POST", "/images/{image}/tag"},
    {"DELETE", "/images/{image}"},
    {"GET", "/distribution/{image}/json"},
    {"GET", "/networks"},
    {"POST", "/networks/create"},
    {"GET", "/networks/{name}"},
    {"POST", "/networks/create"},
    {"POST", "/networks/{name}/connect"},
    {"POST", "/networks/{name}/disconnect"},
    {"POST", "/volumes/create"},
    {"GET", "/volumes/{name}"},
};

bool isAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool hasOnly(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return isAlphanumeric(c) || others.find(c) != std::string_view::npos; });
}

bool isName(std::string_view text) {
  return !text.empty() && isAlphanumeric(text.front()) && hasOnly(text, "_.-");
}

// Every part between slashes begins with a letter or digit, so that none is empty, "." or "..".
bool isImage(std::string_view text) {
  if (!hasOnly(text, "_.-/:@"))
    return false;
  for (;;) {
    const auto slash = text.find('/');
    const auto part = text.substr(0, slash);
    if (part.empty() || !isAlphanumeric(part.front()))
      return false;
    if (slash == std::string_view::npos)
      return true;
    text.remove_prefix(slash + 1);
  }
}

bool matches(std::string_view pattern, std::string_view path) {
  const auto open = pattern.find('{');
  if (open == std::string_view::npos)
    return pattern == path;
  const auto close = pattern.find('}');
  const auto before = pattern.substr(0, open);
  const auto after = pattern.substr(close + 1);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after))
    return false;
  const auto middle = path.substr(before.size(), path.size() - before.size() - after.size());
  return pattern.substr(open, close + 1 - open) == "{image}" ? isImage(middle) : isName(middle);
}

} // namespace

bool isDockerCallAllowed(std::string_view method, std::string_view path) {
  return std::any_of(std::begin(table), std::end(table), [&](const Allowed& allowed) {
    return allowed.method == method && matches(allowed.pattern, path);
  });
}

} // namespace ratdeck
