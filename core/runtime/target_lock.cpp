#include "core/runtime/target_lock.h"

namespace ratdeck {

std::string LockHolder::toString() const {
  return user + " on " + host + " (process " + std::to_string(process) + ", rollout " + rollout + ")";
}

bool LockHolder::isSucceededBy(const LockHolder& other) const {
  return !place.empty() && host == other.host && bootId == other.bootId && place == other.place;
}

} // namespace ratdeck
