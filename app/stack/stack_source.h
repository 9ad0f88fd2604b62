// The stack that a command line names: its -f files, or those of the sandbox, or Compose's own default files.
#pragma once

#include "app/stack/environment.h"
#include "core/base/result.h"
#include "core/spec/compose/loader.h"
#include "core/spec/stack_choice.h"

#include <string>

namespace ratdeck {

// Which files a sandbox was brought up with, kept in its folder so that later commands need no -f.
struct SandboxFiles {
  std::vector<std::string> files, envFiles, profiles;
  std::string project;
};

std::string sandboxFolder(const Environment& environment, const StackChoice& choice);
Status writeSandboxFiles(const std::string& folder, const SandboxFiles& files);
Result<SandboxFiles> readSandboxFiles(const std::string& folder);

// Loads it, with the images that are set. Errors: those of the loader, with FILE:LINE:COLUMN; Usage
// where no file is named and none is found.
Result<compose::Loaded> loadStack(const Environment& environment, const StackChoice& choice);

} // namespace ratdeck
