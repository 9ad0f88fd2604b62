#include "core/journal/file_port.h"

#include "core/base/digest.h"
#include "core/base/file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ratdeck::journal {

namespace {

class Descriptor {
public:
  explicit Descriptor(int fd) : m_fd(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (m_fd >= 0)
      ::close(m_fd);
  }
  int fd() const { return m_fd; }
  int release() { return std::exchange(m_fd, -1); }

private:
  int m_fd;
};

template <class Call>
auto again(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR)
    result = call();
  return result;
}

int resultOf(int result) {
  return result == 0 ? 0 : -errno;
}

std::string folderOf(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

int syncFolder(const std::string& folder) {
  Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened.fd() < 0 ? -errno : resultOf(again([&] { return ::fsync(opened.fd()); }));
}

// A lock on the whole file that belongs to the open file and not to the process: it is let go at the last
// close, a second open in the same process meets it, and others can ask for it without taking it.
struct flock wholeFile() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

bool lock(int fd) {
  auto range = wholeFile();
  return ::fcntl(fd, F_OFD_SETLK, &range) == 0;
}

int openNew(const std::string& path) {
  return ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

int writeAll(int fd, std::string_view text) {
  while (!text.empty()) {
    auto written = again([&] { return ::write(fd, text.data(), text.size()); });
    if (written <= 0)
      return written < 0 ? -errno : -EIO;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

// 0 or -errno.
int copyFrom(int from, long long offset, int to) {
  std::vector<char> buffer(65536);
  for (;;) {
    auto n = again([&] { return ::pread(from, buffer.data(), buffer.size(), offset); });
    if (n <= 0)
      return n < 0 ? -errno : resultOf(again([&] { return ::fsync(to); }));
    if (auto error = writeAll(to, {buffer.data(), static_cast<size_t>(n)}); error != 0)
      return error;
    offset += n;
  }
}

class PosixFile final : public FilePort {
public:
  PosixFile(int fd, std::string path) : m_file(fd), m_path(std::move(path)) {}

  long long write(std::string_view bytes, long long offset) override {
    auto written = again([&] { return ::pwrite(m_file.fd(), bytes.data(), bytes.size(), offset); });
    return written < 0 ? -errno : written;
  }
  int sync() override {
    return resultOf(again([&] { return ::fdatasync(m_file.fd()); }));
  }
  int truncate(long long size) override {
    return resultOf(again([&] { return ::ftruncate(m_file.fd(), size); }));
  }
  int replaceHead(std::string_view text) override {
    auto head = headPathOf(m_path);
    auto beside = head + ".new"; // one writer, one name; O_EXCL and the removal keep a planted link out
    ::unlink(beside.c_str());
    auto error = writeNew(beside, text);
    if (error == 0 && ::rename(beside.c_str(), head.c_str()) != 0)
      error = -errno;
    if (error != 0)
      ::unlink(beside.c_str());
    return error;
  }

private:
  static int writeNew(const std::string& path, std::string_view text) {
    Descriptor file(openNew(path));
    if (file.fd() < 0)
      return -errno;
    if (auto error = writeAll(file.fd(), text); error != 0)
      return error;
    return resultOf(again([&] { return ::fdatasync(file.fd()); }));
  }

  Descriptor m_file;
  std::string m_path;
};

Status checkRegular(int fd, const std::string& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0)
    return failure(ioError("cannot read the journal", path, errno));
  if (!S_ISREG(info.st_mode))
    return failure(ErrorKind::Input, "is not a regular file", "name a journal (*.ratlog)", {path});
  return Done{};
}

} // namespace

Result<std::unique_ptr<FilePort>> createJournalFile(const std::string& path) {
  if (auto made = makePrivateFolder(folderOf(path)); !made)
    return failure(made.error());
  Descriptor file(openNew(path));
  if (file.fd() < 0)
    return failure(ioError("cannot make the journal", path, errno));
  if (!lock(file.fd()))
    return failure(ioError("cannot lock the journal", path, errno));
  if (auto error = syncFolder(folderOf(path)); error != 0)
    return failure(ioError("cannot make the journal last", path, -error));
  return std::make_unique<PosixFile>(file.release(), path);
}

Result<std::unique_ptr<FilePort>> openJournalFile(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (file.fd() < 0)
    return failure(ioError("cannot open the journal", path, errno));
  if (auto regular = checkRegular(file.fd(), path); !regular)
    return failure(regular.error());
  if (!lock(file.fd())) {
    if (errno != EAGAIN && errno != EACCES)
      return failure(ioError("cannot lock the journal", path, errno));
    return failure(ErrorKind::Refused, "another engine is writing this journal",
                   "wait for it, or attach to it instead of resuming", {path});
  }
  return std::make_unique<PosixFile>(file.release(), path);
}

void removeJournalFile(const std::string& path) {
  ::unlink(headPathOf(path).c_str());
  ::unlink(path.c_str());
}

bool hasWriter(const std::string& path) {
  auto opened = openForReading(path);
  if (!opened)
    return false;
  Descriptor file(*opened);
  auto range = wholeFile();
  return ::fcntl(file.fd(), F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

Result<int> openForReading(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (file.fd() < 0)
    return failure(ioError("cannot read the journal", path, errno));
  if (auto regular = checkRegular(file.fd(), path); !regular)
    return failure(regular.error());
  return file.release();
}

Result<std::string> readSmallFile(const std::string& path, size_t limit) {
  auto opened = openForReading(path);
  if (!opened)
    return failure(opened.error());
  Descriptor file(*opened);
  std::string text(limit + 1, '\0');
  size_t used = 0;
  while (used < text.size()) {
    auto n = again([&] { return ::read(file.fd(), text.data() + used, text.size() - used); });
    if (n < 0)
      return failure(ioError("cannot read", path, errno));
    if (n == 0)
      break;
    used += static_cast<size_t>(n);
  }
  if (used > limit)
    return failure(ErrorKind::Input, "is larger than " + std::to_string(limit) + " bytes", {}, {path});
  text.resize(used);
  return text;
}

Result<std::string> saveTail(const std::string& path, long long offset) {
  auto opened = openForReading(path);
  if (!opened)
    return failure(opened.error());
  Descriptor from(*opened);
  for (int n = 1; n <= 1000; ++n) {
    auto name = path + ".torn-" + std::to_string(n);
    Descriptor to(openNew(name));
    if (to.fd() < 0 && errno == EEXIST)
      continue;
    if (to.fd() < 0)
      return failure(ioError("the torn tail cannot be saved", name, errno));
    auto error = copyFrom(from.fd(), offset, to.fd());
    if (error == 0)
      error = syncFolder(folderOf(path));
    if (error == 0)
      return name;
    ::unlink(name.c_str());
    return failure(ioError("the torn tail cannot be saved", name, -error));
  }
  return failure(ErrorKind::Conflict, "a thousand torn tails of this journal are saved already",
                 "move them away", {path});
}

Error ioError(const std::string& what, const std::string& path, int error) {
  Error result{ErrorKind::Internal, what + ": " + std::strerror(error), {}, {path}};
  switch (error) {
  case ENOENT:
    result.kind = ErrorKind::NotFound;
    break;
  case EEXIST:
    result.kind = ErrorKind::Conflict;
    result.next = "a rollout of this id exists; choose another id";
    break;
  case ELOOP:
    result.kind = ErrorKind::Input;
    result.message = what + ": it is a symbolic link";
    result.next = "journals are never followed through links; name the file itself";
    break;
  case ENOSPC:
  case EDQUOT:
    result.next =
        "free some space on its file system, then go on: nothing was acknowledged that is not on the disk";
    break;
  case EROFS:
  case EACCES:
  case EPERM:
    result.next = "make the folder writable for this user";
    break;
  case EIO:
    result.next = "check the disk (kernel log) before going on";
    break;
  default:
    break;
  }
  return result;
}

std::string headPathOf(const std::string& journal) {
  return journal + ".head";
}

} // namespace ratdeck::journal
