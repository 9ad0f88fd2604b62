#include "core/engine/stack_lock.h"

#include "core/base/file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>

namespace ratdeck {

namespace {

std::string readHolder(int fd) {
  char text[256] = {};
  auto n = ::pread(fd, text, sizeof text - 1, 0);
  std::string holder(text, n > 0 ? static_cast<size_t>(n) : 0);
  while (!holder.empty() && holder.back() == '\n')
    holder.pop_back();
  return holder.empty() ? "another process" : holder;
}

} // namespace

Result<std::unique_ptr<StackLock>> StackLock::acquire(const std::string& path, const std::string& holder) {
  if (auto made = makePrivateFolder(std::filesystem::path(path).parent_path().string()); !made)
    return failure(made.error());
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return failure(ErrorKind::Internal, std::string("cannot open the lock: ") + std::strerror(errno), {},
                   {path});
  std::unique_ptr<StackLock> lock(new StackLock(fd));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0)
    return failure(ErrorKind::Refused, "this stack is being changed by " + readHolder(fd),
                   "wait until it ends, or stop that process");
  auto text = holder + "\n";
  if (::ftruncate(fd, 0) != 0 ||
      ::pwrite(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return failure(ErrorKind::Internal, std::string("cannot write the lock: ") + std::strerror(errno), {},
                   {path});
  return lock;
}

StackLock::~StackLock() {
  ::close(m_fd);
}

} // namespace ratdeck
