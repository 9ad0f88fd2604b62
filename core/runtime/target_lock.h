// The lock that keeps the consoles of all machines from changing one stack at a time. It lies in the target
// itself, so that whoever reaches the stack sees it.
//
// The life of one: acquire() before anything is changed -> handed over to the object that the rollout acts
// through, adopt() -> check() before each change (the fence) -> release() at the rollout's end. From
// acquire() or adopt() on until handOver(), release() or its destruction it gives a sign of life. One that is
// left behind by a crash, or by a rollout that was stopped in its midst, stays. Calls answer as those of
// runtime.h.
//
// What the fence cannot do: a change that was asked for just before the lock was lost is carried out.
#pragma once

#include "core/base/clock.h"
#include "core/runtime/runtime.h"

#include <functional>
#include <string>

namespace ratdeck {

// Who holds a lock, in the holder's own words.
struct LockHolder {
  std::string user;   // "uid 0 (root)"
  std::string host;   // its name
  std::string bootId; // of the host
  std::string place;  // the lock on its own machine (StackLock) that it holds as well
  int process = 0;
  std::string rollout;

  // "uid 0 (root) on alpha (process 12, rollout 20260701-120000-ab12)"
  std::string toString() const;
  // Whether both had the same lock of the same machine in the same boot: then only one of them can be alive.
  bool isSucceededBy(const LockHolder& other) const;
};

// After so long without a sign of life a person may take the lock over.
inline constexpr Duration staleLockAge = std::chrono::seconds(60);

class TargetLock {
public:
  using OnLost = std::function<void(const Error&)>;

  virtual ~TargetLock() = default;
  // `holder` holds its place's lock. A lock that it left behind itself earlier is taken over; another's only
  // if `takesOver`, after staleLockAge without a sign of life. Answers with whose it was, for people; "" if
  // nobody's. Errors: Refused (another holds it: who, since when, its last sign of life and what to do),
  // Unreachable, Timeout.
  virtual void acquire(const LockHolder& holder, bool takesOver, Callback<std::string> done) = 0;
  // Goes on holding it elsewhere in this process: what adopt() there needs.
  virtual std::string handOver() = 0;
  // `onLost` (may be empty) is called once, as soon as it is seen that the lock is not ours any more, and may
  // destroy this.
  virtual void adopt(const std::string& token, OnLost onLost) = 0;
  // Errors: Refused (not ours, and who has it), Unreachable, Timeout (nobody knows).
  virtual void check(Callback<Done> done) = 0;
  // One that is not ours any more is left as it is.
  virtual void release(Callback<Done> done) = 0;
};

} // namespace ratdeck
