#include "core/runtime/process/process_runtime.h"

#include "core/runtime/host_references.h"

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

ExecReport readExec(const Json& json, Duration timeout) {
  ExecReport report{int(integerAt(json, "exit_code", -1)), textAt(json, "output")};
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
  return {{"service", service.name},
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
          {"one_shot", service.isOneShot}};
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
