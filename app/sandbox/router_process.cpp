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
constexpr size_t textLimit = 4u << 20;

std::string programPath() {
  for (const char* path : {"/usr/sbin/haproxy", "/usr/local/sbin/haproxy", "/usr/bin/haproxy"})
    if (::access(path, X_OK) == 0)
      return path;
  return {};
}

std::string replacedName(int pid) {
  return "haproxy-" + std::to_string(pid);
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

RouterProcess::RouterProcess(boost::asio::io_context& io, ProcessTable& table, const std::string& folder,
                             Duration handover)
    : m_io(io), m_table(table), m_handover(handover), m_config(folder + "/haproxy.cfg"),
      m_output(folder + "/logs/haproxy.log"), m_lookTimer(io), m_restartTimer(io), m_killTimer(io) {}

void RouterProcess::configure(const std::string& text, bool reload, std::function<void(Result<int>)> done) {
  if (m_pid != 0 && reload)
    return this->reload(text, std::move(done));
  if (auto written = writeFile(m_config, text, 0600); !written)
    return done(failure(written.error()));
  if (m_pid != 0)
    return done(m_pid);
  m_socket = socketIn(text);
  ::unlink(m_socket.c_str());
  if (auto spawned = spawn(); !spawned)
    return done(failure(spawned.error()));
  m_waiting.push_back(std::move(done));
  awaitSocket(m_socket.empty() ? looksWithoutSocket : looks);
}

void RouterProcess::reload(const std::string& text, std::function<void(Result<int>)> done) {
  if (m_replaced != 0 || !m_waiting.empty())
    return done(failure(ErrorKind::Conflict, "the router is being started or reloaded", "try again"));
  auto before = readFile(m_config, textLimit);
  auto written = before ? writeFile(m_config, text, 0600) : failure(before.error());
  if (!written)
    return done(failure(written.error()));
  m_textBefore = std::move(*before);
  auto old = m_pid;
  std::vector<std::string> takeOver{"-sf", std::to_string(old)};
  if (m_socket.starts_with('/'))
    takeOver.insert(takeOver.begin(), {"-x", m_socket});
  if (auto spawned = spawn(takeOver); !spawned)
    return done(failure(spawned.error()));
  m_replaced = old;
  (void)m_table.add(replacedName(old), old);
  m_socket = socketIn(text);
  m_waiting.push_back(std::move(done));
  m_lookTimer.expires_after(m_handover);
  m_lookTimer.async_wait([this](boost::system::error_code error) {
    if (!error)
      finishReload();
  });
}

Status RouterProcess::spawn(const std::vector<std::string>& more) {
  auto program = programPath();
  if (program.empty())
    return failure(ErrorKind::NotFound, "haproxy is not installed", "install the package haproxy");
  auto pid = std::make_shared<int>(0);
  ChildOptions options;
  options.argv = {program, "-db", "-f", m_config};
  options.argv.insert(options.argv.end(), more.begin(), more.end());
  options.onOutput = [this](std::string_view bytes) {
    m_output.append(bytes);
  };
  options.onExit = [this, pid](ChildExit exit) {
    exited(*pid, exit);
  };
  auto child = ChildProcess::spawn(m_io, std::move(options));
  if (!child)
    return failure(child.error());
  m_pid = *pid = (*child)->pid();
  m_children[m_pid] = std::move(*child);
  return m_table.add("haproxy", m_pid);
}

void RouterProcess::awaitSocket(int looksLeft) {
  if (m_pid == 0)
    return; // exited() has answered
  if (!m_socket.empty() && answers(m_socket))
    return answer(m_pid);
  if (looksLeft == 0)
    return answer(m_socket.empty() ? Result<int>(m_pid)
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

void RouterProcess::exited(int pid, ChildExit exit) {
  // Its own callback runs: the child is let go after it.
  boost::asio::post(m_io, [gone = std::shared_ptr<ChildProcess>(std::move(m_children[pid]))] {});
  m_children.erase(pid);
  bool wasRouter = pid == m_pid;
  m_table.remove(wasRouter ? "haproxy" : replacedName(pid));
  if (wasRouter)
    m_pid = 0;
  if (m_stopping)
    return endedWhileStopping();
  if (wasRouter)
    return routerEnded(exit);
  if (pid == m_replaced)
    finishReload();
}

void RouterProcess::finishReload() {
  m_replaced = 0;
  m_lookTimer.cancel();
  answer(m_pid);
}

// Those that wait are answered first: their requests keep the supervisor's server from being idle.
void RouterProcess::endedWhileStopping() {
  m_lookTimer.cancel();
  answer(failure(ErrorKind::Cancelled, "the router is being stopped"));
  if (!m_children.empty())
    return;
  m_killTimer.cancel();
  if (auto done = std::exchange(m_stopDone, nullptr))
    done();
}

void RouterProcess::routerEnded(ChildExit exit) {
  m_lookTimer.cancel();
  bool isAwaited = !m_waiting.empty();
  bool isReload = m_replaced != 0;
  // It refuses its configuration before it tells the old process to leave.
  if (isReload && exit.signal == 0)
    takeBack();
  m_replaced = 0;
  std::string words;
  for (const auto& line : m_output.tail(shownLines))
    words += (words.empty() ? "" : " | ") + line;
  answer(failure(ErrorKind::Input, "haproxy ended with " + std::to_string(exit.code) + ": " + words,
                 "look at " + m_config));
  if (m_pid == 0 && (!isAwaited || isReload))
    restart();
}

void RouterProcess::takeBack() {
  m_pid = std::exchange(m_replaced, 0);
  m_table.remove(replacedName(m_pid));
  (void)m_table.add("haproxy", m_pid);
  m_socket = socketIn(m_textBefore);
  if (auto written = writeFile(m_config, m_textBefore, 0600); !written)
    m_output.append("the configuration before is lost: " + written.error().message + "\n");
}

void RouterProcess::restart() {
  m_restartTimer.expires_after(restartAfter);
  m_restartTimer.async_wait([this](boost::system::error_code error) {
    if (error || m_stopping || m_pid != 0)
      return;
    if (auto spawned = spawn(); !spawned)
      m_output.append("restart failed: " + spawned.error().message + "\n");
  });
}

void RouterProcess::stop(Duration grace, std::function<void()> done) {
  m_stopping = true;
  m_restartTimer.cancel();
  if (m_children.empty())
    return done();
  m_stopDone = std::move(done);
  signalAll(SIGTERM);
  m_killTimer.expires_after(grace);
  m_killTimer.async_wait([this](boost::system::error_code error) {
    if (!error)
      signalAll(SIGKILL);
  });
}

void RouterProcess::signalAll(int number) {
  for (auto& [pid, child] : m_children)
    child->signal(number);
}

} // namespace ratdeck::sandbox
