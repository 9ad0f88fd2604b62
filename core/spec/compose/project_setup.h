// What a load needs to know before it reads the model: files, folder, environment, profiles and project name,
// with the precedence that Compose gives options, variables and files.
#pragma once

#include "core/spec/compose/loader.h"
#include "core/spec/compose/model_reader.h"

namespace ratdeck::compose {

struct ProjectSetup {
  std::vector<SourceFile> files;
  std::vector<std::string> shownFiles; // as the caller named them
  std::string folder;                  // absolute, of the project
  Variables environment;
  std::vector<std::string> profiles;
  std::string name;
};

// Errors go to the report.
ProjectSetup setUpProject(const LoadRequest& request, const std::string& callerFolder, ModelReader& reader,
                          Report& report);

// Lower-case letters, digits, dashes and underscores, beginning with a letter or digit.
std::string normaliseProjectName(const std::string& name);

} // namespace ratdeck::compose
