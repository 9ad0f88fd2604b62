#include "tests/unit/sandbox/sandbox_under_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

namespace ratdeck {

namespace {

bool sendRequest(int fd, const std::string& method, const std::string& target, const std::string& body) {
  std::string text =
      method + " " + target +
      " HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body;
  return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

// Reads to the end, and closes.
Answer readAnswer(int fd) {
  Answer answer;
  std::string reply;
  std::array<char, 8192> buffer{};
  for (ssize_t n; (n = ::recv(fd, buffer.data(), buffer.size(), 0)) > 0;)
    reply.append(buffer.data(), static_cast<size_t>(n));
  ::close(fd);
  auto split = reply.find("\r\n\r\n");
  if (split == reply.npos)
    return answer;
  answer.status = std::atoi(reply.c_str() + 9);
  answer.head = reply.substr(0, split);
  answer.body = reply.substr(split + 4);
  return answer;
}

Answer talk(int fd, const std::string& method, const std::string& target, const std::string& body) {
  sendRequest(fd, method, target, body);
  return readAnswer(fd);
}

void limitWaiting(int fd) {
  timeval limit{30, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

// False too for one that only waits to be reaped.
bool runs(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  auto end = text.rfind(')');
  return end != text.npos && end + 2 < text.size() && text[end + 2] != 'Z';
}

// -1: nobody there.
int connectTcp(const std::string& address, int port) {
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, address.c_str(), &peer.sin_addr);
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  limitWaiting(fd);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof peer) == 0)
    return fd;
  ::close(fd);
  return -1;
}

} // namespace

Answer askTcp(const std::string& address, int port, const std::string& method, const std::string& target,
              const std::string& body) {
  int fd = connectTcp(address, port);
  return fd < 0 ? Answer{} : talk(fd, method, target, body);
}

PendingRequest::PendingRequest(const std::string& address, int port, const std::string& target)
    : m_fd(connectTcp(address, port)) {
  sendRequest(m_fd, "GET", target, {});
}

Answer PendingRequest::finish() {
  return m_fd < 0 ? Answer{} : readAnswer(std::exchange(m_fd, -1));
}

RunResult runProgram(const std::vector<std::string>& argv) {
  std::string line;
  for (const auto& word : argv)
    line += "'" + word + "' ";
  RunResult result;
  FILE* pipe = ::popen(line.c_str(), "r");
  if (!pipe)
    return result;
  std::array<char, 4096> buffer{};
  for (size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    result.output.append(buffer.data(), n);
  int status = ::pclose(pipe);
  result.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return result;
}

std::string sandboxProgram() {
  return SANDBOX_PROGRAM;
}

SandboxUnderTest::SandboxUnderTest(std::string subnet, int startMs)
    : m_subnet(std::move(subnet)), m_startMs(startMs) {
  char pattern[] = "/tmp/ratdeck-test-XXXXXX";
  m_folder = ::mkdtemp(pattern);
}

SandboxUnderTest::~SandboxUnderTest() {
  if (m_pid > 0 && ask("POST", "/v1/shutdown").status != 200)
    runProgram({sandboxProgram(), "down", "--dir", m_folder});
  if (int process = m_pid > 0 ? static_cast<int>(::syscall(SYS_pidfd_open, m_pid, 0)) : -1; process >= 0) {
    pollfd end{process, POLLIN, 0};
    ::poll(&end, 1, 5000); // the subnet is free when it is gone
    ::close(process);
  }
  std::error_code ignored;
  std::filesystem::remove_all(m_folder, ignored);
}

bool SandboxUnderTest::start() {
  auto run = runProgram({sandboxProgram(), "supervise", "--dir", m_folder, "--name", "test", "--subnet",
                         m_subnet, "--start-ms", std::to_string(m_startMs), "--daemonize"});
  m_pid = run.exitCode == 0 ? std::atoi(run.output.c_str()) : 0;
  return m_pid > 0;
}

void SandboxUnderTest::killSupervisor() {
  ::kill(m_pid, SIGKILL);
  m_pid = 0;
}

Answer SandboxUnderTest::ask(const std::string& method, const std::string& target, const Json& body) {
  sockaddr_un peer{};
  peer.sun_family = AF_UNIX;
  auto path = m_folder + "/supervisor.sock";
  path.copy(peer.sun_path, sizeof peer.sun_path - 1);
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  limitWaiting(fd);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof peer) != 0) {
    ::close(fd);
    return {};
  }
  return talk(fd, method, target, method == "GET" ? "" : dumpJson(body));
}

Answer SandboxUnderTest::put(const std::string& id, const std::string& service, const std::string& host,
                             const Json& more) {
  Json body{{"service", service},
            {"address", address(host)},
            {"image", "rat/" + service + ":1.0.0"},
            {"plays", service},
            {"number", 1},
            {"labels", {{"a", "b"}}}};
  if (more.is_object())
    body.update(more);
  return ask("PUT", "/v1/instances/" + id, body);
}

Json SandboxUnderTest::stop(const std::string& id, int graceMs) {
  return ask("POST", "/v1/instances/" + id + "/stop", {{"signal", "SIGTERM"}, {"grace_ms", graceMs}}).json();
}

int SandboxUnderTest::exec(const std::string& id, const std::vector<std::string>& argv, std::string* output) {
  auto answer = ask("POST", "/v1/instances/" + id + "/exec", {{"argv", argv}, {"timeout_ms", 3000}}).json();
  if (output)
    *output = textAt(answer, "output");
  return static_cast<int>(integerAt(answer, "exit_code", -1));
}

} // namespace ratdeck
