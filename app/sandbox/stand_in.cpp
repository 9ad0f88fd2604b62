#include "app/sandbox/stand_in.h"

#include "core/base/json.h"

#include <csignal>
#include <cstdio>
#include <functional>
#include <utility>

namespace ratdeck::sandbox {

namespace {

constexpr Duration shortestStart = 1s;
constexpr long long startSpreadMs = 1000;
constexpr Duration oneShotLength = 500ms;
constexpr int terminated = 128 + SIGTERM;

// FNV-1a: the same instance always takes the same time.
std::uint64_t hashOf(const std::string& text) {
  std::uint64_t hash = 14695981039346656037ull;
  for (unsigned char c : text)
    hash = (hash ^ c) * 1099511628211ull;
  return hash;
}

} // namespace

int serve(ServeOptions options) {
  return StandIn(std::move(options)).run();
}

StandIn::StandIn(ServeOptions options)
    : m_options(std::move(options)), m_io(1), m_signals(m_io), m_startTimer(m_io), m_flapTimer(m_io),
      m_crashTimer(m_io) {
  if (m_options.plays.empty())
    m_options.plays = m_options.service;
  for (const auto& fault : m_options.faults)
    m_faults.set(fault);
  std::signal(SIGPIPE, SIG_IGN);
  for (int signal : {SIGTERM, SIGINT, SIGUSR1, SIGUSR2})
    m_signals.add(signal);
  if (m_options.controlFd >= 0)
    m_control =
        std::make_unique<ControlChannel>(m_io, m_options.controlFd, [this](const auto& line) { obey(line); });
}

int StandIn::run() {
  awaitSignal();
  begin();
  m_io.run();
  return 0;
}

void StandIn::log(const std::string& level, const std::string& message, const Headers& fields) {
  Json line{{"time", toRfc3339(SystemClock().now().wall)},
            {"level", level},
            {"msg", message},
            {"service", m_options.service},
            {"version", m_options.version},
            {"instance", m_options.instance}};
  for (const auto& [name, value] : fields)
    line[name] = value;
  std::puts(dumpJson(line).c_str());
  std::fflush(stdout);
}

bool StandIn::isHealthy() const {
  return !m_faults.has(FaultKind::NeverHealthy) && !m_flappedDown;
}

Duration StandIn::startTime() const {
  bool isOneShot = m_options.isOneShot || roleOf(m_options.plays) == RoleKind::OneShot;
  auto usual = isOneShot
                   ? oneShotLength
                   : shortestStart + std::chrono::milliseconds(
                                         hashOf(m_options.instance + m_options.version) % startSpreadMs);
  auto time = m_options.start.value_or(usual);
  const auto* slow = m_faults.find(FaultKind::StartSlow);
  return slow ? time + slow->duration : time;
}

std::unique_ptr<Role> StandIn::makeRole() {
  switch (roleOf(m_options.plays)) {
  case RoleKind::Ratd:
    return makeRatd(*this);
  case RoleKind::Ratq:
    return makeRatq(*this);
  case RoleKind::Runner:
    return makeRunner(*this);
  case RoleKind::Portal:
    return makePortal(*this);
  case RoleKind::Plugin:
    return makePlugin(*this);
  case RoleKind::Postgres:
    return makePostgres(*this);
  case RoleKind::Minio:
  case RoleKind::Nessie:
  case RoleKind::Generic:
    return makePlain(*this);
  case RoleKind::OneShot:
    return nullptr;
  }
  return nullptr;
}

void StandIn::begin() {
  log("info", "starting");
  if (m_faults.has(FaultKind::MigrateFail)) {
    log("error", "migration 021_drop_legacy_columns.sql failed: column \"legacy\" does not exist");
    end(exitCode(1));
  }
  m_startTimer.expires_after(startTime());
  m_startTimer.async_wait([this](boost::system::error_code error) {
    if (!error)
      serveNow();
  });
}

void StandIn::serveNow() {
  if (m_faults.has(FaultKind::Crash)) {
    log("fatal", "panic: runtime error: invalid memory address or nil pointer dereference");
    end(exitCode(2));
  }
  if (!m_options.isOneShot)
    m_role = makeRole();
  if (!m_role) {
    log("info", "done");
    end(exitCode(0));
  }
  if (auto listening = m_role->listen(); !listening) {
    log("fatal", listening.error().message);
    end(1);
  }
  m_listening = true;
  log("info", "listening");
  if (m_control)
    m_control->send(R"({"ready":true})");
  scheduleFlap();
  scheduleCrash();
}

void StandIn::scheduleFlap() {
  const auto* flap = m_faults.find(FaultKind::Flap);
  if (!flap) {
    m_flapTimer.cancel();
    if (std::exchange(m_flappedDown, false) && m_role)
      m_role->healthChanged();
    return;
  }
  m_flapTimer.expires_after(flap->duration);
  m_flapTimer.async_wait([this](boost::system::error_code error) {
    if (error)
      return;
    m_flappedDown = !m_flappedDown;
    m_role->healthChanged();
    scheduleFlap();
  });
}

void StandIn::scheduleCrash() {
  const auto* crash = m_faults.find(FaultKind::CrashAfter);
  m_crashTimer.cancel();
  if (!crash || !isHealthy())
    return;
  m_crashTimer.expires_after(crash->duration);
  m_crashTimer.async_wait([this](boost::system::error_code error) {
    if (error)
      return;
    log("fatal", "panic: runtime error: index out of range");
    end(exitCode(2));
  });
}

void StandIn::awaitSignal() {
  m_signals.async_wait([this](boost::system::error_code error, int signal) {
    if (error)
      return;
    const bool isAboutWork = signal == SIGUSR1 || signal == SIGUSR2;
    if (isAboutWork && m_role)
      m_role->takeNewWork(signal == SIGUSR2);
    if (!isAboutWork)
      leave();
    awaitSignal();
  });
}

void StandIn::leave() {
  if (m_faults.has(FaultKind::IgnoreSigterm))
    return log("warn", "SIGTERM ignored");
  if (std::exchange(m_leaving, true))
    return;
  log("info", "leaving");
  if (!m_listening || m_faults.has(FaultKind::AbruptExit))
    end(exitCode(0));
  if (m_role->endsAtOnce())
    end(exitCode(terminated));
  m_role->drain([this] { end(exitCode(0)); });
}

void StandIn::obey(const std::string& line) {
  auto order = parseJson(line);
  if (!order)
    return;
  if (const auto& runs = memberAt(*order, "runs"); runs.is_object() && m_role)
    m_role->startRuns(static_cast<int>(integerAt(runs, "count")),
                      std::chrono::milliseconds(integerAt(runs, "ms")));
  const auto& faults = memberAt(*order, "faults");
  if (!faults.is_array())
    return;
  bool wasHealthy = isHealthy();
  auto textOf = [this](FaultKind kind) {
    return m_faults.has(kind) ? toText(*m_faults.find(kind)) : "";
  };
  auto flap = textOf(FaultKind::Flap);
  auto crash = textOf(FaultKind::CrashAfter);
  m_faults.clear();
  for (const auto& text : faults)
    if (auto fault = parseFaultText(text.is_string() ? text.get<std::string>() : ""))
      m_faults.set(*fault);
  if (!m_listening)
    return;
  if (wasHealthy != isHealthy())
    m_role->healthChanged();
  if (flap != textOf(FaultKind::Flap))
    scheduleFlap();
  if (crash != textOf(FaultKind::CrashAfter))
    scheduleCrash();
}

int StandIn::exitCode(int fallback) const {
  const auto* wanted = m_faults.find(FaultKind::ExitCode);
  return wanted ? wanted->count : fallback;
}

void StandIn::end(int code) {
  std::fflush(nullptr);
  std::_Exit(code);
}

} // namespace ratdeck::sandbox
