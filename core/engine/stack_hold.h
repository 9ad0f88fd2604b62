// What keeps everybody else from a stack while it is changed: its lock on this machine, and the one in the
// target where the target has one. Taken before the world is looked at for the last time, so that what is
// carried out then is of that world.
#pragma once

#include "core/base/id.h"
#include "core/engine/stack_lock.h"
#include "core/runtime/target_lock.h"

#include <memory>
#include <optional>
#include <string>

namespace ratdeck {

struct StackHold {
  RolloutId rollout;               // for which
  std::shared_ptr<StackLock> here; // of this machine
  std::string token;               // of the target's lock (TargetLock::handOver); "" = it has none
  std::string tookOver;            // from whom the target's lock was taken over, for people; "" = nobody
};

struct StackClaim {
  RolloutId rollout;
  std::string lockPath; // of this machine's lock
  std::string actor;
  bool takesOver = false; // from somebody else who has given no sign of life for staleLockAge
};

// Locks here, then at the target (`lock`; null: it has none of its own), which goes on giving signs of life.
// Errors: Refused (somebody else has it, and what to do), Unreachable, Timeout, Internal.
void holdStack(const StackClaim& claim, TargetLock* lock, Callback<StackHold> done);

} // namespace ratdeck
