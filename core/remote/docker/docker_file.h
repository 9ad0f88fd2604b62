// One file inside a container, and the tar archive that carries it.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <string>
#include <string_view>

namespace ratdeck {

inline constexpr std::size_t largestDockerFile = 1u << 20;

struct DockerFile {
  std::string name;     // without a folder
  Secret content;       // a configuration file may hold passwords; at most 1 MiB
  unsigned mode = 0644; // permission bits
  unsigned user = 0, group = 0;
  bool isFolder = false; // an empty folder; one that is there keeps what is in it, and gets mode and owner
};

// A tar archive (ustar) of this one file; it stands in `folder`, relative to where the archive is unpacked.
// Errors: Input (a name that is empty, has a slash, a NUL, or over 100 bytes; a folder that does not fit; a
// content over 1 MiB, or in a folder).
Result<std::string> writeDockerTar(const DockerFile& file, std::string_view folder = {});

// The one regular file of an archive that GET /containers/ID/archive gave. Errors: Input (a folder, a link, a
// device, a file over 1 MiB), Internal (cut short, a wrong checksum, no file in it).
Result<DockerFile> readDockerTar(std::string_view archive);

} // namespace ratdeck
