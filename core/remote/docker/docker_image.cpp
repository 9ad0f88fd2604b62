#include "core/remote/docker/docker_image.h"

#include "core/base/plain_text.h"
#include "core/remote/docker/docker_answer.h"

#include <algorithm>

namespace ratdeck {

namespace {

bool hasOnlyReferenceBytes(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '/' || c == ':';
  });
}

// As Docker tells a registry from the first part of a path.
bool isHost(std::string_view part) {
  return part == "localhost" || part.find_first_of(".:") != std::string_view::npos;
}

const std::string hub = "docker.io";

} // namespace

std::string DockerReference::toString() const {
  return name + (isDigest() ? "@" : ":") + tag;
}

std::string DockerReference::registry() const {
  const auto slash = name.find('/');
  const std::string first = name.substr(0, slash);
  return slash == std::string::npos || !isHost(first) || first == "index.docker.io" ? hub : first;
}

std::string DockerReference::familiarName() const {
  if (registry() != hub)
    return name;
  std::string familiar = isHost(name.substr(0, name.find('/'))) ? name.substr(name.find('/') + 1) : name;
  if (familiar.starts_with("library/"))
    familiar.erase(0, std::string_view("library/").size());
  return familiar;
}

bool isDockerImageId(std::string_view text) {
  constexpr std::string_view prefix = "sha256:";
  return text.size() == prefix.size() + 64 && text.starts_with(prefix) &&
         text.find_first_not_of("0123456789abcdef", prefix.size()) == std::string_view::npos;
}

Result<DockerReference> parseDockerReference(const std::string& text) {
  DockerReference reference;
  if (const auto at = text.find('@'); at != std::string::npos) {
    reference = {text.substr(0, at), text.substr(at + 1)};
    // A tag beside a digest says nothing more.
    if (const auto colon = reference.name.find(':', reference.name.rfind('/') + 1);
        colon != std::string::npos)
      reference.name.resize(colon);
  } else {
    const auto colon = text.find(':', text.rfind('/') + 1); // npos + 1 is 0
    reference.name = text.substr(0, colon);
    reference.tag = colon == std::string::npos ? "latest" : text.substr(colon + 1);
  }
  if (reference.name.empty() || reference.tag.empty() || !hasOnlyReferenceBytes(reference.name) ||
      !hasOnlyReferenceBytes(reference.tag))
    return failure(ErrorKind::Input, "not the reference of an image: \"" + plainText(text) + "\"",
                   "write NAME:TAG or NAME@sha256:DIGEST");
  return reference;
}

Result<DockerImage> readDockerImage(std::string_view body) {
  const auto json = readDockerJson(body, "an image");
  if (!json)
    return failure(json.error());
  DockerImage image;
  image.id = textAt(*json, "Id");
  if (image.id.empty())
    return failure(ErrorKind::Internal, "Docker described an image without an id");
  image.tags = dockerTextsAt(*json, "RepoTags");
  image.repoDigests = dockerTextsAt(*json, "RepoDigests");
  image.os = textAt(*json, "Os");
  image.architecture = textAt(*json, "Architecture");
  image.size = integerAt(*json, "Size");
  image.createdAt = dockerTimeAt(*json, "Created");
  image.config = memberAt(*json, "Config");
  image.stopSignal = textAt(image.config, "StopSignal");
  image.labels = dockerLabelsAt(image.config, "Labels");
  return image;
}

Result<std::vector<DockerImageSummary>> readDockerImages(std::string_view body) {
  const auto json = readDockerJson(body, "the list of images");
  if (!json)
    return failure(json.error());
  if (!json->is_array())
    return failure(ErrorKind::Internal, "Docker's answer, the list of images, is no list");
  std::vector<DockerImageSummary> images;
  for (const Json& entry : *json)
    images.push_back({textAt(entry, "Id"), dockerTextsAt(entry, "RepoTags")});
  return images;
}

Result<DockerDistribution> readDockerDistribution(std::string_view body) {
  const auto json = readDockerJson(body, "what the registry has");
  if (!json)
    return failure(json.error());
  DockerDistribution distribution{textAt(memberAt(*json, "Descriptor"), "digest"), {}};
  if (distribution.digest.empty())
    return failure(ErrorKind::Internal, "Docker's answer, what the registry has, names no digest");
  for (const Json& platform : dockerListAt(*json, "Platforms"))
    distribution.platforms.push_back({textAt(platform, "os"), textAt(platform, "architecture")});
  return distribution;
}

} // namespace ratdeck
