// One stack at one target, as a command works on it: what is wanted, what runs, its folders and its
// revisions.
#pragma once

#include "app/ratdeckctl/environment.h"
#include "app/ratdeckctl/options.h"
#include "core/engine/deployment.h"
#include "core/engine/stack_folders.h"
#include "core/runtime/process/sandbox_target.h"

#include <memory>

namespace ratdeck {

class Place {
public:
  // Loads the stack the options name. With `mustBeReachable` the target must answer; otherwise a target that
  // was not named may be absent, and the world is then not reachable. Errors: the loader's; Unreachable;
  // Refused for a runtime that this program does not have.
  static Result<Place> open(const Environment& environment, const Options& options, bool mustBeReachable);

  const StackSpec& stack() const { return m_stack; }
  const StackFolders& folders() const { return m_folders; }
  RevisionStore& revisions() { return *m_revisions; }
  SandboxTarget* target() { return m_target.get(); } // null: not reachable

  // Looks at the target. Errors: Unreachable, Timeout.
  Result<World> observe();
  // The plan from what runs now to `wanted`.
  Result<Deployment> prepare(const StackSpec& wanted, const Options& options, bool hasPerson);
  // `isNew`: the target was made for what is deployed now.
  EngineConfig engineConfig(bool isNew = false) const;

private:
  StackSpec m_stack;
  StackFolders m_folders;
  std::string m_sandboxFolder;
  std::shared_ptr<RevisionStore> m_revisions;
  std::unique_ptr<SandboxTarget> m_target;
};

} // namespace ratdeck
