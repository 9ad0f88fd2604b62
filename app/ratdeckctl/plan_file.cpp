#include "app/ratdeckctl/plan_file.h"

#include "core/base/file.h"

#include <filesystem>

namespace ratdeck {

namespace {

constexpr size_t maxPlanBytes = 16u << 20;

std::vector<std::string> absolute(const std::vector<std::string>& paths, const std::string& folder) {
  std::vector<std::string> result;
  for (const auto& path : paths)
    result.push_back((std::filesystem::path(folder) / path).lexically_normal().string());
  return result;
}

} // namespace

PlanInputs inputsOf(const Options& options, const Environment& environment) {
  PlanInputs inputs;
  inputs.files = absolute(options.files, environment.workingFolder);
  inputs.envFiles = absolute(options.envFiles, environment.workingFolder);
  inputs.profiles = options.profiles;
  inputs.services = options.services;
  inputs.setImages = options.setImages;
  inputs.projectName = options.projectName.value_or("");
  return inputs;
}

Result<PlanFile> readPlanFile(const std::string& path, const Options& options) {
  if (!options.files.empty() || !options.setImages.empty() || !options.services.empty() ||
      !options.profiles.empty() || !options.envFiles.empty() || options.projectName)
    return failure(ErrorKind::Usage,
                   "a plan file names its own inputs: -f, --set, --service, --profile, --env-file "
                   "and --project-name cannot be given with it",
                   "make another plan with them");
  auto text = readFile(path, maxPlanBytes);
  if (!text)
    return failure(text.error());
  auto json = parseJson(*text);
  auto plan = json ? planFromJson(*json) : failure(json.error());
  if (!plan)
    return failure(ErrorKind::Input, plan.error().message, "write one with `ratdeckctl plan --out FILE`",
                   {path});
  PlanFile file{std::move(*plan), options};
  const auto& inputs = file.plan.inputs;
  file.inputs.files = inputs.files;
  file.inputs.envFiles = inputs.envFiles;
  file.inputs.profiles = inputs.profiles;
  file.inputs.setImages = inputs.setImages;
  file.inputs.services = inputs.services;
  if (!inputs.projectName.empty())
    file.inputs.projectName = inputs.projectName;
  return file;
}

} // namespace ratdeck
