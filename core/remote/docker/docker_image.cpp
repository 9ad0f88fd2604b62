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

} // namespace

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

} // namespace ratdeck
