#include "core/runtime/process/process_runtime.h"

#include "core/runtime/host_references.h"

#include <QTimer>

#include <algorithm>
#include <set>

namespace ratdeck {

namespace {

constexpr Duration callTimeout = 5s;
constexpr Duration startTimeout = 10s;

std::string pathOf(const InstanceId& id) {
  return "/v1/instances/" + SupervisorClient::inPath(id.value);
}

// Whole milliseconds, rounded up.
long long milliseconds(Duration duration) {
  return std::chrono::ceil<std::chrono::milliseconds>(std::max(duration, Duration(0))).count();
}

// The ports a copy binds: what is routed and what the file declares, even if nothing routes there.
std::vector<int> portsOf(const ServiceSpec& service, const ProcessRuntime::Layout& layout) {
  std::set<int> ports;
  if (service.isOneShot)
    return {};
  if (const auto routes = layout.routes.find(service.name); routes != layout.routes.end())
    for (const RouteSpec& route : routes->second)
      ports.insert(route.port);
  for (const PortMapping& mapping : service.ports)
    if (mapping.protocol.empty() || mapping.protocol == "tcp")
      ports.insert(mapping.target);
  ports.insert(service.expose.begin(), service.expose.end());
  ports.erase(0);
  return {ports.begin(), ports.end()};
}

StopReport readStop(const Json& json) {
  StopReport report;
  report.exitCode = int(integerAt(json, "exit_code"));
  report.forcedKill = boolAt(json, "forced_kill");
  report.took = std::chrono::milliseconds(integerAt(json, "took_ms"));
  return report;
}

// A supervisor that does not tell stdout apart gives nothing that a program may read.
BoundedText readPrinted(const Json& json) {
  return {textAt(json, "stdout"), boolAt(json, "is_cut", true)};
}

ExecReport readExec(const Json& json, Duration timeout) {
  ExecReport report{int(integerAt(json, "exit_code", -1)), textAt(json, "output"), readPrinted(json)};
  if (!boolAt(json, "timed_out"))
    return report;
  if (report.exitCode == 0)
    report.exitCode = 124;
  report.output += (report.output.empty() ? "" : "\n") + ("no end within " + toHumanString(timeout));
  return report;
}

bool isGone(const Error& error) {
  return error.kind == ErrorKind::NotFound;
}

ExecReport lost(const InstanceId& id) {
  return {-1,
          "the copy " + id.value +
              " is gone, and what became of its command is not known: it is not run again",
          {{}, true}};
}

} // namespace

std::map<std::string, std::string> mappedEnvironment(const ServiceSpec& service,
                                                     const ProcessRuntime::Layout& layout) {
  const auto addressOf = [&](std::string_view host) -> std::string {
    const auto found = layout.hosts.find(std::string(host));
    return found == layout.hosts.end() ? std::string() : layout.addresses.frontend(found->second);
  };
  std::map<std::string, std::string> mapped;
  for (const auto& [key, value] : service.environment)
    mapped.emplace(key, mapHosts(value.reveal(), addressOf));
  return mapped;
}

Json instanceRequest(const StartRequest& request, const ProcessRuntime::Layout& layout) {
  const ServiceSpec& service = request.service;
  Json body = {{"service", service.name},
               {"number", request.number},
               {"image", service.image},
               {"spec_hash", request.specHash},
               {"revision", request.revision},
               {"rollout", request.rollout.value},
               {"plays", service.policy.sandboxPlays.empty() ? service.name : service.policy.sandboxPlays},
               {"address", layout.addresses.instance(service.name, request.number)},
               {"ports", portsOf(service, layout)},
               {"environment", mappedEnvironment(service, layout)},
               {"restart", service.restart.empty() ? "no" : service.restart},
               {"labels", Json::object()},
               {"one_shot", service.isOneShot},
               {"runs_commands", service.policy.sandboxRunsCommands}};
  if (request.isOnce)
    body["once"] = true;
  if (request.isOnce || service.policy.sandboxRunsCommands)
    body["command"] = memberAt(service.normalised, "command");
  return body;
}

Result<InstanceInfo> readInstance(const Json& value) {
  InstanceInfo info;
  info.id = InstanceId(textAt(value, "id"));
  info.service = textAt(value, "service");
  if (info.id.isEmpty() || info.service.empty())
    return failure(ErrorKind::Internal,
                   "the sandbox's supervisor described an instance without id or service");
  info.number = int(integerAt(value, "number"));
  info.image = textAt(value, "image");
  info.specHash = textAt(value, "spec_hash");
  info.revision = int(integerAt(value, "revision"));
  info.rollout = RolloutId(textAt(value, "rollout"));
  info.state = textAt(value, "state") == "running" ? InstanceState::Running : InstanceState::Exited;
  info.exitCode = int(integerAt(value, "exit_code"));
  info.restarts = int(integerAt(value, "restarts"));
  info.address = textAt(value, "address");
  info.startedAt = fromRfc3339(textAt(value, "started_at"));
  return info;
}

ProcessRuntime::ProcessRuntime(const std::string& dir, Layout layout)
    : m_layout(std::move(layout)), m_supervisor(dir) {}

void ProcessRuntime::list(Callback<std::vector<InstanceInfo>> done) {
  m_supervisor.call("GET", "/v1/instances", {}, callTimeout, [done = std::move(done)](Result<Json> answer) {
    if (!answer)
      return done(failure(answer.error()));
    std::vector<InstanceInfo> instances;
    for (const Json& value : memberAt(*answer, "instances")) {
      if (boolAt(value, "once"))
        continue;
      Result<InstanceInfo> instance = readInstance(value);
      if (!instance)
        return done(failure(instance.error()));
      instances.push_back(std::move(*instance));
    }
    std::sort(instances.begin(), instances.end(), [](const InstanceInfo& a, const InstanceInfo& b) {
      return std::tie(a.service, a.number, a.id) < std::tie(b.service, b.number, b.id);
    });
    done(std::move(instances));
  });
}

void ProcessRuntime::start(const StartRequest& request, Callback<InstanceInfo> done) {
  m_supervisor.call("PUT", pathOf(request.id), instanceRequest(request, m_layout), startTimeout,
                    [done = std::move(done)](Result<Json> answer) {
                      done(answer ? readInstance(*answer) : failure(answer.error()));
                    });
}

void ProcessRuntime::stop(const StopRequest& request, Callback<StopReport> done) {
  const Json body = {{"signal", request.signal}, {"grace_ms", milliseconds(request.grace)}};
  m_supervisor.call("POST", pathOf(request.id) + "/stop", body, request.grace + 10s,
                    [done = std::move(done)](Result<Json> answer) {
                      if (!answer && !isGone(answer.error()))
                        return done(failure(answer.error()));
                      done(answer ? readStop(*answer) : StopReport{});
                    });
}

void ProcessRuntime::remove(const InstanceId& id, Callback<Done> done) {
  m_supervisor.call("DELETE", pathOf(id), {}, callTimeout, [done = std::move(done)](Result<Json> answer) {
    if (!answer && !isGone(answer.error()))
      return done(failure(answer.error()));
    done(Done{});
  });
}

void ProcessRuntime::exec(const InstanceId& id, const std::vector<std::string>& argv, Duration timeout,
                          Callback<ExecReport> done) {
  const Json body = {{"argv", argv}, {"timeout_ms", milliseconds(timeout)}};
  m_supervisor.call("POST", pathOf(id) + "/exec", body, timeout + 2s,
                    [timeout, done = std::move(done)](Result<Json> answer) {
                      if (!answer)
                        return done(failure(answer.error()));
                      done(readExec(*answer, timeout));
                    });
}

// Without its words its end is known all the same.
void ProcessRuntime::lastWords(const InstanceId& id, int exitCode, Callback<ExecReport> done) {
  m_supervisor.call("GET", pathOf(id) + "/logs?tail=40", {}, callTimeout,
                    [exitCode, done = std::move(done)](Result<Json> answer) {
                      const Json said = answer ? std::move(*answer) : Json::object();
                      ExecReport report{exitCode, {}, readPrinted(said)};
                      for (const Json& line : memberAt(said, "lines"))
                        if (line.is_string())
                          report.output += line.get<std::string>() + '\n';
                      done(std::move(report));
                    });
}

void ProcessRuntime::awaitEnd(const InstanceId& id, BootTime until, Callback<ExecReport> done) {
  constexpr auto pollInterval = std::chrono::milliseconds(100);
  m_supervisor.call(
      "GET", pathOf(id), {}, callTimeout, [this, id, until, done = std::move(done)](Result<Json> answer) {
        if (!answer)
          return isGone(answer.error()) ? done(lost(id)) : done(failure(answer.error()));
        if (textAt(*answer, "state") != "running")
          return lastWords(id, int(integerAt(*answer, "exit_code", -1)), done);
        if (m_clock.now().boot >= until)
          return done(failure(ErrorKind::Timeout, id.value + " has not ended in time"));
        QTimer::singleShot(pollInterval, &m_context, [this, id, until, done] { awaitEnd(id, until, done); });
      });
}

void ProcessRuntime::begin(const StartRequest& request, BootTime until, Callback<ExecReport> done) {
  m_begun.insert(request.id);
  start(request, [this, id = request.id, until, done = std::move(done)](Result<InstanceInfo> started) {
    if (started)
      return awaitEnd(id, until, done);
    const auto kind = started.error().kind;
    if (kind != ErrorKind::Unreachable && kind != ErrorKind::Timeout)
      m_begun.erase(id); // it was refused
    done(failure(started.error()));
  });
}

void ProcessRuntime::runOnce(const StartRequest& request, Duration timeout, Callback<ExecReport> done) {
  const BootTime until = m_clock.now().boot + timeout;
  if (request.mayHaveBegun || m_begun.contains(request.id))
    return awaitEnd(request.id, until, std::move(done));
  begin(request, until, std::move(done));
}

void ProcessRuntime::endOnce(const InstanceId& id, Callback<ExecReport> done) {
  stop({id, "SIGKILL", Duration(0)}, [this, id, done = std::move(done)](Result<StopReport> stopped) {
    if (!stopped)
      return done(failure(stopped.error()));
    lastWords(id, stopped->exitCode, [this, id, done](Result<ExecReport> last) {
      remove(id, [this, id, last, done](Result<Done> removed) {
        if (!removed)
          return done(failure(removed.error()));
        m_begun.erase(id);
        done(last);
      });
    });
  });
}

void ProcessRuntime::signal(const InstanceId& id, const std::string& name, Callback<Done> done) {
  m_supervisor.call("POST", pathOf(id) + "/signal", {{"signal", name}}, callTimeout,
                    [done = std::move(done)](Result<Json> answer) {
                      if (!answer)
                        return done(failure(answer.error()));
                      done(Done{});
                    });
}

void ProcessRuntime::output(const InstanceId& id, int lines, Callback<std::vector<std::string>> done) {
  const std::string path = pathOf(id) + "/logs?tail=" + std::to_string(std::max(lines, 0));
  m_supervisor.call("GET", path, {}, callTimeout, [done = std::move(done)](Result<Json> answer) {
    if (!answer)
      return done(failure(answer.error()));
    std::vector<std::string> texts;
    for (const Json& line : memberAt(*answer, "lines"))
      if (line.is_string())
        texts.push_back(line.get<std::string>());
    done(std::move(texts));
  });
}

} // namespace ratdeck
