#include "app/relay/line.h"

#include "core/base/duration.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace ratdeck::relay {

namespace {

constexpr std::size_t pieceBytes = 16u << 10;

} // namespace

Line::Line(Duration timeout) : m_until(SystemClock().now().boot + timeout), m_timeout(timeout) {}

Line::~Line() {
  if (m_fd >= 0)
    ::close(m_fd);
}

tl::unexpected<Error> Line::broken(int code) const {
  return failure(ErrorKind::Unreachable, code == ECONNREFUSED ? "connection refused"
                                         : code == ECONNRESET ? "connection reset"
                                                              : std::strerror(code));
}

Status Line::connect(const std::string& place) {
  const auto colon = place.rfind(':');
  std::string host = place.substr(0, colon);
  const long port = colon == std::string::npos ? 0 : std::strtol(place.c_str() + colon + 1, nullptr, 10);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  v4.sin_port = v6.sin6_port = htons(static_cast<std::uint16_t>(port));
  if (port > 0 && port <= 65535 && ::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1)
    return connectTo(&v4, sizeof v4);
  if (port > 0 && port <= 65535 && ::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1)
    return connectTo(&v6, sizeof v6);
  return failure(ErrorKind::Input, "\"" + place + "\" is not ADDRESS:PORT");
}

Status Line::connectToSocket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return failure(ErrorKind::Input, "\"" + path + "\" is no path of a socket");
  std::copy(path.begin(), path.end(), address.sun_path);
  return connectTo(&address, sizeof address);
}

Status Line::connectTo(const void* address, unsigned size) {
  const auto* peer = static_cast<const sockaddr*>(address);
  m_fd = ::socket(peer->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (m_fd < 0)
    return broken(errno);
  if (::connect(m_fd, peer, size) == 0)
    return Done{};
  if (errno != EINPROGRESS)
    return broken(errno);
  if (Status open = await(POLLOUT); !open)
    return open;
  int code = 0;
  socklen_t codeSize = sizeof code;
  ::getsockopt(m_fd, SOL_SOCKET, SO_ERROR, &code, &codeSize);
  return code == 0 ? Status(Done{}) : broken(code);
}

Status Line::send(const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto now = ::send(m_fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (now >= 0) {
      sent += static_cast<std::size_t>(now);
      continue;
    }
    if (errno != EAGAIN)
      return broken(errno);
    if (Status ready = await(POLLOUT); !ready)
      return ready;
  }
  return Done{};
}

Result<std::string> Line::read() {
  std::string piece(pieceBytes, '\0');
  for (;;) {
    const auto got = ::recv(m_fd, piece.data(), piece.size(), 0);
    if (got >= 0) {
      piece.resize(static_cast<std::size_t>(got));
      return piece;
    }
    if (errno != EAGAIN)
      return broken(errno);
    if (Status ready = await(POLLIN); !ready)
      return failure(ready.error());
  }
}

Status Line::await(short what) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(m_until - SystemClock().now().boot).count();
    pollfd watch{m_fd, what, 0};
    const int ready = left > 0 ? ::poll(&watch, 1, static_cast<int>(std::min<long long>(left, 600'000))) : 0;
    if (ready > 0)
      return Done{};
    if (ready < 0 && errno != EINTR)
      return broken(errno);
    if (left <= 0 || ready == 0)
      return failure(ErrorKind::Timeout, "no answer within " + toHumanString(m_timeout));
  }
}

} // namespace ratdeck::relay
