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
[[noreturn]] void becomeChild(pid_t parent, int output, int errors, const ChildOptions& options,
                              char* const* argv, char* const* environment) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent)
    ::_exit(execFailed);
  if (options.ownsGroup)
    ::setpgid(0, 0);
  const int control = options.controlFd;
  // A handler of ours must never run here: it would speak into the pipe that it shares with the parent.
  for (int number = 1; number < NSIG; ++number)
    ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
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
  // `errors`: -1 where its stderr goes with its output.
  Core(net::io_context& io, pid_t pid, int pidFd, int output, int errors, ChildOptions options)
      : m_pid(pid), m_ownsGroup(options.ownsGroup),
        m_exit(io, pidFd), m_output{net::posix::stream_descriptor(io, output), std::move(options.onOutput)},
        m_errors{net::posix::stream_descriptor(io), std::move(options.onErrors)},
        m_onExit(std::move(options.onExit)) {
    if (errors >= 0)
      m_errors.pipe.assign(errors);
  }

  void watch() {
    for (auto* stream : {&m_output, &m_errors})
      if (stream->pipe.is_open()) {
        error_code ignored;
        stream->pipe.non_blocking(true, ignored);
        read(*stream);
      }
    awaitEnd();
  }

  // The wait for its end goes on without callbacks, and reaps it.
  void abandon() {
    m_onExit = nullptr;
    for (auto* stream : {&m_output, &m_errors}) {
      stream->take = nullptr;
      error_code ignored;
      stream->pipe.close(ignored);
    }
    signal(SIGKILL);
  }

  // A wake-up is a hint, and the loop never waits for the end: Asio's epoll reactor gives the state of a
  // closed descriptor to the next one that is opened, also while ready events of the old one are queued, so
  // the wait on a pidfd may complete while the child lives.
  void lookForEnd() {
    if (m_gone || !mayBeReaped())
      return;
    int status = 0;
    auto found = ::waitpid(m_pid, &status, WNOHANG);
    if (found == m_pid)
      ended(exitOf(status));
    else if (found < 0 && errno == ECHILD)
      ended({unknownCode, 0}); // reaped by the kernel: whoever started us has it ignore SIGCHLD
  }

  void signal(int number) {
    if (!m_gone)
      ::kill(m_ownsGroup ? -m_pid : m_pid, number);
  }
  int pid() const { return m_pid; }

private:
  struct Stream {
    net::posix::stream_descriptor pipe;
    std::function<void(std::string_view)> take;
  };

  // Waits, then reads what is there: no bytes are on their way when the end is seen.
  void read(Stream& stream) {
    stream.pipe.async_wait(net::posix::stream_descriptor::wait_read,
                           [self = shared_from_this(), &stream](error_code error) {
                             if (error || !stream.pipe.is_open() || !self->readSome(stream))
                               return;
                             self->read(stream);
                           });
  }

  // False at the end of the output.
  bool readSome(Stream& stream) {
    error_code error;
    auto n = stream.pipe.read_some(net::buffer(m_buffer), error);
    if (error)
      return error == net::error::would_block || error == net::error::try_again;
    if (stream.take)
      stream.take({m_buffer.data(), n});
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

  // Of a group's leader: it has ended, and what it left in its group is ended too. Before it is reaped: until
  // then the number is nobody else's.
  bool mayBeReaped() {
    siginfo_t end{};
    if (!m_ownsGroup || ::waitid(P_PID, static_cast<id_t>(m_pid), &end, WEXITED | WNOHANG | WNOWAIT) != 0)
      return true;
    if (end.si_pid != m_pid)
      return false;
    ::kill(-m_pid, SIGKILL);
    return true;
  }

  void ended(ChildExit exit) {
    m_gone = true;
    error_code ignored;
    for (auto* stream : {&m_output, &m_errors}) {
      stream->pipe.cancel(ignored);
      readRest(*stream);
      stream->pipe.close(ignored);
    }
    m_exit.close(ignored);
    if (auto done = std::exchange(m_onExit, nullptr))
      done(exit);
  }

  // What it had written before its end. A grandchild may hold the pipe open, so this never waits.
  void readRest(Stream& stream) {
    error_code error;
    while (!error) {
      auto n = stream.pipe.read_some(net::buffer(m_buffer), error);
      if (!error && stream.take)
        stream.take({m_buffer.data(), n});
    }
  }

  pid_t m_pid;
  bool m_ownsGroup;
  net::posix::stream_descriptor m_exit;
  Stream m_output, m_errors;
  std::function<void(ChildExit)> m_onExit;
  std::array<char, 4096> m_buffer{};
  bool m_gone = false;
};

namespace {

// The end to read of a pipe, and the end that becomes a child's; -1: there is none.
struct Pipe {
  int read = -1, write = -1;

  bool make() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      return false;
    read = ends[0];
    write = ends[1];
    return true;
  }
  void closeRead() { closeOne(read); }
  void closeWrite() { closeOne(write); }

private:
  static void closeOne(int& end) {
    if (end >= 0)
      ::close(end);
    end = -1;
  }
};

} // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::spawn(net::io_context& io, ChildOptions options) {
  Pipe output, errors;
  const auto fail = [&](const char* what, int error) {
    for (auto* pipe : {&output, &errors}) {
      pipe->closeRead();
      pipe->closeWrite();
    }
    return failure(ErrorKind::Internal, what + std::string(": ") + std::strerror(error));
  };
  if (!output.make() || (options.onErrors && !errors.make()))
    return fail("no pipe", errno);
  auto argv = pointersTo(options.argv);
  auto environment = pointersTo(options.environment);
  auto parent = ::getpid();
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before); // until the child has let go of our handlers
  auto pid = ::fork();
  if (pid == 0)
    becomeChild(parent, output.write, options.onErrors ? errors.write : output.write, options, argv.data(),
                environment.data());
  const int forkError = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0)
    return fail("cannot fork", forkError);
  output.closeWrite();
  errors.closeWrite();
  if (options.ownsGroup)
    ::setpgid(pid, pid); // the child does it too: whoever is first, a signal from here on reaches the group
  auto pidFd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (pidFd < 0) {
    int error = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return fail("no pidfd", error);
  }
  auto core = std::make_shared<Core>(io, pid, pidFd, output.read, errors.read, std::move(options));
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
