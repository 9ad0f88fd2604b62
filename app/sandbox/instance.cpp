#include "app/sandbox/instance.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace ratdeck::sandbox {

namespace {

// Docker's: 100 ms, doubled each time, forgotten after 10 s of life.
constexpr Duration firstBackoff = 100ms;
constexpr Duration longestBackoff = 60s;
constexpr Duration longLife = 10s;

Instant now() {
  return SystemClock().now();
}

} // namespace

Instance::Instance(InstanceHouse house, InstanceSpec spec, std::vector<Fault> faults,
                   std::function<void()> onReady)
    : m_house(std::move(house)), m_spec(std::move(spec)), m_faults(std::move(faults)),
      m_onReady(std::move(onReady)), m_output(m_house.logFolder + "/" + m_spec.id + ".log"),
      m_restartTimer(m_house.io), m_killTimer(m_house.io), m_backoff(firstBackoff) {}

Instance::~Instance() {
  if (m_child)
    m_house.table.remove(m_spec.id);
}

Status Instance::start() {
  return spawn();
}

std::vector<std::string> Instance::arguments(bool hasControl) const {
  if (!m_spec.command.empty() && m_spec.runsCommands) {
    std::vector<std::string> argv{"/usr/bin/env"};
    argv.insert(argv.end(), m_spec.command.begin(), m_spec.command.end());
    return argv;
  }
  std::vector<std::string> argv{m_house.program, "serve",        "--plays",    m_spec.plays,
                                "--service",     m_spec.service, "--version",  m_spec.version(),
                                "--address",     m_spec.address, "--instance", m_spec.id};
  for (auto port : m_spec.ports)
    argv.insert(argv.end(), {"--port", std::to_string(port)});
  for (const auto& fault : m_faults)
    if (fault.kind != FaultKind::Runs)
      argv.insert(argv.end(), {"--fault", toText(fault)});
  if (m_house.start)
    argv.insert(argv.end(), {"--start-ms", std::to_string(m_house.start->count() / 1000000)});
  if (m_spec.isOneShot)
    argv.push_back("--one-shot");
  if (hasControl)
    argv.insert(argv.end(), {"--control-fd", "3"});
  return argv;
}

std::vector<std::string> Instance::environment() const {
  std::vector<std::string> list;
  for (const auto& [name, value] : m_spec.environment)
    list.push_back(name + "=" + value);
  return list;
}

Status Instance::spawn() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return failure(ErrorKind::Internal, "no socket pair for the instance's control");
  ChildOptions options;
  options.argv = arguments(true);
  options.environment = environment();
  options.controlFd = ends[1];
  options.onOutput = [this](std::string_view bytes) {
    m_output.append(bytes);
    if (!m_spec.command.empty())
      m_printed.append(bytes);
  };
  if (!m_spec.command.empty()) {
    options.ownsGroup = true; // as a container's end takes all that runs in it
    options.onErrors = [this](std::string_view bytes) {
      m_output.append(bytes);
    };
  }
  options.onExit = [this](ChildExit exit) {
    exited(exit);
  };
  m_ready = false;
  m_exit.reset();
  auto child = ChildProcess::spawn(m_house.io, std::move(options));
  ::close(ends[1]);
  if (!child) {
    ::close(ends[0]);
    return failure(child.error());
  }
  m_child = std::move(*child);
  m_pid = m_child->pid();
  m_control =
      std::make_unique<ControlChannel>(m_house.io, ends[0], [this](const auto& line) { obeyReady(line); });
  auto at = now();
  m_startedBoot = at.boot;
  m_startedAt = toRfc3339(at.wall);
  return m_house.table.add(m_spec.id, m_pid);
}

void Instance::obeyReady(const std::string& line) {
  auto message = parseJson(line);
  if (!message || !boolAt(*message, "ready"))
    return;
  m_ready = true;
  m_onReady();
}

bool Instance::restartsAfter(ChildExit exit) const {
  using When = RestartPolicy::When;
  if (m_stopped || m_spec.restart.when == When::Never)
    return false;
  if (m_spec.restart.when == When::Always)
    return true;
  return exit.code != 0 && (m_spec.restart.limit == 0 || m_restarts < m_spec.restart.limit);
}

void Instance::exited(ChildExit exit) {
  // Its own callback runs: the child is let go after it.
  boost::asio::post(m_house.io, [gone = std::shared_ptr<ChildProcess>(std::move(m_child))] {});
  m_child = nullptr;
  m_control.reset();
  m_killTimer.cancel();
  m_house.table.remove(m_spec.id);
  m_ready = false;
  m_exit = exit;
  if (!m_stopWaiters.empty()) {
    m_lastStop.exit = exit;
    m_lastStop.took = now().boot - m_stopBegan;
    for (auto& done : std::exchange(m_stopWaiters, {}))
      done(m_lastStop);
  }
  if (!restartsAfter(exit))
    return;
  if (now().boot - m_startedBoot > longLife)
    m_backoff = firstBackoff;
  m_restartTimer.expires_after(m_backoff);
  m_backoff = std::min(m_backoff * 2, longestBackoff);
  m_restartTimer.async_wait([this](boost::system::error_code error) {
    if (error || m_stopped || m_child)
      return;
    ++m_restarts;
    if (auto spawned = spawn(); !spawned)
      m_output.append("restart failed: " + spawned.error().message + "\n");
  });
}

void Instance::stop(int signal, Duration grace, std::function<void(StopResult)> done) {
  m_stopped = true;
  m_restartTimer.cancel();
  if (!m_child) {
    m_lastStop.exit = m_exit.value_or(ChildExit{});
    return done(m_lastStop);
  }
  m_stopWaiters.push_back(std::move(done));
  auto killAt = now().boot + grace;
  if (m_stopWaiters.size() > 1 && killAt >= m_killAt)
    return;
  if (m_stopWaiters.size() == 1) {
    m_stopBegan = now().boot;
    m_lastStop = {};
    m_child->signal(signal);
  }
  m_killAt = killAt;
  m_killTimer.expires_after(grace);
  m_killTimer.async_wait([this](boost::system::error_code error) {
    if (error || !m_child)
      return;
    m_lastStop.forcedKill = true;
    m_child->signal(SIGKILL);
  });
}

Json Instance::toJson() const {
  Json json = m_spec.shown;
  json["id"] = m_spec.id;
  json["pid"] = m_pid;
  json["state"] = m_child ? "running" : "exited";
  json["exit_code"] = m_exit && !m_child ? Json(m_exit->code) : Json();
  json["signal"] = m_exit && !m_child ? signalName(m_exit->signal) : "";
  json["restarts"] = m_restarts;
  json["started_at"] = m_startedAt;
  json["ready"] = m_ready;
  return json;
}

void Instance::setFaults(std::vector<Fault> faults) {
  m_faults = std::move(faults);
  Json list = Json::array();
  for (const auto& fault : m_faults)
    list.push_back(toText(fault));
  if (m_control)
    m_control->send(dumpJson({{"faults", list}}));
}

void Instance::startRuns(const Fault& runs) {
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(runs.duration).count();
  if (m_control)
    m_control->send(dumpJson({{"runs", {{"count", runs.count}, {"ms", ms}}}}));
}

} // namespace ratdeck::sandbox
