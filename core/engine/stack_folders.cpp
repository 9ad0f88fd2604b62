#include "core/engine/stack_folders.h"

#include "core/base/digest.h"

namespace ratdeck {

std::string shortHashOf(const StackKey& key) {
  return sha256(key.runtime + '\n' + key.endpoint + '\n' + key.space + '\n' + key.project).substr(0, 10);
}

StackFolders foldersOf(const StackKey& key, const std::string& stateFolder, const std::string& configFolder,
                       const std::string& runtimeFolder, const std::string& journalRoot) {
  auto stack = shortHashOf(key);
  return {stack, journalRoot.empty() ? stateFolder + "/journals" : journalRoot,
          stateFolder + "/revisions/" + stack, configFolder + "/keys", runtimeFolder + "/" + stack + ".lock"};
}

} // namespace ratdeck
