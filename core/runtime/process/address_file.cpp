#include "core/runtime/process/address_file.h"

#include "core/base/clock.h"
#include "core/base/duration.h"
#include "core/base/file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

namespace ratdeck {

namespace {

constexpr size_t sizeLimit = 256 * 1024;
constexpr Duration lockPatience = 2s; // it is held for the reading and writing of one small file
constexpr int lookMs = 10;

std::string pathIn(const std::string& dir) {
  return dir + "/addresses.json";
}

// Holds the lock while it lives.
class FileLock {
public:
  static Result<FileLock> take(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
      return failure(errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Internal,
                     "cannot open " + path + ": " + std::strerror(errno));
    FileLock lock(descriptor);
    SystemClock clock;
    const BootTime until = clock.now().boot + lockPatience;
    while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR)
        return failure(ErrorKind::Internal, "cannot lock " + path + ": " + std::strerror(errno));
      if (clock.now().boot >= until)
        return failure(ErrorKind::Timeout, "another process holds " + path, "end it, and try again");
      ::poll(nullptr, 0, lookMs);
    }
    return lock;
  }
  FileLock(FileLock&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock() {
    if (m_descriptor >= 0)
      ::close(m_descriptor);
  }

private:
  explicit FileLock(int descriptor) : m_descriptor(descriptor) {}
  int m_descriptor;
};

Status writePlan(const std::string& dir, const AddressPlan& plan) {
  return writeFile(pathIn(dir), plan.toJson().dump(2) + '\n', 0600);
}

} // namespace

Result<AddressPlan> readAddressPlan(const std::string& dir) {
  const std::string path = pathIn(dir);
  Result<std::string> text = readFile(path, sizeLimit);
  if (!text)
    return failure(text.error());
  Result<Json> json = parseJson(*text);
  Result<AddressPlan> plan = json ? AddressPlan::fromJson(*json) : failure(json.error());
  if (!plan)
    return failure(ErrorKind::Input, path + " is damaged: " + plan.error().message,
                   "take the sandbox down and up again");
  return plan;
}

Result<AddressPlan> writeSubnet(const std::string& dir, const std::string& subnet) {
  Result<FileLock> lock = FileLock::take(pathIn(dir) + ".lock");
  if (!lock)
    return failure(lock.error());
  const Result<AddressPlan> before = readAddressPlan(dir);
  const AddressPlan plan = before ? before->movedTo(subnet) : AddressPlan(subnet);
  if (Status written = writePlan(dir, plan); !written)
    return failure(written.error());
  return plan;
}

Result<AddressPlan> extendAddressPlan(const std::string& dir, const std::vector<std::string>& services) {
  Result<FileLock> lock = FileLock::take(pathIn(dir) + ".lock");
  Result<AddressPlan> plan = lock ? readAddressPlan(dir) : failure(lock.error());
  if (!plan && plan.error().kind == ErrorKind::NotFound)
    return failure(ErrorKind::NotFound, "there is no sandbox in " + dir,
                   "start one with `ratdeckctl sandbox up`");
  if (!plan)
    return plan;
  const Result<bool> isChanged = plan->add(services);
  if (!isChanged)
    return failure(isChanged.error());
  if (*isChanged)
    if (Status written = writePlan(dir, *plan); !written)
      return failure(written.error());
  return plan;
}

} // namespace ratdeck
