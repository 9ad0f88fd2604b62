#include "app/sandbox/child_process.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace ratdeck::sandbox {

namespace net = boost::asio;
using boost::system::error_code;

namespace {

constexpr int childControlFd = 3;
constexpr int execFailed = 127;
constexpr int unknownCode = -1;

std::vector<char*> pointersTo(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Between fork and exec: only async-signal-safe calls.
[[noreturn]] void becomeChild(pid_t parent, int output, int control, char* const* argv,
                              char* const* environment) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent)
    ::_exit(execFailed);
  // A handler of ours must never run here: it would speak into the pipe that it shares with the parent.
  for (int number = 1; number < NSIG; ++number)
    ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (control == childControlFd)
    ::fcntl(control, F_SETFD, 0);
  else if (control >= 0)
    ::dup2(control, childControlFd);
  ::syscall(SYS_close_range, control >= 0 ? childControlFd + 1 : childControlFd, ~0U, 0);
  ::execve(argv[0], argv, environment);
  static const char message[] = "cannot be executed\n";
  if (::write(STDERR_FILENO, message, sizeof message - 1) < 0)
    ::_exit(execFailed);
  ::_exit(execFailed);
}

ChildExit exitOf(int status) {
  int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return {signal != 0 ? 128 + signal : WEXITSTATUS(status), signal};
}

} // namespace

class ChildProcess::Core : public std::enable_shared_from_this<ChildProcess::Core> {
public:
  Core(net::io_context& io, pid_t pid, int pidFd, int output, ChildOptions options)
      : m_pid(pid), m_exit(io, pidFd), m_output(io, output), m_onOutput(std::move(options.onOutput)),
        m_onExit(std::move(options.onExit)) {}

  void watch() {
    error_code ignored;
    m_output.non_blocking(true, ignored);
    readOutput();
    awaitEnd();
  }

  // The wait for its end goes on without callbacks, and reaps it.
  void abandon() {
    m_onOutput = nullptr;
    m_onExit = nullptr;
    error_code ignored;
    m_output.close(ignored);
    signal(SIGKILL);
  }

  // A wake-up is a hint, and the loop never waits for the end: Asio's epoll reactor gives the state of a
  // closed descriptor to the next one that is opened, also while ready events of the old one are queued, so
  // the wait on a pidfd may complete while the child lives.
  void lookForEnd() {
    int status = 0;
    auto found = m_gone ? 0 : ::waitpid(m_pid, &status, WNOHANG);
    if (found == m_pid)
      ended(exitOf(status));
    else if (found < 0 && errno == ECHILD)
      ended({unknownCode, 0}); // reaped by the kernel: whoever started us has it ignore SIGCHLD
  }

  void signal(int number) {
    if (!m_gone)
      ::kill(m_pid, number);
  }
  int pid() const { return m_pid; }

private:
  // Waits, then reads what is there: no bytes are on their way when the end is seen.
  void readOutput() {
    m_output.async_wait(net::posix::stream_descriptor::wait_read,
                        [self = shared_from_this()](error_code error) {
                          if (error || !self->m_output.is_open() || !self->readSome())
                            return;
                          self->readOutput();
                        });
  }

  // False at the end of the output.
  bool readSome() {
    error_code error;
    auto n = m_output.read_some(net::buffer(m_buffer), error);
    if (error)
      return error == net::error::would_block || error == net::error::try_again;
    if (m_onOutput)
      m_onOutput({m_buffer.data(), n});
    return true;
  }

  void awaitEnd() {
    m_exit.async_wait(net::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](error_code error) {
                        if (error)
                          return;
                        self->awaitEnd(); // before it looks: no wake-up is missed
                        self->lookForEnd();
                      });
  }

  void ended(ChildExit exit) {
    m_gone = true;
    error_code ignored;
    m_output.cancel(ignored);
    readRest();
    m_output.close(ignored);
    m_exit.close(ignored);
    if (auto done = std::exchange(m_onExit, nullptr))
      done(exit);
  }

  // What it had written before its end. A grandchild may hold the pipe open, so this never waits.
  void readRest() {
    error_code error;
    while (!error) {
      auto n = m_output.read_some(net::buffer(m_buffer), error);
      if (!error && m_onOutput)
        m_onOutput({m_buffer.data(), n});
    }
  }

  pid_t m_pid;
  net::posix::stream_descriptor m_exit;
  net::posix::stream_descriptor m_output;
  std::function<void(std::string_view)> m_onOutput;
  std::function<void(ChildExit)> m_onExit;
  std::array<char, 4096> m_buffer{};
  bool m_gone = false;
};

Result<std::unique_ptr<ChildProcess>> ChildProcess::spawn(net::io_context& io, ChildOptions options) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return failure(ErrorKind::Internal, std::string("no pipe: ") + std::strerror(errno));
  auto argv = pointersTo(options.argv);
  auto environment = pointersTo(options.environment);
  auto parent = ::getpid();
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before); // until the child has let go of our handlers
  auto pid = ::fork();
  if (pid == 0)
    becomeChild(parent, ends[1], options.controlFd, argv.data(), environment.data());
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::close(ends[1]);
  if (pid < 0) {
    ::close(ends[0]);
    return failure(ErrorKind::Internal, std::string("cannot fork: ") + std::strerror(errno));
  }
  auto pidFd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (pidFd < 0) {
    int error = errno;
    ::close(ends[0]);
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return failure(ErrorKind::Internal, std::string("no pidfd: ") + std::strerror(error));
  }
  auto core = std::make_shared<Core>(io, pid, pidFd, ends[0], std::move(options));
  core->watch();
  return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(core)));
}

ChildProcess::ChildProcess(std::shared_ptr<Core> core) : m_core(std::move(core)) {}
ChildProcess::~ChildProcess() {
  m_core->abandon();
}
int ChildProcess::pid() const {
  return m_core->pid();
}
void ChildProcess::signal(int number) {
  m_core->signal(number);
}

void ChildProcess::lookForEnd() {
  m_core->lookForEnd();
}

int signalNumber(const std::string& name) {
  auto bare = name.starts_with("SIG") ? name.substr(3) : name;
  for (int number = 1; number < NSIG; ++number)
    if (const char* known = ::sigabbrev_np(number);
        (known && bare == known) || bare == std::to_string(number))
      return number;
  return 0;
}

std::string signalName(int number) {
  const char* name = number > 0 ? ::sigabbrev_np(number) : nullptr;
  return name ? std::string("SIG") + name : "";
}

} // namespace ratdeck::sandbox
