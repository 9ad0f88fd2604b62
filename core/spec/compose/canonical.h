// Short forms -> long forms, defaults, absolute paths: the model in the one shape that later steps read.
#pragma once

#include "core/spec/compose/report.h"

#include <string>

namespace ratdeck::compose {

// Ports, volumes, depends_on, env_file, networks, build, secrets … in their long form. Port ranges unfold.
void makeCanonical(Node& root, Report& report);

// What the reference fills in when the whole model is read: port mode and protocol, build context, secret
// targets …
void setDefaults(Node& root);

// Relative paths -> absolute ones against `folder` (absolute); "~" is `home`.
void makePathsAbsolute(Node& root, const std::string& folder, const std::string& home, Report& report);

// folder + "/" + path without detours; an absolute path stays.
std::string absolutePath(const std::string& folder, const std::string& path);

} // namespace ratdeck::compose
