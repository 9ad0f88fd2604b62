// The pages of the supervisor. Errors are {"error":{"message","next"}} with a fitting status.
#include "app/sandbox/exec_job.h"
#include "app/sandbox/supervisor.h"

#include "core/base/json.h"

#include <boost/asio/post.hpp>

#include <csignal>

#include <unistd.h>

namespace ratdeck::sandbox {

namespace {

constexpr long long defaultGraceMs = 10000;
constexpr long long longestGraceMs = 3600000;
constexpr long long defaultExecMs = 5000;
constexpr long long defaultTail = 100;

void answer(Exchange& exchange, int status, const Json& body) {
  exchange.reply({status, dumpJson(body), "application/json", {}});
}

int statusOf(ErrorKind kind) {
  switch (kind) {
  case ErrorKind::Usage:
  case ErrorKind::Input:
    return 400;
  case ErrorKind::NotFound:
    return 404;
  case ErrorKind::Conflict:
  case ErrorKind::Refused:
  case ErrorKind::Cancelled:
    return 409;
  case ErrorKind::Unreachable:
    return 502;
  case ErrorKind::Timeout:
    return 504;
  case ErrorKind::Internal:
    return 500;
  }
  return 500;
}

void refuse(Exchange& exchange, const Error& error) {
  answer(exchange, statusOf(error.kind), {{"error", {{"message", error.message}, {"next", error.next}}}});
}

void refuse(Exchange& exchange, ErrorKind kind, const std::string& message, const std::string& next = {}) {
  refuse(exchange, Error{kind, message, next, {}});
}

// The body as an object; refuses and answers nothing if it is none.
std::optional<Json> objectOf(Exchange& exchange) {
  const auto& body = exchange.request().body;
  auto json = parseJson(body.empty() ? "{}" : body);
  if (json && json->is_object())
    return std::move(*json);
  refuse(exchange, ErrorKind::Input, json ? "the body is no JSON object" : json.error().message);
  return std::nullopt;
}

Json toJson(const Fault& fault) {
  return {{"kind", nameOf(fault.kind)}, {"value", fault.value}, {"scope", nameOf(fault.scope)}};
}

std::vector<std::string> splitPath(const std::string& path) {
  std::vector<std::string> parts;
  for (size_t at = 1; at <= path.size();) {
    auto end = std::min(path.find('/', at), path.size());
    parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

} // namespace

void Supervisor::route(const Answer& exchange) {
  auto parts = splitPath(exchange->request().path);
  auto method = exchange->request().method;
  auto what = parts.size() > 1 ? parts[1] : "";
  bool isTop = parts.size() == 2 && parts[0] == "v1";
  if (isTop && what == "shutdown" && method == "POST")
    return shutdown(exchange);
  if (m_leaving && method != "GET")
    return refuse(*exchange, ErrorKind::Refused, "the sandbox is shutting down");
  if (isTop && what == "info" && method == "GET")
    return info(exchange);
  if (isTop && what == "instances" && method == "GET")
    return list(exchange);
  if (isTop && what == "faults" && method == "GET")
    return faults(exchange);
  if (isTop && what == "router" && method == "PUT")
    return setRouter(exchange);
  if (isTop && what == "load")
    return load(exchange);
  if (what == "faults" && parts.size() == 3 && method == "PUT")
    return setFault(exchange, parts[2]);
  if (what == "faults" && parts.size() == 3 && method == "DELETE")
    return clearFaults(exchange, parts[2]);
  if (what == "instances" && (parts.size() == 3 || parts.size() == 4))
    return routeInstance(exchange, parts[2], parts.size() == 4 ? parts[3] : "");
  refuse(*exchange, ErrorKind::NotFound, "there is no page " + method + " " + exchange->request().path);
}

void Supervisor::routeInstance(const Answer& exchange, const std::string& id, const std::string& action) {
  auto method = exchange->request().method;
  if (action.empty() && method == "PUT")
    return put(exchange, id);
  if (action.empty() && method == "DELETE")
    return remove(exchange, id);
  auto* instance = find(id);
  if (!instance)
    return refuse(*exchange, ErrorKind::NotFound, "there is no instance " + id);
  if (action.empty() && method == "GET")
    return answer(*exchange, 200, instance->toJson());
  if (action == "stop" && method == "POST")
    return stop(exchange, *instance);
  if (action == "exec" && method == "POST")
    return exec(exchange, *instance);
  if (action == "signal" && method == "POST")
    return signal(exchange, *instance);
  if (action == "logs" && method == "GET")
    return logs(exchange, *instance);
  refuse(*exchange, ErrorKind::NotFound, "there is no page " + method + " " + exchange->request().path);
}

void Supervisor::info(const Answer& exchange) {
  Json router;
  if (m_router.isRunning())
    router = {{"pid", m_router.pid()}, {"socket", m_router.socket()}, {"config", m_router.configPath()}};
  answer(*exchange, 200,
         {{"name", m_options.name},
          {"pid", ::getpid()},
          {"subnet", m_options.subnet},
          {"started_at", m_startedAt},
          {"version", RATDECK_VERSION},
          {"router", router},
          {"state_dir", m_options.folder}});
}

void Supervisor::list(const Answer& exchange) {
  Json all = Json::array();
  for (const auto& [id, instance] : m_instances)
    all.push_back(instance->toJson());
  answer(*exchange, 200, {{"instances", all}});
}

void Supervisor::put(const Answer& exchange, const std::string& id) {
  if (auto* there = find(id))
    return answer(*exchange, 200, there->toJson());
  auto spec = readInstanceSpec(id, exchange->request().body);
  if (!spec)
    return refuse(*exchange, spec.error());
  auto faults = m_faults.forNewCopy(spec->service);
  InstanceHouse house{m_io, m_table, m_options.program, m_options.folder + "/logs", m_options.start};
  auto instance = std::make_unique<Instance>(house, std::move(*spec), std::move(faults), [this, id] {
    if (auto* ready = find(id))
      becameReady(*ready);
  });
  if (auto started = instance->start(); !started)
    return refuse(*exchange, started.error());
  auto& placed = m_instances[id] = std::move(instance);
  answer(*exchange, 201, placed->toJson());
}

void Supervisor::stop(const Answer& exchange, Instance& instance) {
  auto body = objectOf(*exchange);
  if (!body)
    return;
  auto name = textAt(*body, "signal", "SIGTERM");
  auto signal = signalNumber(name);
  auto grace = integerAt(*body, "grace_ms", defaultGraceMs);
  if (signal == 0 || grace < 0 || grace > longestGraceMs)
    return refuse(*exchange, ErrorKind::Input,
                  "\"" + name + "\" within " + std::to_string(grace) + " ms is no way to stop",
                  "name a signal like SIGTERM and 0 to 3600000 ms");
  instance.stop(signal, std::chrono::milliseconds(grace), [exchange](const StopResult& result) {
    answer(*exchange, 200,
           {{"exit_code", result.exit.code},
            {"signal", signalName(result.exit.signal)},
            {"forced_kill", result.forcedKill},
            {"took_ms", std::chrono::duration_cast<std::chrono::milliseconds>(result.took).count()}});
  });
}

void Supervisor::remove(const Answer& exchange, const std::string& id) {
  auto it = m_instances.find(id);
  if (it != m_instances.end() && it->second->isRunning())
    return refuse(*exchange, ErrorKind::Conflict, "the instance " + id + " runs", "stop it first");
  if (it != m_instances.end()) {
    it->second->stop(SIGTERM, Duration::zero(), [](const StopResult&) {}); // no restart any more
    boost::asio::post(m_io, [gone = std::shared_ptr<Instance>(std::move(it->second))] {});
    m_instances.erase(it);
  }
  answer(*exchange, 200, Json::object());
}

void Supervisor::logs(const Answer& exchange, Instance& instance) {
  auto tail = std::max(0LL, exchange->request().queryNumber("tail", defaultTail));
  Json body = {{"lines", instance.tail(static_cast<size_t>(tail))}};
  if (!instance.spec().command.empty())
    body.update({{"stdout", instance.printed().text}, {"is_cut", instance.printed().isCut}});
  answer(*exchange, 200, body);
}

void Supervisor::exec(const Answer& exchange, Instance& instance) {
  auto body = objectOf(*exchange);
  if (!body)
    return;
  auto timeout = std::chrono::milliseconds(integerAt(*body, "timeout_ms", defaultExecMs));
  const auto& spec = instance.spec();
  std::vector<std::string> argv{
      m_options.program, "exec",     "--address",    spec.address,
      "--plays",         spec.plays, "--timeout-ms", std::to_string(timeout.count())};
  for (auto port : spec.ports)
    argv.insert(argv.end(), {"--port", std::to_string(port)});
  argv.push_back("--");
  if (spec.runsCommands)
    argv = {"/usr/bin/env", "--"};
  for (const auto& word : memberAt(*body, "argv"))
    if (word.is_string())
      argv.push_back(word.get<std::string>());
  if (argv.back() == "--" || timeout <= std::chrono::milliseconds::zero())
    return refuse(*exchange, ErrorKind::Input, "a command needs an argv and a timeout_ms above 0");
  if (!instance.isRunning())
    return refuse(*exchange, ErrorKind::Conflict, "the instance " + spec.id + " does not run");
  auto number = m_nextExec++;
  auto job = std::make_shared<ExecJob>(m_io);
  auto started =
      job->start(std::move(argv), instance.environment(), timeout, [=, this](ExecJob::Result result) {
        answer(*exchange, 200,
               {{"exit_code", result.exitCode},
                {"output", result.output},
                {"stdout", result.printed.text},
                {"is_cut", result.printed.isCut},
                {"timed_out", result.timedOut}});
        boost::asio::post(m_io, [this, number] { m_execs.erase(number); });
      });
  if (!started)
    return refuse(*exchange, started.error());
  m_execs[number] = std::move(job);
}

void Supervisor::signal(const Answer& exchange, Instance& instance) {
  auto body = objectOf(*exchange);
  if (!body)
    return;
  auto number = signalNumber(textAt(*body, "signal"));
  if (number == 0)
    return refuse(*exchange, ErrorKind::Input, "\"signal\" names no signal");
  if (!instance.isRunning())
    return refuse(*exchange, ErrorKind::Conflict, "the instance " + instance.spec().id + " does not run");
  instance.signal(number);
  answer(*exchange, 200, Json::object());
}

void Supervisor::faults(const Answer& exchange) {
  Json all = Json::object();
  for (const auto& [service, list] : m_faults.all())
    for (const auto& fault : list)
      all[service].push_back(toJson(fault));
  answer(*exchange, 200, {{"faults", all}});
}

void Supervisor::setFault(const Answer& exchange, const std::string& service) {
  auto body = objectOf(*exchange);
  if (!body)
    return;
  auto fault = parseFault(textAt(*body, "kind"), textAt(*body, "value"), textAt(*body, "scope"));
  if (!fault)
    return refuse(*exchange, fault.error());
  m_faults.set(service, *fault);
  if (fault->kind == FaultKind::Runs) {
    bool started = fault->scope != FaultScope::Next && startRuns(*fault);
    if (!started)
      m_runsDue[service].push_back(*fault);
  } else if (appliesToRunning(*fault)) {
    for (auto& [id, instance] : m_instances)
      if (instance->spec().service == service)
        instance->setFaults(withFault(instance->faults(), *fault));
  }
  answer(*exchange, 200, toJson(*fault));
}

void Supervisor::clearFaults(const Answer& exchange, const std::string& service) {
  m_faults.clear(service);
  m_runsDue.erase(service);
  for (auto& [id, instance] : m_instances)
    if (instance->spec().service == service)
      instance->setFaults({});
  answer(*exchange, 200, Json::object());
}

void Supervisor::setRouter(const Answer& exchange) {
  auto body = objectOf(*exchange);
  if (!body)
    return;
  auto config = textAt(*body, "config");
  if (config.empty())
    return refuse(*exchange, ErrorKind::Input, "a router needs its configuration's text in \"config\"");
  m_router.configure(config, boolAt(*body, "reload"), [exchange](Result<int> pid) {
    pid ? answer(*exchange, 200, {{"pid", *pid}}) : refuse(*exchange, pid.error());
  });
}

void Supervisor::load(const Answer& exchange) {
  auto reply = [exchange](Result<Json> report) {
    report ? answer(*exchange, 200, *report) : refuse(*exchange, report.error());
  };
  auto method = exchange->request().method;
  if (method == "GET")
    return m_load.live(reply);
  if (method == "DELETE")
    return m_load.stop(reply);
  if (method != "POST")
    return refuse(*exchange, ErrorKind::NotFound, "the load knows POST, GET and DELETE");
  auto body = objectOf(*exchange);
  if (!body)
    return;
  auto options = readLoadOptions(*body);
  if (!options)
    return refuse(*exchange, options.error());
  if (auto started = m_load.start(*options); !started)
    return refuse(*exchange, started.error());
  answer(*exchange, 201, {{"rate", options->rate}, {"streams", options->streams}});
}

void Supervisor::shutdown(const Answer& exchange) {
  if (m_hasEnded)
    return answer(*exchange, 200, Json::object());
  m_shutdowns.push_back(exchange);
  if (!std::exchange(m_leaving, true))
    stopEverything([this] { leave(); });
}

void Supervisor::answerShutdowns() {
  for (const auto& exchange : std::exchange(m_shutdowns, {}))
    answer(*exchange, 200, Json::object());
}

} // namespace ratdeck::sandbox
