#include "core/spec/compose/volume_spec.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace ratdeck::compose {

namespace {

bool isLetter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

// C:\ and \\.\pipe count as paths, as on the reference's other platforms.
bool isFilePath(const std::string& source) {
  if (source.empty())
    return false;
  if (source[0] == '.' || source[0] == '/' || source[0] == '~' || source.rfind("\\\\", 0) == 0)
    return true;
  return source.size() > 1 && isLetter(source[0]) && source[1] == ':';
}

std::vector<std::string> splitFields(const std::string& text) {
  std::vector<std::string> fields(1);
  int inVariable = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '$' && i + 1 < text.size() && text[i + 1] == '{')
      ++inVariable;
    else if (c == '}' && inVariable > 0)
      --inVariable;
    bool isDrive = c == ':' && fields.back().size() == 1 && isLetter(fields.back()[0]);
    if (c == ':' && inVariable == 0 && !isDrive)
      fields.emplace_back();
    else
      fields.back() += c;
  }
  return fields;
}

void readOptions(const std::string& text, ShortVolume& volume) {
  constexpr std::array<std::string_view, 6> propagations{"rprivate", "private", "rshared",
                                                         "shared",   "rslave",  "slave"};
  for (size_t begin = 0; begin <= text.size();) {
    auto end = std::min(text.find(',', begin), text.size());
    auto option = text.substr(begin, end - begin);
    begin = end + 1;
    if (option == "ro")
      volume.isReadOnly = true;
    else if (option == "rw")
      volume.isReadOnly = false;
    else if (option == "nocopy")
      volume.noCopy = true;
    else if (option == "z" || option == "Z")
      volume.selinux = option;
    else if (std::find(propagations.begin(), propagations.end(), option) != propagations.end())
      volume.propagation = option;
  }
}

} // namespace

Result<ShortVolume> parseVolume(const std::string& text) {
  auto bad = [&](const std::string& why) {
    return failure(ErrorKind::Input, "invalid volume \"" + text.substr(0, 120) + "\": " + why,
                   "write it like NAME:/path, ./folder:/path or ./folder:/path:ro");
  };
  ShortVolume volume;
  if (text.empty())
    return bad("it is empty");
  if (text.size() <= 2) {
    volume.target = text;
    volume.hasVolumeOptions = false;
    return volume;
  }
  auto fields = splitFields(text);
  for (const auto& field : fields)
    if (field.empty())
      return bad("empty section between colons");
  if (fields.size() > 3)
    return bad("too many colons");
  if (fields.size() == 1) {
    volume.target = fields[0];
    return volume;
  }
  volume.source = fields[0];
  volume.target = fields[1];
  if (fields.size() == 3)
    readOptions(fields[2], volume);
  volume.isBind = isFilePath(volume.source);
  return volume;
}

std::string cleanPath(const std::string& path) {
  if (path.empty())
    return path;
  bool isRooted = path.front() == '/';
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= path.size();) {
    auto end = std::min(path.find('/', begin), path.size());
    auto part = path.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty() || part == ".")
      continue;
    if (part == ".." && !parts.empty() && parts.back() != "..")
      parts.pop_back();
    else if (part != ".." || !isRooted)
      parts.push_back(part);
  }
  std::string clean;
  for (const auto& part : parts)
    clean += (clean.empty() ? "" : "/") + part;
  if (isRooted)
    return "/" + clean;
  return clean.empty() ? "." : clean;
}

} // namespace ratdeck::compose
