// The spelling of DOCKER_HOST.
#include "core/base/plain_text.h"
#include "core/remote/docker/docker_endpoint.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr std::size_t longestSocketPath = 107; // sockaddr_un
const std::string defaultSocket = "/var/run/docker.sock";

struct Authority {
  std::string user;
  std::string host;
  std::uint16_t port = 0;
};

tl::unexpected<Error> notAnAddress(const std::string& text, const std::string& origin,
                                   const std::string& why) {
  return failure(ErrorKind::Input, origin + " is no Docker address: " + why + ": \"" + plainText(text) + "\"",
                 "write unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST");
}

bool hasOnly(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

// Never a word that ssh could take for an option.
bool isHost(std::string_view text) {
  return !text.empty() && text.front() != '-' && hasOnly(text, ".-_:%");
}

bool isUser(std::string_view text) {
  return text.empty() || (text.front() != '-' && hasOnly(text, ".-_+@\\"));
}

Result<std::uint16_t> parsePort(const std::string& text) {
  if (text.empty() || text.size() > 5 ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return failure(ErrorKind::Input, "the port is no number");
  const int port = std::stoi(text);
  if (port < 1 || port > 65535)
    return failure(ErrorKind::Input, "the port is not within 1 to 65535");
  return static_cast<std::uint16_t>(port);
}

// [USER@]HOST[:PORT], with a V6 address in brackets.
Result<Authority> parseAuthority(std::string text) {
  Authority authority;
  if (const auto at = text.rfind('@'); at != std::string::npos) {
    authority.user = text.substr(0, at);
    text.erase(0, at + 1);
    if (authority.user.find(':') != std::string::npos)
      return failure(ErrorKind::Input, "a password has no place in it");
  }
  std::string port;
  if (const auto end = text.find(']'); text.starts_with('[') && end != std::string::npos) {
    authority.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else {
    const auto colon = text.find(':');
    authority.host = text.substr(0, colon);
    port = colon == std::string::npos ? "" : text.substr(colon);
  }
  if (!isHost(authority.host) || !isUser(authority.user))
    return failure(ErrorKind::Input, "the host's or user's name is off");
  if (port.empty())
    return authority;
  const auto number = parsePort(port.starts_with(':') ? port.substr(1) : std::string());
  if (!number)
    return failure(number.error());
  authority.port = *number;
  return authority;
}

bool isSocketPath(const std::string& path) {
  return path.starts_with('/') && path.size() <= longestSocketPath &&
         std::none_of(path.begin(), path.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string inUrl(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

Result<DockerEndpoint> parseSocket(const std::string& path, DockerEndpoint endpoint,
                                   const std::string& text) {
  endpoint.transport = DockerTransport::Unix;
  endpoint.socket = path.empty() ? defaultSocket : path;
  if (!isSocketPath(endpoint.socket))
    return notAnAddress(text, endpoint.origin, "not an absolute path of at most 107 bytes");
  return endpoint;
}

// What stands behind the authority: "" or "/" for TCP, the socket's path for ssh.
Status takePath(DockerEndpoint& endpoint, const std::string& path) {
  if (endpoint.transport != DockerTransport::Ssh)
    return path.empty() || path == "/" ? Status(Done{})
                                       : failure(ErrorKind::Input, "a path has no place in it");
  endpoint.socket = path.empty() || path == "/" ? defaultSocket : path;
  // ':' separates the two ends of a forwarding; ssh expands '%' and '$'.
  if (!isSocketPath(endpoint.socket) || endpoint.socket.find_first_of(":%$") != std::string::npos)
    return failure(ErrorKind::Input, "the socket's path over there is off");
  return Done{};
}

} // namespace

Result<DockerEndpoint> parseDockerHost(const std::string& text, const std::string& origin) {
  DockerEndpoint endpoint;
  endpoint.origin = origin;
  const auto mark = text.find("://");
  if (mark == std::string::npos)
    return notAnAddress(text, origin, "no scheme");
  const std::string scheme = text.substr(0, mark);
  const std::string rest = text.substr(mark + 3);
  if (scheme == "unix")
    return parseSocket(rest, std::move(endpoint), text);
  if (scheme == "ssh")
    endpoint.transport = DockerTransport::Ssh;
  else if (scheme == "tcp" || scheme == "http")
    endpoint.transport = DockerTransport::Tcp;
  else if (scheme == "https")
    endpoint.transport = DockerTransport::Tls;
  else
    return notAnAddress(text, origin, "an unknown scheme");
  const auto slash = rest.find('/');
  const auto authority = parseAuthority(rest.substr(0, slash));
  if (!authority)
    return notAnAddress(text, origin, authority.error().message);
  if (endpoint.transport != DockerTransport::Ssh && !authority->user.empty())
    return notAnAddress(text, origin, "a user's name has a place in ssh:// alone");
  endpoint.host = authority->host;
  endpoint.user = authority->user;
  endpoint.port = authority->port;
  if (endpoint.port == 0 && endpoint.transport == DockerTransport::Tcp)
    endpoint.port = 2375;
  if (endpoint.port == 0 && endpoint.transport == DockerTransport::Tls)
    endpoint.port = 2376;
  if (const auto taken = takePath(endpoint, slash == std::string::npos ? "" : rest.substr(slash)); !taken)
    return notAnAddress(text, origin, taken.error().message);
  return endpoint;
}

std::string DockerEndpoint::toString() const {
  const std::string withPort = inUrl(host) + (port == 0 ? "" : ":" + std::to_string(port));
  switch (transport) {
  case DockerTransport::Unix:
    return "unix://" + socket;
  case DockerTransport::Tcp:
  case DockerTransport::Tls:
    return "tcp://" + withPort;
  case DockerTransport::Ssh:
    return "ssh://" + (user.empty() ? "" : user + "@") + withPort + (socket == defaultSocket ? "" : socket);
  }
  return {};
}

} // namespace ratdeck
