// The short form of a mount: [SOURCE:]TARGET[:OPTIONS].
#pragma once

#include "core/base/result.h"

#include <string>

namespace ratdeck::compose {

struct ShortVolume {
  bool isBind = false;
  std::string source;
  std::string target;
  bool isReadOnly = false;
  bool noCopy = false;
  std::string propagation; // bind only
  std::string selinux;     // bind only
  bool hasVolumeOptions = true;
};

// Errors (kind Input, no location): empty, an empty part, too many colons. Unknown options are ignored, as
// the reference does.
Result<ShortVolume> parseVolume(const std::string& text);

// "/a//b/../c/" -> "/a/c": a target without detours.
std::string cleanPath(const std::string& path);

} // namespace ratdeck::compose
