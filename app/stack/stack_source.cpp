#include "app/stack/stack_source.h"

#include "core/base/file.h"
#include "core/base/json.h"

namespace ratdeck {

namespace {

constexpr size_t maxRecordBytes = 1u << 20;

std::vector<std::string> textsAt(const Json& value, const char* key) {
  std::vector<std::string> texts;
  for (const auto& item : memberAt(value, key))
    if (item.is_string())
      texts.push_back(item.get<std::string>());
  return texts;
}

// Where no -f is given: the sandbox's own files, else what Compose would take.
Status fillFiles(const Environment& environment, const StackChoice& choice, compose::LoadRequest& request) {
  if (!request.files.empty())
    return Done{};
  if (auto kept = readSandboxFiles(sandboxFolder(environment, choice)); kept && choice.runtime == "sandbox") {
    request.files = kept->files;
    if (request.envFiles.empty())
      request.envFiles = kept->envFiles;
    if (request.profiles.empty())
      request.profiles = kept->profiles;
    if (!request.projectName)
      request.projectName = kept->project;
    return Done{};
  }
  request.files = compose::findDefaultFiles(environment.workingFolder);
  if (request.files.empty())
    return failure(ErrorKind::Usage,
                   "no Compose file is named and none is found in " + environment.workingFolder,
                   "name one with -f FILE, or start the sandbox with `ratdeckctl sandbox up`");
  return Done{};
}

} // namespace

std::string sandboxFolder(const Environment& environment, const StackChoice& choice) {
  return environment.stateFolder + "/sandbox/" + choice.sandbox;
}

Status writeSandboxFiles(const std::string& folder, const SandboxFiles& files) {
  Json json = {{"format", "sandbox-files/1"},
               {"files", files.files},
               {"env_files", files.envFiles},
               {"profiles", files.profiles},
               {"project", files.project}};
  return writeFile(folder + "/files.json", dumpJson(json) + "\n", 0600);
}

Result<SandboxFiles> readSandboxFiles(const std::string& folder) {
  auto text = readFile(folder + "/files.json", maxRecordBytes);
  if (!text)
    return failure(text.error());
  auto json = parseJson(*text);
  if (!json)
    return failure(json.error());
  return SandboxFiles{textsAt(*json, "files"), textsAt(*json, "env_files"), textsAt(*json, "profiles"),
                      textAt(*json, "project")};
}

Result<compose::Loaded> loadStack(const Environment& environment, const StackChoice& choice) {
  compose::LoadRequest request;
  request.files = choice.files;
  request.envFiles = choice.envFiles;
  request.profiles = choice.profiles;
  request.projectName = choice.projectName;
  request.environment = environment.variables;
  request.workingDirectory = environment.workingFolder;
  request.setImages = choice.setImages;
  if (auto filled = fillFiles(environment, choice, request); !filled)
    return failure(filled.error());
  return compose::load(request);
}

} // namespace ratdeck
