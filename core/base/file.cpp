#include "core/base/file.h"

#include "core/base/digest.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace ratdeck {

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
  bool isOpen() const { return m_fd >= 0; }

private:
  int m_fd;
};

tl::unexpected<Error> ioError(const std::string& what, const std::string& path) {
  auto kind = errno == ENOENT ? ErrorKind::NotFound : errno == ELOOP ? ErrorKind::Input : ErrorKind::Internal;
  return failure(kind, "cannot " + what + ": " + std::strerror(errno), {}, {path});
}

std::string folderOf(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

Status writeAll(int fd, const std::string& text, const std::string& path) {
  for (size_t written = 0; written < text.size();) {
    auto n = ::write(fd, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return ioError("write the file", path);
    written += static_cast<size_t>(n);
  }
  return Done{};
}

} // namespace

Result<std::string> readFile(const std::string& path, size_t limit) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.isOpen())
    return ioError("read the file", path);
  struct stat info {};
  if (::fstat(file.fd(), &info) != 0)
    return ioError("read the file", path);
  if (!S_ISREG(info.st_mode))
    return failure(ErrorKind::Input,
                   S_ISDIR(info.st_mode) ? "is a directory, not a file" : "is not a regular file",
                   "name a regular file", {path});
  auto tooLarge = [&] {
    return failure(ErrorKind::Input, "is larger than " + std::to_string(limit >> 10) + " KiB",
                   "split the file", {path});
  };
  if (static_cast<size_t>(info.st_size) > limit)
    return tooLarge();
  std::string text;
  char buffer[65536];
  for (;;) {
    auto n = ::read(file.fd(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return ioError("read the file", path);
    if (n == 0)
      return text;
    text.append(buffer, static_cast<size_t>(n));
    if (text.size() > limit)
      return tooLarge();
  }
}

Status writeFile(const std::string& path, const std::string& text, unsigned mode) {
  auto beside = path + "." + randomHex(6) + ".tmp";
  {
    Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!file.isOpen())
      return ioError("write the file", path);
    auto written = writeAll(file.fd(), text, path);
    if (written && ::fsync(file.fd()) != 0)
      written = ioError("sync the file", path);
    if (!written) {
      ::unlink(beside.c_str());
      return written;
    }
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    auto error = ioError("write the file", path);
    ::unlink(beside.c_str());
    return error;
  }
  Descriptor folder(::open(folderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.isOpen() && ::fsync(folder.fd()) != 0)
    return ioError("sync the folder of the file", path);
  return Done{};
}

Status makePrivateFolder(const std::string& path) {
  if (path.empty() || path == "/")
    return Done{};
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0)
    return S_ISDIR(info.st_mode) ? Status(Done{})
                                 : failure(ErrorKind::Conflict, "is not a folder", "move it away", {path});
  if (auto parent = makePrivateFolder(std::filesystem::path(path).parent_path().string()); !parent)
    return parent;
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return ioError("make the folder", path);
  return Done{};
}

} // namespace ratdeck
