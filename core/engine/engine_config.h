// What an engine is built with. Plain values and factories; nothing here does anything.
#pragma once

#include "core/base/clock.h"
#include "core/engine/stack_hold.h"
#include "core/runtime/stack_target.h"
#include "core/spec/stack_spec.h"

#include <memory>
#include <optional>
#include <string>

namespace ratdeck {

// The spec a copy is started from: the plan's revision for new ones, an earlier one for those brought back.
class SpecSource {
public:
  virtual ~SpecSource() = default;
  // Errors: NotFound where the revision store has no such revision or service.
  virtual Result<ServiceSpec> serviceAt(int revision, const std::string& service) const = 0;
  // The whole stack of the revision: what its services' networks, volumes and secrets are.
  virtual Result<StackSpec> stackAt(int revision) const = 0;
};

class RevisionStore;

struct EngineConfig {
  std::string stack;       // the stack's short name: what its folders are called
  std::string journalRoot; // of all stacks
  std::string keysFolder;
  std::string lockPath;          // one engine a stack
  std::optional<StackHold> hold; // of the stack, if it is held already; a target with a lock needs it
  bool isTargetNew = false; // made for this rollout: nothing is there of an earlier one, unfinished or not
  const Clock* clock = nullptr;             // outlives the engine
  std::shared_ptr<RevisionStore> revisions; // only the engine writes to it while it lives
  MakeTarget makeTarget;                    // called on the engine's thread
};

} // namespace ratdeck
