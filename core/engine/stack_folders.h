// Where things of one stack lie. Pure: the caller knows the environment.
#pragma once

#include <string>

namespace ratdeck {

struct StackKey {
  std::string runtime;  // sandbox, docker, kubernetes
  std::string endpoint; // the sandbox's folder, the daemon's address, the context
  std::string space;    // a Kubernetes namespace; "" elsewhere
  std::string project;
};

// Ten hexadecimal digits: what the stack's folders are called.
std::string shortHashOf(const StackKey& key);

struct StackFolders {
  std::string stack;       // shortHashOf
  std::string journalRoot; // STATE/journals; this stack's are in its folder STACK
  std::string revisions;   // STATE/revisions/STACK
  std::string keys;        // CONFIG/keys
  std::string lock;        // RUNTIME/STACK.lock
};

// `journalRoot`: where journals of all stacks are kept; "" = STATE/journals.
StackFolders foldersOf(const StackKey& key, const std::string& stateFolder, const std::string& configFolder,
                       const std::string& runtimeFolder, const std::string& journalRoot = {});

} // namespace ratdeck
