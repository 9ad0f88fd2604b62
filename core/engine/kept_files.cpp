#include "core/engine/kept_files.h"

#include "core/base/digest.h"
#include "core/engine/adoption.h"

namespace ratdeck {

std::set<std::string> withoutKeptFiles(const StackSpec& stack, const std::set<std::string>& services) {
  std::set<std::string> names;
  for (const auto& name : services)
    if (const auto* service = stack.find(name);
        service && memberAt(service->normalised, keptFilesKey).is_null())
      names.insert(name);
  return names;
}

void keepFiles(StackSpec& stack, const std::set<std::string>& services,
               const std::vector<MountedFile>& files) {
  for (const auto& name : services)
    if (const auto* service = stack.find(name)) {
      auto keeping = *service;
      Json& kept = keeping.normalised[keptFilesKey] = Json::object();
      for (const auto& file : files) {
        if (file.service != name)
          continue;
        const auto hash = sha256(file.content.reveal());
        kept[file.source] = {
            {"sha256", hash}, {"mode", file.mode}, {"user", file.user}, {"group", file.group}};
        stack.keptFiles.insert_or_assign(hash, file.content);
      }
      putService(stack, keeping);
    }
}

} // namespace ratdeck
