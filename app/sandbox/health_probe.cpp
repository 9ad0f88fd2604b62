#include "app/sandbox/health_probe.h"

#include "app/sandbox/grpc_health_call.h"
#include "app/sandbox/http_message.h"
#include "app/sandbox/role_kind.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace ratdeck::sandbox {

namespace {

using Kind = HealthQuestion::Kind;

constexpr size_t shownBytes = 300;
constexpr size_t replyLimit = 64u << 10;

// A blocking TCP connection with one deadline for all it does.
class Line {
public:
  explicit Line(Duration timeout) : m_until(SystemClock().now().boot + timeout) {}
  ~Line() {
    if (m_fd >= 0)
      ::close(m_fd);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  bool connect(const std::string& host, std::uint16_t port) {
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &peer.sin_addr) != 1) {
      m_error = "\"" + host + "\" is not an IPv4 address";
      return false;
    }
    m_fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (::connect(m_fd, reinterpret_cast<sockaddr*>(&peer), sizeof peer) != 0 && errno != EINPROGRESS)
      return fail(errno);
    if (!await(POLLOUT))
      return false;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(m_fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 || fail(error);
  }

  bool send(const std::string& bytes) {
    return ::send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()) ||
           fail(errno);
  }

  // Up to the end, or up to `enough` bytes.
  bool read(std::string& bytes, size_t enough) {
    char buffer[4096];
    while (bytes.size() < enough) {
      if (!await(POLLIN))
        return false;
      auto got = ::recv(m_fd, buffer, sizeof buffer, 0);
      if (got < 0 && errno == EAGAIN)
        continue;
      if (got < 0)
        return fail(errno);
      if (got == 0)
        return true;
      bytes.append(buffer, static_cast<size_t>(got));
    }
    return true;
  }

  const std::string& error() const { return m_error; }

private:
  bool await(short what) {
    auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(m_until - SystemClock().now().boot).count();
    pollfd watch{m_fd, what, 0};
    if (left > 0 && ::poll(&watch, 1, static_cast<int>(left)) > 0)
      return true;
    m_error = "timed out";
    return false;
  }
  bool fail(int error) {
    m_error = std::strerror(error);
    return false;
  }

  BootTime m_until;
  int m_fd = -1;
  std::string m_error;
};

struct Asker {
  const ExecOptions& options;
  std::string said;

  int ask(HealthQuestion question) {
    if (question.kind == Kind::Own)
      question = ownQuestion();
    if (question.kind == Kind::Constant)
      return question.status;
    if (question.host.empty())
      question.host = options.address;
    auto where = question.host + ":" + std::to_string(question.port);
    std::string detail;
    int code = askOf(question, detail);
    said += where + (question.kind == Kind::HttpGet ? question.path : "") + ": " + detail + "\n";
    return code;
  }

  HealthQuestion ownQuestion() const {
    auto role = roleOf(options.plays);
    auto ports = portsOf(options.plays, options.ports, options.environment);
    if (ports.empty())
      return {Kind::Constant, {}, 0, {}, 0};
    if (speaksGrpc(role))
      return {Kind::ChannelReady, {}, ports.front(), {}, 0};
    return {Kind::HttpGet, {}, ports.front(), healthPathOf(role), 0};
  }

  int askOf(const HealthQuestion& question, std::string& detail) const {
    switch (question.kind) {
    case Kind::HttpGet:
      return askHttp(question, detail);
    case Kind::ChannelReady:
      return askChannel(question, detail);
    case Kind::GrpcHealth:
      return callGrpcHealth(question.host + ":" + std::to_string(question.port), question.path,
                            options.timeout, detail);
    case Kind::TcpConnect: {
      Line line(options.timeout);
      bool open = line.connect(question.host, question.port);
      detail = open ? "open" : line.error();
      return open ? 0 : 1;
    }
    case Kind::Constant:
    case Kind::Own:
      break;
    }
    return 1;
  }

  int askHttp(const HealthQuestion& question, std::string& detail) const {
    Line line(options.timeout);
    std::string reply;
    auto host = question.host + ":" + std::to_string(question.port);
    if (!line.connect(question.host, question.port) ||
        !line.send(toWire("GET", question.path, host, {}, true)) || !line.read(reply, replyLimit)) {
      detail = line.error();
      return 1;
    }
    int status = reply.starts_with("HTTP/1.") && reply.size() > 12 ? std::atoi(reply.c_str() + 9) : 0;
    auto body = reply.find("\r\n\r\n");
    detail = std::to_string(status) + " " + (body == reply.npos ? "" : reply.substr(body + 4, shownBytes));
    return status >= 200 && status < 400 ? 0 : 1;
  }

  // Both sides of HTTP/2 begin with SETTINGS: a server that sends them is what gRPC calls ready.
  int askChannel(const HealthQuestion& question, std::string& detail) const {
    static const std::string preface =
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + std::string("\0\0\0\4\0\0\0\0\0", 9);
    constexpr size_t frameHeader = 9;
    Line line(options.timeout);
    std::string reply;
    if (!line.connect(question.host, question.port) || !line.send(preface) ||
        !line.read(reply, frameHeader)) {
      detail = line.error();
      return 1;
    }
    bool isReady = reply.size() >= frameHeader && reply[3] == 4;
    detail = isReady ? "channel ready" : "does not speak HTTP/2";
    return isReady ? 0 : 1;
  }
};

} // namespace

ExecAnswer runHealthCommand(const ExecOptions& options) {
  Asker asker{options, {}};
  int code = 0;
  bool isFirst = true;
  for (const auto& link : understandHealthCommand(options.argv)) {
    bool runs = isFirst || link.when == HealthLink::When::Always ||
                (link.when == HealthLink::When::AfterFailure && code != 0) ||
                (link.when == HealthLink::When::AfterSuccess && code == 0);
    if (runs)
      code = asker.ask(link.question);
    isFirst = false;
  }
  return {code, asker.said};
}

} // namespace ratdeck::sandbox
