// What the engine and the registry say of one reference, taken together. Pure.
#pragma once

#include "core/runtime/docker/image_catalog.h"

#include <optional>

namespace ratdeck {

struct ImageFindings {
  std::string reference; // as it was given
  DockerReference parsed;
  std::optional<DockerImage> local;
  DockerPlatform engine;

  // Nothing more is to be learnt from a registry: an id, a digest that is there, an image that was made here.
  bool areComplete() const;
};

// Without the registry: for findings that are complete, or where nobody has the image.
ImageVersion localVersion(const ImageFindings& findings);
// With what the registry said. Errors: those of one reference (ImageCatalog::resolve()).
Result<ImageVersion> judgeImage(const ImageFindings& findings, const Result<DockerDistribution>& registry);

} // namespace ratdeck
