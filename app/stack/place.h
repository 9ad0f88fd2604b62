// One stack at one target, as a person works on it: what is wanted, what runs, its folders and its revisions.
// Its calls wait for answers in an event loop of the calling thread, which made it.
#pragma once

#include "app/stack/environment.h"
#include "app/stack/target_choice.h"
#include "core/engine/deployment.h"
#include "core/journal/store.h"
#include "core/spec/stack_choice.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace ratdeck {

class Patience;

class Place {
public:
  // Loads the stack that is chosen. With `mustBeReachable` the target must answer; otherwise a target that
  // was not named may be absent, and the world is then not reachable. Errors: the loader's; Unreachable;
  // Refused for a runtime that this program does not have.
  Place(Place&&) = default;
  Place& operator=(Place&&) = default;
  ~Place(); // leaves the target
  static Result<Place> open(const Environment& environment, const StackChoice& choice, bool mustBeReachable);

  const StackSpec& stack() const { return m_stack; }
  // What the loader had to say.
  const std::vector<Error>& warnings() const { return m_warnings; }
  const StackFolders& folders() const { return m_folders; }
  const std::string& title() const { return m_choice.title; }
  RevisionStore& revisions() const { return *m_revisions; }
  JournalStore journals() const;
  StackTarget* target() { return m_target.get(); } // null: not reachable

  // Keeps everybody else from the stack until the engine that is made next lets it go, or letGo(). Errors:
  // holdStack's.
  Status hold(const StackClaim& claim);
  // Of a rollout that was not opened.
  void letGo();
  bool hasSharedLock() const { return m_target && m_target->target().lock; }

  // Looks at the target. Errors: Unreachable, Timeout.
  Result<World> observe();
  // The plan from what runs now to `wanted`.
  struct Manner {
    bool hasPerson = false; // who could be asked
    bool isTry = false;
    bool isRollback = false;                                // no window and no freeze holds it back
    std::optional<std::vector<SchemaStep>> schemaPast = {}; // of a rollback
    std::vector<Problem> doubts = {};                       // likewise
  };
  Result<Deployment> prepare(const StackSpec& wanted, const StackChoice& choice, Manner manner);
  // Before the deployment is carried out: images, networks and volumes are there, and its revision knows the
  // images by their ids. Errors: those of StackTarget::prepare; Refused (what was held was lost meanwhile).
  Status makeReady(Deployment& deployment, const std::function<void(const std::string&)>& onStep);
  // Called while one of the above waits: it looks and makes ready no longer (Cancelled), nor does any call
  // after it. What is held stays so, and what is under way at the target ends with this object.
  void cancel();
  bool isCancelled() const;
  // For the one engine that goes on with what is held. `isNew`: the target was made for what is deployed now.
  EngineConfig engineConfig(bool isNew = false);

private:
  Place() = default;
  void countRuns(World& world);
  Status keepMountedFiles(Deployment& deployment);

  StackSpec m_stack;
  std::vector<Error> m_warnings;
  StackFolders m_folders;
  TargetChoice m_choice;
  MakeTarget m_makeTarget;
  std::shared_ptr<RevisionStore> m_revisions;
  std::shared_ptr<Patience> m_patience; // stays where it is when the place is moved
  std::unique_ptr<StackTarget> m_target;
  std::optional<StackHold> m_hold;
};

} // namespace ratdeck
