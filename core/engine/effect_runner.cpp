#include "core/engine/effect_runner.h"

#include "core/engine/drain_calls.h"
#include "core/engine/gate_probes.h"
#include "core/runtime/target_lock.h"

#include <QTimer>

#include <algorithm>
#include <utility>

namespace ratdeck {

// Reports the end of one effect, unless the runner is gone by then.
struct EffectRunner::Call {
  std::weak_ptr<Post> post;
  Effect effect;

  void done(Json detail = Json::object()) const { report(ObservationKind::EffectDone, std::move(detail)); }
  void failed(const Error& error) const {
    report(ObservationKind::EffectFailed,
           {{"message", error.toString()}, {"unreachable", error.kind == ErrorKind::Unreachable}});
  }
  template <class T>
  Callback<T> answering() const {
    return [call = *this](Result<T> result) {
      if (result)
        call.done();
      else
        call.failed(result.error());
    };
  }

private:
  void report(ObservationKind kind, Json detail) const {
    auto alive = post.lock();
    if (alive)
      (*alive)({kind, effect.key(), effect.service, effect.instance, std::move(detail)});
  }
};

EffectRunner::EffectRunner(Target target, std::shared_ptr<const SpecSource> specs, RolloutId rollout,
                           Post post)
    : m_target(std::move(target)), m_specs(std::move(specs)), m_rollout(std::move(rollout)),
      m_post(std::make_shared<Post>(std::move(post))) {}

EffectRunner::~EffectRunner() = default;

std::optional<BootTime> EffectRunner::begin(const RolloutState& state, Instant now) {
  std::optional<BootTime> next;
  auto had = std::exchange(m_begun, {});
  for (const auto& effect : effectsOf(state)) {
    if (effect.notBefore > now.boot) {
      next = std::min(next.value_or(effect.notBefore), effect.notBefore);
      continue;
    }
    auto key = effect.key();
    if (!had.contains(key))
      run(effect, state);
    m_begun.insert(std::move(key));
  }
  return next;
}

namespace {

bool changesTarget(EffectKind kind) {
  switch (kind) {
  case EffectKind::Verify:
  case EffectKind::CaptureEvidence:
    return false;
  case EffectKind::StartInstance:
  case EffectKind::JoinRouter:
  case EffectKind::DrainRouter:
  case EffectKind::ReturnRouter:
  case EffectKind::LeaveRouter:
  case EffectKind::StopInstance:
  case EffectKind::RemoveInstance:
  case EffectKind::DrainHook:
  case EffectKind::BackHook:
    return true;
  }
  return true;
}

} // namespace

void EffectRunner::run(const Effect& effect, const RolloutState& state) {
  Call call{m_post, effect};
  if (!m_target.lock || !changesTarget(effect.kind))
    return carryOut(effect, state, call);
  auto decided = std::make_shared<const RolloutState>(state); // what the effect was asked for in
  m_target.lock->check([this, call, effect, decided](Result<Done> held) {
    if (call.post.expired())
      return; // the runner is gone
    held ? carryOut(effect, *decided, call) : call.failed(held.error());
  });
}

void EffectRunner::carryOut(const Effect& effect, const RolloutState& state, const Call& call) {
  const auto& instance = state.instances.at(effect.instance);
  const auto& service = state.plan.services.at(effect.service);
  switch (effect.kind) {
  case EffectKind::StartInstance:
    return start(effect, state, call);
  case EffectKind::JoinRouter:
    return m_target.router->join(effect.service, effect.instance, instance.address, call.answering<Done>());
  case EffectKind::Verify:
    return verify(effect, state, call);
  case EffectKind::DrainRouter:
    return m_target.router->drain(effect.service, effect.instance, call.answering<Done>());
  case EffectKind::ReturnRouter:
    return m_target.router->giveBack(effect.service, effect.instance, instance.address,
                                     call.answering<Done>());
  case EffectKind::LeaveRouter:
    return m_target.router->leave(effect.service, effect.instance, call.answering<Done>());
  case EffectKind::CaptureEvidence:
    return captureEvidence(effect, state, call);
  case EffectKind::StopInstance:
    return m_target.runtime->stop({effect.instance, service.stopSignal, service.stopGrace},
                                  [call](Result<StopReport> report) {
                                    if (!report)
                                      return call.failed(report.error());
                                    call.done({{"exit_code", report->exitCode},
                                               {"forced_kill", report->forcedKill},
                                               {"took_ms", seconds(report->took) * 1000}});
                                  });
  case EffectKind::RemoveInstance:
    return m_target.runtime->remove(effect.instance, call.answering<Done>());
  case EffectKind::DrainHook:
  case EffectKind::BackHook:
    return callHook(effect, state, call);
  }
}

void EffectRunner::start(const Effect& effect, const RolloutState& state, const Call& call) {
  const auto& plan = state.plan.services.at(effect.service);
  const auto& instance = state.instances.at(effect.instance);
  bool isNew = instance.role == InstanceRole::New;
  int revision = revisionOf(state, instance);
  auto stack = m_specs->stackAt(revision);
  const auto* spec = stack ? stack->find(effect.service) : nullptr;
  if (!spec) { // answered from the event loop, as every port answers
    auto error = stack ? Error{ErrorKind::NotFound,
                               "revision " + std::to_string(revision) + " has no service " + effect.service,
                               {},
                               {}}
                       : stack.error();
    return QTimer::singleShot(0, [call, error] { call.failed(error); });
  }
  StartRequest request;
  request.id = effect.instance;
  request.number = instance.number;
  request.revision = revision;
  request.rollout = m_rollout;
  request.specHash = isNew ? plan.toHash : plan.fromHash;
  request.service = *spec;
  request.stack = std::move(*stack);
  m_target.runtime->start(request, [call](Result<InstanceInfo> info) {
    if (!info)
      return call.failed(info.error());
    call.done({{"address", info->address}});
  });
}

namespace {

// Runs checks one after the other; the first that fails ends it.
struct VerifyChain : std::enable_shared_from_this<VerifyChain> {
  Prober* prober = nullptr;
  std::vector<std::pair<ProbeSpec, std::string>> checks; // with the address to ask
  size_t next = 0;
  std::function<void(Result<Done>)> done;

  void step() {
    if (next == checks.size())
      return done(Done{});
    const auto& [spec, address] = checks[next++];
    prober->probe(
        spec, {}, address, [self = shared_from_this(), name = spec.name](Result<ProbeResult> result) {
          if (!result)
            return self->done(failure(result.error()));
          if (!result->passed)
            return self->done(failure(ErrorKind::Refused, name + " through the router: " + result->detail));
          self->step();
        });
  }
};

// A probe of a port, asked at the service's front door instead of at one copy.
std::optional<std::pair<ProbeSpec, std::string>> throughRouter(const Router& router,
                                                               const std::string& service, ProbeSpec probe) {
  if (probe.kind == ProbeKind::Exec)
    return {};
  auto frontend = router.frontendOf(service, probe.port);
  auto colon = frontend.rfind(':');
  if (colon == std::string::npos)
    return {};
  probe.port = static_cast<std::uint16_t>(std::stoi(frontend.substr(colon + 1)));
  return std::pair(probe, frontend.substr(0, colon));
}

} // namespace

void EffectRunner::verify(const Effect& effect, const RolloutState& state, const Call& call) {
  auto chain = std::make_shared<VerifyChain>();
  chain->prober = m_target.prober;
  chain->done = call.answering<Done>();
  if (m_target.router) {
    const auto& service = state.plan.services.at(effect.service);
    for (const auto& probe : service.gate.probes)
      if (auto check = throughRouter(*m_target.router, effect.service, probe))
        chain->checks.push_back(*check);
    for (const auto& verify : verifyAfter(state.plan, service))
      if (verify.service != effect.service) // its own gate has been asked above
        if (auto check = throughRouter(*m_target.router, verify.service, verify.probe))
          chain->checks.push_back(*check);
  }
  QTimer::singleShot(0, [chain] { chain->step(); });
}

// Nothing of a command or its output is reported: they may hold secrets.
void EffectRunner::callHook(const Effect& effect, const RolloutState& state, const Call& call) {
  constexpr Duration hookTimeout = 10s;
  const auto drain = drainCallsOf(state, effect.service, *m_specs);
  const auto hook = !drain ? std::nullopt : effect.kind == EffectKind::DrainHook ? drain->hook : drain->back;
  if (!hook || (hook->signal.empty() && hook->command.empty())) { // answered from the event loop
    const auto error =
        drain ? Error{ErrorKind::NotFound, "its command is not known any more", {}, {}} : drain.error();
    return QTimer::singleShot(0, [call, error] { call.failed(error); });
  }
  if (!hook->signal.empty())
    return m_target.runtime->signal(effect.instance, hook->signal, call.answering<Done>());
  m_target.runtime->exec(effect.instance, hook->command, hookTimeout, [call](Result<ExecReport> report) {
    if (!report)
      return call.failed(report.error());
    if (report->exitCode != 0)
      return call.failed(
          {ErrorKind::Refused, "the command ended with " + std::to_string(report->exitCode), {}, {}});
    call.done();
  });
}

void EffectRunner::captureEvidence(const Effect& effect, const RolloutState& state, const Call& call) {
  Json probes = Json::object();
  for (const auto& [name, answer] : state.instances.at(effect.instance).probes)
    probes[name] = answer.empty() ? "passing" : answer;
  m_target.runtime->output(effect.instance, 40, [call, probes](Result<std::vector<std::string>> lines) {
    // Evidence that cannot be had must not keep users on a bad copy: what is missing is said instead.
    Json detail = {{"probes", probes}};
    if (lines)
      detail["output"] = *lines;
    else
      detail["output_missing"] = lines.error().toString();
    call.done(std::move(detail));
  });
}

} // namespace ratdeck
