// An image of a Docker Engine.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck {

struct DockerImage {
  std::string id;                       // "sha256:…"
  std::vector<std::string> tags;        // "ratd:2.0.0"
  std::vector<std::string> repoDigests; // "HOST/ratd@sha256:…"; none where it was never pulled or pushed
  std::string os;
  std::string architecture;
  std::string stopSignal;
  long long size = 0; // bytes
  std::optional<WallTime> createdAt;
  std::map<std::string, std::string> labels;
  Json config; // entry point, command, environment, healthcheck …: what a container of it starts from
};

// One image of a list.
struct DockerImageSummary {
  std::string id;
  std::vector<std::string> tags;
};

struct DockerPlatform {
  std::string os, architecture; // "linux", "amd64"
  bool operator==(const DockerPlatform&) const = default;
};

// What a reference leads to in its registry.
struct DockerDistribution {
  std::string digest; // "sha256:…" of the manifest, or of the list of manifests
  std::vector<DockerPlatform> platforms;
};

// What a pull came to.
struct DockerPull {
  std::string digest; // "sha256:…" of what the reference led to; empty if the engine did not say
  bool wasNew = false;
};

// One line of a pull's progress.
struct DockerPullStep {
  std::string layer; // short id; empty for a line about the whole
  std::string status;
  long long done = 0, total = 0; // bytes; total 0: not known
};

// A reference, taken apart as /images/create wants it. Without tag and digest the tag is "latest": the API
// would pull every tag. Errors: Input.
struct DockerReference {
  std::string name;
  std::string tag; // or "sha256:…"

  bool isDigest() const { return tag.find(':') != std::string::npos; }
  // NAME:TAG or NAME@sha256:…; never something that Docker could take for an image's id.
  std::string toString() const;
  // The host that it is pulled from: "HOST[:PORT]", or "docker.io" where the name has none.
  std::string registry() const;
  // The name as Docker lists it: without docker.io and its "library/".
  std::string familiarName() const;
  // The same name at another digest.
  DockerReference at(const std::string& digest) const { return {name, digest}; }
};
Result<DockerReference> parseDockerReference(const std::string& text);

// Whether the text is the whole id of an image: "sha256:" and 64 digits.
bool isDockerImageId(std::string_view text);

// Errors (Internal): no JSON object, no id; no list; no digest.
Result<DockerImage> readDockerImage(std::string_view body);
Result<std::vector<DockerImageSummary>> readDockerImages(std::string_view body);
Result<DockerDistribution> readDockerDistribution(std::string_view body);

} // namespace ratdeck
