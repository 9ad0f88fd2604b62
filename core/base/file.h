// Files read and written with care: bounded, regular, whole.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <string>

namespace ratdeck {

// Reads a regular file of at most `limit` bytes. Opens without blocking, so FIFOs and devices are refused and
// never waited for. Errors: NotFound, Input (not a regular file, too large, a loop of links), Internal.
Result<std::string> readFile(const std::string& path, size_t limit);

// Writes beside `path`, syncs, renames over it and syncs the folder: readers see the old or the new text,
// whole. `mode` are the permission bits of the new file.
Status writeFile(const std::string& path, const std::string& text, unsigned mode = 0644);

// Makes the folder and its parents; those it makes have mode 0700.
Status makePrivateFolder(const std::string& path);

} // namespace ratdeck
