#include "core/runtime/process/sandbox_admin.h"

#include "core/base/file.h"
#include "core/base/wording.h"
#include "core/remote/outbox.h"
#include "core/runtime/process/address_file.h"
#include "core/runtime/process/process_runtime.h"
#include "core/runtime/process/program_run.h"

namespace ratdeck {

namespace {

constexpr std::size_t longestDir =
    80; // a socket's path has 107 bytes, and HAProxy adds a suffix while it binds
constexpr int firstSubnet = 77;
constexpr int lastSubnet = 89;
constexpr int exitSubnetTaken = 2;
constexpr int exitFolderTaken = 3; // somebody else has started the supervisor meanwhile
constexpr Duration callTimeout = 5s;
constexpr Duration superviseTimeout = 20s;
constexpr Duration upPatience = 10s;
constexpr Duration downTimeout = 20s; // the supervisor gives its instances 3 s, `down` 10 s
constexpr Duration downPatience = 5s;
constexpr Duration lookInterval = 50ms;

bool isUnreachable(const Error& error) {
  return error.kind == ErrorKind::Unreachable;
}

SandboxInfo readInfo(const std::string& dir, const Json& json) {
  SandboxInfo info;
  info.name = textAt(json, "name");
  info.dir = dir;
  info.subnet = textAt(json, "subnet");
  info.pid = int(integerAt(json, "pid"));
  info.routerPid = int(integerAt(memberAt(json, "router"), "pid"));
  info.version = textAt(json, "version");
  info.startedAt = fromRfc3339(textAt(json, "started_at"));
  return info;
}

std::vector<SandboxFault> readFaults(const Json& json) {
  std::vector<SandboxFault> faults;
  const Json& services = memberAt(json, "faults");
  if (!services.is_object())
    return faults;
  for (const auto& [service, list] : services.items())
    for (const Json& fault : list)
      faults.push_back(
          {service, textAt(fault, "kind"), textAt(fault, "value"), textAt(fault, "scope", "default")});
  return faults;
}

// The supervisor knows no stacks; the sandbox's addresses name the services of those that were opened on it.
Status checkService(const std::string& dir, const std::string& service) {
  const Result<AddressPlan> plan = readAddressPlan(dir);
  if (!plan || plan->services().empty() || !plan->frontend(service).empty())
    return Done{};
  return failure(ErrorKind::NotFound, "the sandbox has no service " + service,
                 "name one of " + listed(plan->services()));
}

} // namespace

Result<SandboxFault> parseFault(const std::string& service, const std::string& text) {
  const auto equals = text.find('=');
  SandboxFault fault{service, text.substr(0, equals),
                     equals == std::string::npos ? "" : text.substr(equals + 1)};
  if (service.empty() || fault.kind.empty())
    return failure(ErrorKind::Input, "a fault is SERVICE KIND or SERVICE KIND=VALUE",
                   "for example: sandbox fault ratd errors=0.2");
  return fault;
}

struct SandboxAdmin::Impl {
  Impl(std::string sandboxProgram, const std::string& folder)
      : program(std::move(sandboxProgram)), dir(folder), supervisor(folder), runtime(folder, {}) {}

  void call(const std::string& method, const std::string& path, const Json& body, Duration timeout,
            Callback<Json> done) {
    supervisor.call(method, path, body, timeout, std::move(done));
  }
  void info(Callback<SandboxInfo> done);
  void runProgram(std::vector<std::string> arguments, Duration timeout, Callback<ProgramEnd> done);
  void clearAway(Callback<Done> done);
  void trySubnet(const std::string& name, int subnet, const std::string& complaint,
                 Callback<SandboxInfo> done);
  void answerUp(Result<SandboxInfo> seen, const Callback<SandboxInfo>& done) const;
  void awaitUp(BootTime until, Callback<SandboxInfo> done);
  void awaitDown(BootTime until, Callback<Done> done);
  BootTime now() const { return clock.now().boot; }

  std::string program;
  std::string dir;
  SystemClock clock;
  SupervisorClient supervisor;
  ProcessRuntime runtime;
  std::unique_ptr<ProgramRun> run; // the last one; kept until the next, since its own answer may be running
  Outbox outbox;
};

void SandboxAdmin::Impl::info(Callback<SandboxInfo> done) {
  call("GET", "/v1/info", {}, callTimeout, [folder = dir, done = std::move(done)](Result<Json> answer) {
    if (!answer)
      return done(failure(answer.error()));
    done(readInfo(folder, *answer));
  });
}

void SandboxAdmin::Impl::runProgram(std::vector<std::string> arguments, Duration timeout,
                                    Callback<ProgramEnd> done) {
  // In a later turn: this may be called from the answer of the run that it replaces.
  outbox.post([this, arguments = std::move(arguments), timeout, done = std::move(done)] {
    run = std::make_unique<ProgramRun>();
    run->start(program, arguments, timeout, done);
  });
}

// What a dead supervisor left: processes and sockets. With nothing left this does nothing.
void SandboxAdmin::Impl::clearAway(Callback<Done> done) {
  runProgram({"down", "--dir", dir}, downTimeout, [done = std::move(done)](Result<ProgramEnd> end) {
    if (!end)
      return done(failure(end.error()));
    if (end->exitCode != 0)
      return done(failure(ErrorKind::Internal, "the sandbox could not be taken down: " + end->complaint));
    done(Done{});
  });
}

void SandboxAdmin::Impl::trySubnet(const std::string& name, int subnet, const std::string& complaint,
                                   Callback<SandboxInfo> done) {
  if (subnet > lastSubnet)
    return done(failure(ErrorKind::Conflict,
                        "no subnet from 127.77 to 127.89 is free; the last answer: " + complaint,
                        "take one down with `ratdeckctl sandbox down`"));
  const std::string text = "127." + std::to_string(subnet);
  runProgram({"supervise", "--dir", dir, "--name", name, "--subnet", text, "--daemonize"}, superviseTimeout,
             [this, name, subnet, text, done = std::move(done)](Result<ProgramEnd> end) {
               if (!end)
                 return done(failure(end.error()));
               if (end->exitCode == exitSubnetTaken)
                 return trySubnet(name, subnet + 1, end->complaint, done);
               if (end->exitCode != 0 && end->exitCode != exitFolderTaken)
                 return done(failure(ErrorKind::Internal, "the sandbox did not start: " + end->complaint,
                                     "look at " + dir + "/supervisor.log"));
               awaitUp(now() + upPatience,
                       [this, done](Result<SandboxInfo> seen) { answerUp(std::move(seen), done); });
             });
}

void SandboxAdmin::Impl::answerUp(Result<SandboxInfo> seen, const Callback<SandboxInfo>& done) const {
  if (seen)
    if (Result<AddressPlan> written = writeSubnet(dir, seen->subnet); !written)
      return done(failure(written.error()));
  done(std::move(seen));
}

void SandboxAdmin::Impl::awaitUp(BootTime until, Callback<SandboxInfo> done) {
  info([this, until, done = std::move(done)](Result<SandboxInfo> seen) {
    if (!seen && isUnreachable(seen.error()) && now() < until)
      return outbox.postAfter(lookInterval, [this, until, done] { awaitUp(until, done); });
    done(std::move(seen));
  });
}

void SandboxAdmin::Impl::awaitDown(BootTime until, Callback<Done> done) {
  info([this, until, done = std::move(done)](Result<SandboxInfo> seen) {
    if (!seen && isUnreachable(seen.error()))
      return done(Done{});
    if (now() < until)
      return outbox.postAfter(lookInterval, [this, until, done] { awaitDown(until, done); });
    done(failure(ErrorKind::Timeout, "the sandbox's supervisor agreed to end and still answers"));
  });
}

SandboxAdmin::SandboxAdmin(std::string program, std::string dir)
    : m_impl(std::make_unique<Impl>(std::move(program), dir)) {}
SandboxAdmin::~SandboxAdmin() = default;

void SandboxAdmin::up(const std::string& name, Callback<SandboxInfo> done) {
  Impl* impl = m_impl.get();
  const auto fail = [impl, &done](Error error) {
    impl->outbox.post([done = std::move(done), error = std::move(error)] { done(failure(error)); });
  };
  if (impl->dir.size() > longestDir)
    return fail({ErrorKind::Input,
                 "the sandbox's folder has a path longer than 80 bytes: " + impl->dir,
                 "choose a shorter one: sockets stand in it",
                 {}});
  if (Status made = makePrivateFolder(impl->dir); !made)
    return fail(made.error());
  impl->info([impl, name, done = std::move(done)](Result<SandboxInfo> seen) {
    if (seen || !isUnreachable(seen.error()))
      return impl->answerUp(std::move(seen), done);
    impl->clearAway([impl, name, done](Result<Done> cleared) {
      if (!cleared)
        return done(failure(cleared.error()));
      impl->trySubnet(name, firstSubnet, "", done);
    });
  });
}

void SandboxAdmin::down(Callback<Done> done) {
  Impl* impl = m_impl.get();
  impl->call("POST", "/v1/shutdown", Json::object(), downTimeout,
             [impl, done = std::move(done)](Result<Json> answer) {
               if (answer)
                 return impl->awaitDown(impl->now() + downPatience, done);
               // One that hangs is ended like one that is dead.
               if (!isUnreachable(answer.error()) && answer.error().kind != ErrorKind::Timeout)
                 return done(failure(answer.error()));
               impl->clearAway(done);
             });
}

void SandboxAdmin::info(Callback<SandboxInfo> done) {
  m_impl->info(std::move(done));
}

void SandboxAdmin::status(Callback<SandboxStatus> done) {
  Impl* impl = m_impl.get();
  impl->info([impl, done = std::move(done)](Result<SandboxInfo> info) {
    if (!info)
      return done(failure(info.error()));
    impl->runtime.list([impl, done, info = *info](Result<std::vector<InstanceInfo>> instances) {
      if (!instances)
        return done(failure(instances.error()));
      impl->call("GET", "/v1/faults", {}, callTimeout,
                 [done, info, instances = std::move(*instances)](Result<Json> faults) {
                   if (!faults)
                     return done(failure(faults.error()));
                   done(SandboxStatus{info, instances, readFaults(*faults)});
                 });
    });
  });
}

void SandboxAdmin::setFault(const SandboxFault& fault, Callback<Done> done) {
  if (const Status known = checkService(m_impl->dir, fault.service); !known)
    return m_impl->outbox.post([done = std::move(done), known] { done(failure(known.error())); });
  const Json body = {{"kind", fault.kind}, {"value", fault.value}, {"scope", fault.scope}};
  m_impl->call("PUT", "/v1/faults/" + SupervisorClient::inPath(fault.service), body, callTimeout,
               [done = std::move(done)](Result<Json> answer) {
                 answer ? done(Done{}) : done(failure(answer.error()));
               });
}

void SandboxAdmin::clearFaults(const std::string& service, Callback<Done> done) {
  m_impl->call("DELETE", "/v1/faults/" + SupervisorClient::inPath(service), {}, callTimeout,
               [done = std::move(done)](Result<Json> answer) {
                 answer ? done(Done{}) : done(failure(answer.error()));
               });
}

void SandboxAdmin::startLoad(const Json& request, Callback<Json> done) {
  m_impl->call("POST", "/v1/load", request, callTimeout, std::move(done));
}

void SandboxAdmin::readLoad(Callback<Json> done) {
  m_impl->call("GET", "/v1/load", {}, callTimeout, std::move(done));
}

void SandboxAdmin::stopLoad(Callback<Json> done) {
  // Streams that run are waited for, and the ledger is read: up to about 20 s.
  m_impl->call("DELETE", "/v1/load", {}, 60s, std::move(done));
}

} // namespace ratdeck
