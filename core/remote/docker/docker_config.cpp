#include "core/remote/docker/docker_config.h"

#include "core/base/file.h"

namespace ratdeck {

namespace {

constexpr std::size_t largestFile = 1u << 20;

} // namespace

std::string valueOf(const DockerEnvironment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

std::string dockerConfigFolder(const DockerEnvironment& environment) {
  if (auto folder = valueOf(environment, "DOCKER_CONFIG"); !folder.empty())
    return folder;
  const auto home = valueOf(environment, "HOME");
  return home.empty() ? std::string() : home + "/.docker";
}

Result<Json> readDockerConfig(const std::string& path) {
  const auto text = readFile(path, largestFile);
  if (!text)
    return failure(text.error());
  auto json = parseJson(*text);
  if (!json || !json->is_object())
    return failure(ErrorKind::Input, json ? "is no JSON object" : json.error().message, "mend it", {path});
  return json;
}

} // namespace ratdeck
