#include "core/runtime/docker/keep_tag.h"

#include "core/base/digest.h"

#include <charconv>

namespace ratdeck {

namespace {

constexpr std::size_t longestPart = 80; // of the 255 that Docker allows the whole name
constexpr std::size_t digestDigits = 12;
const std::string root = "ratdeck-keep/";

bool isPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// What stands between two plain parts of a name: one period, one or two underscores, or hyphens.
bool isSeparator(const std::string& text) {
  return text == "." || text == "_" || text == "__" || text.find_first_not_of('-') == std::string::npos;
}

bool isPathPart(const std::string& text) {
  if (text.empty() || text.size() > longestPart || !isPlain(text.front()) || !isPlain(text.back()))
    return false;
  std::string between;
  for (const char c : text) {
    if (!isPlain(c)) {
      between += c;
      continue;
    }
    if (!isSeparator(between))
      return false;
    between.clear();
  }
  return true;
}

std::string pathPart(const std::string& name) {
  if (isPathPart(name))
    return name;
  std::string part;
  for (const char c : name.substr(0, longestPart / 2)) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (isPlain(small))
      part += small;
  }
  return part + (part.empty() ? "" : "-") + sha256(name).substr(0, digestDigits);
}

} // namespace

std::string keepTag(const std::string& project, const std::string& store, const std::string& service,
                    int revision) {
  return root + pathPart(project) + "/" + pathPart(service) + ":" + store + "-r" + std::to_string(revision);
}

std::string keepPattern(const std::string& project) {
  return root + pathPart(project) + "/*";
}

std::optional<int> keptRevision(const std::string& project, const std::string& store,
                                const std::string& tag) {
  const std::string prefix = root + pathPart(project) + "/";
  const std::string mark = ":" + store + "-r";
  const auto colon = tag.rfind(mark);
  if (!tag.starts_with(prefix) || colon == std::string::npos || colon <= prefix.size())
    return std::nullopt;
  int revision = 0;
  const char* end = tag.data() + tag.size();
  const auto [last, error] = std::from_chars(tag.data() + colon + mark.size(), end, revision);
  return error == std::errc() && last == end ? std::optional(revision) : std::nullopt;
}

} // namespace ratdeck
