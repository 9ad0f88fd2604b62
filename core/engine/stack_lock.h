// One engine a stack on this machine: an advisory lock on a file, held while this object lives. The file says
// who holds it.
#pragma once

#include "core/base/result.h"

#include <memory>
#include <string>

namespace ratdeck {

class StackLock {
public:
  // Errors: Refused where another process holds it (the message names its pid and rollout), Internal.
  static Result<std::unique_ptr<StackLock>> acquire(const std::string& path, const std::string& holder);
  ~StackLock();
  StackLock(const StackLock&) = delete;
  StackLock& operator=(const StackLock&) = delete;

private:
  explicit StackLock(int fd) : m_fd(fd) {}
  int m_fd;
};

} // namespace ratdeck
