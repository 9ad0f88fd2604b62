#include "core/runtime/docker/relay_prober.h"

#include "core/runtime/probe/probe_judgement.h"

#include <chrono>

namespace ratdeck {

namespace {

constexpr const char* judgedBody = "65536";

Duration tookOf(const Json& value) {
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double, std::milli>(numberAt(value, "took_ms")));
}

ProbeResult judgeHealthText(const Json& value) {
  const std::string said = textAt(value, "health");
  for (const GrpcHealth health : {GrpcHealth::Serving, GrpcHealth::NotServing, GrpcHealth::Unknown,
                                  GrpcHealth::ServiceUnknown, GrpcHealth::Unimplemented})
    if (said == toString(health))
      return judgeHealth(health, tookOf(value));
  return {false, evidence(said), tookOf(value)};
}

} // namespace

Result<ProbeResult> judgeReply(const ProbeSpec& spec, const std::string& place, const RelayReply& reply) {
  if (reply.error && reply.error->kind == ErrorKind::Input)
    return failure(*reply.error);
  if (reply.error)
    return unanswered({reply.error->kind, place + ": " + reply.error->message, {}, {}});
  switch (spec.kind) {
  case ProbeKind::Http: {
    HttpResponse response;
    response.status = static_cast<int>(integerAt(reply.value, "status"));
    response.body = textAt(reply.value, "body");
    response.took = tookOf(reply.value);
    return judgeHttp(spec, response);
  }
  case ProbeKind::Tcp:
    return ProbeResult{true, "connected to " + place, tookOf(reply.value)};
  case ProbeKind::GrpcHealth:
    return judgeHealthText(reply.value);
  case ProbeKind::Exec:
    break;
  }
  return failure(ErrorKind::Input, "the relay runs no commands");
}

void RelayProber::probe(const ProbeSpec& spec, const InstanceId& id, const std::string& address,
                        Callback<ProbeResult> done) {
  if (spec.kind == ProbeKind::Exec)
    return m_commands.probe(spec, id, address, std::move(done));
  if (Status fine = checkProbe(spec, address); !fine)
    return m_outbox.post([error = fine.error(), done = std::move(done)] { done(failure(error)); });
  ask(spec, endpointOf(spec, address), std::move(done));
}

void RelayProber::ask(const ProbeSpec& spec, const std::string& place, Callback<ProbeResult> done) {
  std::string verb = "connect";
  std::vector<std::string> words = {place};
  if (spec.kind == ProbeKind::Http) {
    verb = "get";
    words.push_back(spec.path.starts_with('/') ? spec.path : '/' + spec.path);
    words.push_back(judgedBody);
  } else if (spec.kind == ProbeKind::GrpcHealth) {
    verb = "health";
    words.push_back(spec.grpcService);
  }
  m_relay.ask(verb, spec.timeout, std::move(words),
              [spec, place, life = std::weak_ptr(m_life), done = std::move(done)](Result<RelayReply> reply) {
                if (life.expired())
                  return;
                done(reply ? judgeReply(spec, place, *reply) : failure(reply.error()));
              });
}

} // namespace ratdeck
