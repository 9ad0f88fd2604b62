#include "app/sandbox/router_process.h"

#include "core/base/duration.h"
#include "core/base/file.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <sstream>
#include <utility>

namespace ratdeck::sandbox {

namespace {

constexpr auto lookEvery = 20ms;
constexpr int looks = 150;
constexpr int looksWithoutSocket = 25; // long enough to see a refused configuration
constexpr auto restartAfter = 100ms;
constexpr size_t shownLines = 5;

std::string programPath() {
  for (const char* path : {"/usr/sbin/haproxy", "/usr/local/sbin/haproxy", "/usr/bin/haproxy"})
    if (::access(path, X_OK) == 0)
      return path;
  return {};
}

// The path after "stats socket", "" without one.
std::string socketIn(const std::string& config) {
  std::istringstream lines(config);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string first, second, path;
    if (words >> first >> second >> path && first == "stats" && second == "socket")
      return path.starts_with("unix@") ? path.substr(5) : path;
  }
  return {};
}

bool answers(const std::string& path) {
  sockaddr_un peer{};
  peer.sun_family = AF_UNIX;
  path.copy(peer.sun_path, sizeof peer.sun_path - 1);
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bool open = ::connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof peer) == 0;
  ::close(fd);
  return open;
}

} // namespace

RouterProcess::RouterProcess(boost::asio::io_context& io, ProcessTable& table, const std::string& folder)
    : m_io(io), m_table(table), m_config(folder + "/haproxy.cfg"), m_output(folder + "/logs/haproxy.log"),
      m_lookTimer(io), m_restartTimer(io), m_killTimer(io) {}

void RouterProcess::configure(const std::string& text, std::function<void(Result<int>)> done) {
  if (auto written = writeFile(m_config, text, 0600); !written)
    return done(failure(written.error()));
  if (m_child)
    return done(m_child->pid());
  m_socket = socketIn(text);
  ::unlink(m_socket.c_str());
  if (auto spawned = spawn(); !spawned)
    return done(failure(spawned.error()));
  m_waiting.push_back(std::move(done));
  awaitSocket(m_socket.empty() ? looksWithoutSocket : looks);
}

Status RouterProcess::spawn() {
  auto program = programPath();
  if (program.empty())
    return failure(ErrorKind::NotFound, "haproxy is not installed", "install the package haproxy");
  ChildOptions options;
  options.argv = {program, "-db", "-f", m_config};
  options.onOutput = [this](std::string_view bytes) {
    m_output.append(bytes);
  };
  options.onExit = [this](ChildExit exit) {
    exited(exit);
  };
  auto child = ChildProcess::spawn(m_io, std::move(options));
  if (!child)
    return failure(child.error());
  m_child = std::move(*child);
  return m_table.add("haproxy", m_child->pid());
}

void RouterProcess::awaitSocket(int looksLeft) {
  if (!m_child)
    return; // exited() has answered
  if (!m_socket.empty() && answers(m_socket))
    return answer(m_child->pid());
  if (looksLeft == 0)
    return answer(m_socket.empty() ? Result<int>(m_child->pid())
                                   : failure(ErrorKind::Timeout, "haproxy does not open " + m_socket));
  m_lookTimer.expires_after(lookEvery);
  m_lookTimer.async_wait([this, looksLeft](boost::system::error_code error) {
    if (!error)
      awaitSocket(looksLeft - 1);
  });
}

void RouterProcess::answer(Result<int> result) {
  for (auto& done : std::exchange(m_waiting, {}))
    done(result);
}

void RouterProcess::exited(ChildExit exit) {
  boost::asio::post(m_io, [gone = std::shared_ptr<ChildProcess>(std::move(m_child))] {});
  m_child = nullptr;
  m_lookTimer.cancel();
  m_killTimer.cancel();
  m_table.remove("haproxy");
  if (m_stopping) {
    // First: their requests keep the supervisor's server from being idle.
    answer(failure(ErrorKind::Cancelled, "the router is being stopped"));
    if (auto done = std::exchange(m_stopDone, nullptr))
      done();
    return;
  }
  if (!m_waiting.empty()) {
    std::string words;
    for (const auto& line : m_output.tail(shownLines))
      words += (words.empty() ? "" : " | ") + line;
    return answer(failure(ErrorKind::Input, "haproxy ended with " + std::to_string(exit.code) + ": " + words,
                          "look at " + m_config));
  }
  m_restartTimer.expires_after(restartAfter);
  m_restartTimer.async_wait([this](boost::system::error_code error) {
    if (error || m_stopping || m_child)
      return;
    if (auto spawned = spawn(); !spawned)
      m_output.append("restart failed: " + spawned.error().message + "\n");
  });
}

void RouterProcess::stop(Duration grace, std::function<void()> done) {
  m_stopping = true;
  m_restartTimer.cancel();
  if (!m_child)
    return done();
  m_stopDone = std::move(done);
  m_child->signal(SIGTERM);
  m_killTimer.expires_after(grace);
  m_killTimer.async_wait([this](boost::system::error_code error) {
    if (!error && m_child)
      m_child->signal(SIGKILL);
  });
}

} // namespace ratdeck::sandbox
