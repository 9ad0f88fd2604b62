#include "app/sandbox/supervisor.h"

#include "app/sandbox/exec_job.h"
#include "core/base/file.h"

#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <utility>

namespace ratdeck::sandbox {

namespace {

constexpr Duration leavingGrace = 3s;
constexpr int exitSubnetTaken = 2;
constexpr int exitFolderTaken = 3;

void raiseFileLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int complain(const Error& error, int code = 1) {
  std::fprintf(stderr, "ratdeck-sandbox: %s\n", error.toString().c_str());
  return code;
}

} // namespace

Supervisor::Supervisor(SupervisorOptions options)
    : m_options(std::move(options)), m_io(1), m_signals(m_io),
      m_server(m_io, [this](const Answer& exchange) { route(exchange); }),
      m_table(m_options.folder + "/pids"), m_router(m_io, m_table, m_options.folder), m_load(m_io),
      m_startedAt(toRfc3339(SystemClock().now().wall)) {}

Supervisor::~Supervisor() {
  for (int lock : {m_lock, m_folderLock})
    if (lock >= 0)
      ::close(lock);
}

Status Supervisor::takeFolder() {
  m_folderLock = ::open(m_options.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (m_folderLock < 0)
    return failure(ErrorKind::Internal, "cannot open " + m_options.folder + ": " + std::strerror(errno));
  if (::flock(m_folderLock, LOCK_EX | LOCK_NB) == 0)
    return Done{};
  m_exitCode = exitFolderTaken;
  return failure(ErrorKind::Conflict, "a supervisor runs in " + m_options.folder + " already");
}

Status Supervisor::takeSubnet() {
  m_lock = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto name = "ratdeck-sandbox-" + m_options.subnet;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path + 1, sizeof address.sun_path - 2);
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (m_lock >= 0 && ::bind(m_lock, reinterpret_cast<sockaddr*>(&address), size) == 0)
    return Done{};
  m_exitCode = exitSubnetTaken;
  return failure(ErrorKind::Conflict, "the subnet " + m_options.subnet + " is in use by another sandbox",
                 "take that one down, or choose another subnet");
}

Status Supervisor::prepare() {
  std::signal(SIGPIPE, SIG_IGN);
  raiseFileLimit();
  for (const char* part : {"", "/logs", "/pids"})
    if (auto made = makePrivateFolder(m_options.folder + part); !made)
      return made;
  if (auto taken = takeFolder(); !taken)
    return taken;
  if (auto taken = takeSubnet(); !taken)
    return taken;
  m_table.endAll(Duration::zero()); // what a supervisor that was killed may have left
  if (auto listening = m_server.listenUnix(m_options.folder + "/supervisor.sock"); !listening)
    return listening;
  if (auto written = writeFile(m_options.folder + "/supervisor.pid", std::to_string(::getpid()) + "\n", 0600);
      !written)
    return written;
  return m_table.add("supervisor", ::getpid());
}

void Supervisor::run() {
  m_signals.add(SIGTERM);
  m_signals.add(SIGINT);
  awaitSignal();
  m_io.run();
}

void Supervisor::awaitSignal() {
  m_signals.async_wait([this](boost::system::error_code error, int) {
    if (error || std::exchange(m_leaving, true))
      return;
    stopEverything([this] { leave(); });
  });
}

Instance* Supervisor::find(const std::string& id) {
  auto it = m_instances.find(id);
  return it == m_instances.end() ? nullptr : it->second.get();
}

bool Supervisor::startRuns(const Fault& runs) {
  for (auto& [id, instance] : m_instances) {
    if (roleOf(instance->spec().plays) != RoleKind::Ratd || !instance->isReady())
      continue;
    instance->startRuns(runs);
    return true;
  }
  return false;
}

void Supervisor::becameReady(Instance& instance) {
  if (roleOf(instance.spec().plays) != RoleKind::Ratd)
    return;
  for (const auto& [service, due] : std::exchange(m_runsDue, {}))
    for (const auto& runs : due)
      instance.startRuns(runs);
}

void Supervisor::stopEverything(std::function<void()> done) {
  // Each part holds a share of this; the last to let go calls `done`.
  auto rest = std::shared_ptr<void>(nullptr, [done = std::move(done)](void*) { done(); });
  m_execs.clear();
  m_load.abandon();
  m_router.stop(leavingGrace, [rest] {});
  for (auto& [id, instance] : m_instances)
    instance->stop(SIGTERM, leavingGrace, [rest](const StopResult&) {});
}

void Supervisor::leave() {
  m_hasEnded = true;
  answerShutdowns();
  m_table.remove("supervisor");
  ::unlink((m_options.folder + "/supervisor.pid").c_str());
  m_signals.cancel();
  m_server.drain([this] { m_io.stop(); });
}

namespace {

int runAttached(SupervisorOptions options) {
  Supervisor supervisor(std::move(options));
  if (auto prepared = supervisor.prepare(); !prepared)
    return complain(prepared.error(), supervisor.exitCode());
  supervisor.run();
  return 0;
}

// The child's half: its own session, its output in the log from the moment it is ready.
int runDetached(SupervisorOptions options, int readyFd) {
  ::setsid();
  auto log = options.folder + "/supervisor.log";
  if (auto made = makePrivateFolder(options.folder); !made)
    return complain(made.error());
  Supervisor supervisor(std::move(options));
  if (auto prepared = supervisor.prepare(); !prepared)
    return complain(prepared.error(), supervisor.exitCode());
  int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(null, STDIN_FILENO);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  char ready = '1';
  if (::write(readyFd, &ready, 1) != 1)
    return 1;
  ::close(readyFd);
  supervisor.run();
  return 0;
}

} // namespace

int supervise(SupervisorOptions options, bool daemonize) {
  std::signal(SIGCHLD, SIG_DFL); // inherited as ignored, no end of a child would have a status
  if (!daemonize)
    return runAttached(std::move(options));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return complain({ErrorKind::Internal, "no pipe", {}, {}});
  auto pid = ::fork();
  if (pid == 0) {
    ::close(ends[0]);
    std::_Exit(runDetached(std::move(options), ends[1]));
  }
  ::close(ends[1]);
  char ready = 0;
  if (pid > 0 && ::read(ends[0], &ready, 1) == 1) {
    std::printf("%d\n", pid);
    return 0;
  }
  int status = 0;
  if (pid > 0)
    ::waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1;
}

int bringDown(const std::string& folder) {
  constexpr Duration grace = 10s;
  ProcessTable table(folder + "/pids");
  for (const auto& ended : table.endAll(grace))
    std::printf("%s %d %s\n", ended.name.c_str(), ended.pid, ended.killed ? "killed" : "ended");
  ::unlink((folder + "/supervisor.sock").c_str());
  ::unlink((folder + "/supervisor.pid").c_str());
  return 0;
}

} // namespace ratdeck::sandbox
