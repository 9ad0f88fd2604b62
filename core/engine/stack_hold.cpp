#include "core/engine/stack_hold.h"

#include <QTimer>

#include <sys/stat.h>
#include <unistd.h>

namespace ratdeck {

namespace {

std::string hostName() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] ? name : "unknown";
}

// A path may lead to other files elsewhere: in a container, on another machine of the same name.
std::string placeOf(const std::string& lockPath) {
  struct stat seen = {};
  if (::stat(lockPath.c_str(), &seen) != 0)
    return {};
  return lockPath + ":" + std::to_string(seen.st_dev) + ":" + std::to_string(seen.st_ino);
}

} // namespace

void holdStack(const StackClaim& claim, TargetLock* lock, Callback<StackHold> done) {
  auto here = StackLock::acquire(claim.lockPath, "process " + std::to_string(::getpid()) + ", rollout " +
                                                     claim.rollout.value);
  if (!here || !lock) {
    auto hold =
        here ? Result<StackHold>(StackHold{claim.rollout, std::move(*here), {}, {}}) : failure(here.error());
    return QTimer::singleShot(0, [done = std::move(done), hold = std::move(hold)] { done(hold); });
  }
  auto hold = std::make_shared<StackHold>(StackHold{claim.rollout, std::move(*here), {}, {}});
  const LockHolder holder{claim.actor, hostName(),         bootId(), placeOf(claim.lockPath),
                          ::getpid(),  claim.rollout.value};
  lock->acquire(holder, claim.takesOver, [hold, done = std::move(done)](Result<std::string> acquired) {
    if (!acquired)
      return done(failure(acquired.error()));
    hold->tookOver = *acquired;
    done(std::move(*hold));
  });
}

} // namespace ratdeck
