#include "core/runtime/probe/target_prober.h"

#include "core/remote/grpc/health_client.h"
#include "core/remote/http/http_client.h"
#include "core/remote/outbox.h"
#include "core/remote/tcp_probe.h"
#include "core/runtime/probe/probe_judgement.h"

namespace ratdeck {

namespace {

// The one who was to run the command did not answer, which says nothing of the copy; a command that takes too
// long is reported with an exit code.
bool isOfRuntime(const Error& error) {
  return error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Timeout;
}

} // namespace

struct TargetProber::Impl {
  explicit Impl(Runtime& target) : runtime(target) {}

  void exec(const ProbeSpec& spec, const InstanceId& id, Callback<ProbeResult> done);
  void http(const ProbeSpec& spec, const std::string& address, Callback<ProbeResult> done);
  void tcp(const std::string& endpoint, Duration timeout, Callback<ProbeResult> done);
  void grpc(const ProbeSpec& spec, const std::string& address, Callback<ProbeResult> done);
  Duration since(BootTime start) const { return clock.now().boot - start; }

  Runtime& runtime;
  SystemClock clock;
  HttpClient httpClient;
  TcpProber tcpProber;
  GrpcHealthClient grpcClient;
  Outbox outbox;
  std::shared_ptr<bool> life =
      std::make_shared<bool>(true); // Exec answers come from an object that may outlive us
};

void TargetProber::Impl::exec(const ProbeSpec& spec, const InstanceId& id, Callback<ProbeResult> done) {
  const BootTime start = clock.now().boot;
  runtime.exec(id, spec.command, spec.timeout,
               [this, start, alive = std::weak_ptr(life), done = std::move(done)](Result<ExecReport> report) {
                 if (alive.expired())
                   return;
                 if (!report)
                   return done(isOfRuntime(report.error()) ? Result<ProbeResult>(failure(report.error()))
                                                           : unanswered(report.error()));
                 ProbeResult result{report->exitCode == 0, "exit code " + std::to_string(report->exitCode),
                                    since(start)};
                 if (const std::string output = evidence(report->output); !output.empty())
                   result.detail += ": " + output;
                 done(std::move(result));
               });
}

void TargetProber::Impl::http(const ProbeSpec& spec, const std::string& address, Callback<ProbeResult> done) {
  HttpRequest request;
  const std::string path = spec.path.starts_with('/') ? spec.path : '/' + spec.path;
  request.url = "http://" + endpointOf(spec, address) + path;
  request.timeout = spec.timeout;
  request.maxBody = 1u << 20;
  request.freshConnection = true;
  httpClient.send(std::move(request), [spec, done = std::move(done)](Result<HttpResponse> response) {
    done(response ? judgeHttp(spec, *response) : unanswered(response.error()));
  });
}

void TargetProber::Impl::tcp(const std::string& endpoint, Duration timeout, Callback<ProbeResult> done) {
  const auto colon = endpoint.rfind(':');
  const auto port = std::uint16_t(std::strtoul(endpoint.c_str() + colon + 1, nullptr, 10));
  tcpProber.connect(endpoint.substr(0, colon), port, timeout,
                    [endpoint, done = std::move(done)](Result<TcpProbeResult> result) {
                      done(result ? ProbeResult{true, "connected to " + endpoint, result->took}
                                  : unanswered(result.error()));
                    });
}

void TargetProber::Impl::grpc(const ProbeSpec& spec, const std::string& address, Callback<ProbeResult> done) {
  const BootTime start = clock.now().boot;
  grpcClient.check(endpointOf(spec, address), spec.grpcService, spec.timeout,
                   [this, start, done = std::move(done)](Result<GrpcHealth> health) {
                     done(health ? judgeHealth(*health, since(start)) : unanswered(health.error()));
                   });
}

TargetProber::TargetProber(Runtime& runtime) : m_impl(std::make_unique<Impl>(runtime)) {}
TargetProber::~TargetProber() = default;

void TargetProber::probe(const ProbeSpec& spec, const InstanceId& id, const std::string& address,
                         Callback<ProbeResult> done) {
  if (Status fine = checkProbe(spec, address); !fine)
    return m_impl->outbox.post([error = fine.error(), done = std::move(done)] { done(failure(error)); });
  switch (spec.kind) {
  case ProbeKind::Exec:
    return m_impl->exec(spec, id, std::move(done));
  case ProbeKind::Http:
    return m_impl->http(spec, address, std::move(done));
  case ProbeKind::Tcp:
    return m_impl->tcp(endpointOf(spec, address), spec.timeout, std::move(done));
  case ProbeKind::GrpcHealth:
    return m_impl->grpc(spec, address, std::move(done));
  }
}

} // namespace ratdeck
