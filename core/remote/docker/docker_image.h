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
};
Result<DockerReference> parseDockerReference(const std::string& text);

// Errors (Internal): no JSON object, no id.
Result<DockerImage> readDockerImage(std::string_view body);

} // namespace ratdeck
