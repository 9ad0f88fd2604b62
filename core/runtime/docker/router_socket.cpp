#include "core/runtime/docker/router_socket.h"

#include "core/base/file.h"

#include <filesystem>

namespace ratdeck {

namespace {

constexpr std::size_t longestPath = 90; // a socket's path has 107 bytes, and HAProxy adds a suffix

// The folder around the socket is ours alone; the one that the container sees is open to its user.
Result<Done> makeFolder(const std::string& folder) {
  if (folder.size() > longestPath)
    return failure(ErrorKind::Input, "the path of the router's socket is too long: " + folder,
                   "set XDG_STATE_HOME to a shorter folder");
  if (Status made = makePrivateFolder(folder); !made)
    return failure(made.error());
  std::error_code error;
  std::filesystem::permissions(folder, std::filesystem::perms::all, error);
  if (error)
    return failure(ErrorKind::Internal, "cannot open " + folder + " to the router: " + error.message());
  return Done{};
}

} // namespace

Result<std::string> RouterSocket::place() const {
  if (m_vantage.isRelayed())
    return m_volume;
  if (auto made = makeFolder(m_folder); !made)
    return failure(made.error());
  return m_folder;
}

bool RouterSocket::isReached(const std::string& mount) const {
  std::error_code ignored;
  return m_vantage.isRelayed() ? !mount.empty() : std::filesystem::equivalent(mount, m_folder, ignored);
}

} // namespace ratdeck
