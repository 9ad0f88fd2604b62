// When a new copy counts as healthy and when as bad, how long it is watched after, and what its switch waits
// for.
#include "core/base/digest.h"
#include "core/plan/draft.h"
#include "core/spec/own_checks.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr Duration worstCaseWithoutHealthCheck = 60s;
constexpr Duration worstCaseOfJob = 600s; // a migration must not be killed for being slow

// ratd's healthcheck only tells that it lives; whether it is ready it says elsewhere.
std::optional<ProbeSpec> knownReadiness(const Draft& draft, const ServiceSpec& spec) {
  if (!draft.isRat || spec.name != "ratd" || !spec.policy.ready.empty())
    return {};
  auto ports = portsOf(spec);
  ProbeSpec probe;
  probe.kind = ProbeKind::Http;
  probe.port = ports.empty() ? 8080 : ports.front();
  probe.path = "/health/ready";
  probe.expectedStatus = 200;
  return probe;
}

GatePlan gateOf(const Draft& draft, const ServiceDraft& service) {
  const auto& spec = *service.spec;
  GatePlan gate;
  gate.worstCase = service.plan.isOneShot ? worstCaseOfJob : worstCaseWithoutHealthCheck;
  if (service.plan.isOneShot)
    return gate;
  gate.probes = ownChecks(spec);
  if (spec.healthCheck && !gate.probes.empty() && gate.probes.front().name == healthCheckName) {
    gate.startPeriod = spec.healthCheck->startPeriod;
    if (spec.healthCheck->worstCase() > 0s)
      gate.worstCase = spec.healthCheck->worstCase();
  }
  if (auto probe = knownReadiness(draft, spec))
    gate.probes.push_back(*probe);
  if (gate.probes.empty() && service.isRouter && draft.world().routerHealthPort > 0) {
    ProbeSpec probe;
    probe.kind = ProbeKind::Http;
    probe.port = draft.world().routerHealthPort;
    probe.path = "/health";
    probe.expectedStatus = 200;
    gate.probes.push_back(probe);
  }
  if (gate.probes.empty() && (service.plan.isRouted || !service.handsOverPort.empty()))
    for (auto port : portsOf(spec)) {
      ProbeSpec probe;
      probe.kind = ProbeKind::Tcp;
      probe.port = port;
      gate.probes.push_back(probe);
    }
  for (auto& probe : gate.probes) {
    if (probe.name.empty())
      probe.name = nameOfProbe(probe);
    probe.command
        .clear(); // may hold a secret; whoever runs it takes it from the revision by the probe's name
  }
  return gate;
}

void chooseUpdatePolicy(const Draft& draft, ServiceDraft& service) {
  auto& plan = service.plan;
  const auto& own = service.spec->policy;
  const auto& stack = draft.stack().policy;
  int copies = static_cast<int>(std::max(plan.oldCopies.size(), plan.newCopies.size()));
  plan.parallelism = 1;
  if (const auto& written = service.spec->updateConfig) {
    plan.parallelism = written->parallelism <= 0 ? std::max(1, copies) : written->parallelism;
    plan.delay = written->delay;
    plan.maxFailureRatio = written->maxFailureRatio;
    plan.failureAction = written->failureAction;
    plan.monitor = written->monitor;
  } else {
    plan.monitor = stack.monitor.value_or(0s);
  }
  plan.monitor = own.monitor.value_or(plan.monitor);
  if (!service.handsOverPort.empty()) { // all of them or none, since the router takes the port
    plan.parallelism = std::max(1, copies);
    plan.failureAction = FailureAction::Rollback;
    plan.maxFailureRatio = 0;
    plan.delay = plan.monitor = 0s;
  }
  if (plan.isOneShot) {
    plan.monitor = 0s;
    return;
  }
  chooseAnalyses(draft, service);
  // A copy without traffic stays idle only if its work reaches it through the router.
  if (plan.isRouted && !plan.oldCopies.empty()) {
    auto fallback = plan.analyses.empty() ? Duration(0s) : plan.monitor;
    plan.keepWarm = own.keepWarm.value_or(stack.keepWarm.value_or(fallback));
  }
}

std::string hashOf(const Draft& draft, const Json& value) {
  return hmacSha256(draft.request.hashKey, dumpJson(value));
}

// As a plan has it: whoever acts on it takes commands and addresses from the revision.
DrainPolicy withoutSecrets(const Draft& draft, DrainPolicy drain) {
  for (auto* call : {&drain.hook, &drain.back})
    if (*call && (*call)->signal.empty()) {
      (*call)->hash = hashOf(draft, (*call)->command);
      (*call)->command.clear();
    }
  if (auto& count = drain.count; count && count->kind != CountKind::Http) {
    count->hash = hashOf(draft, {{"command", count->command}, {"url", count->url}});
    count->command.clear();
    count->url.clear();
  }
  return drain;
}

std::optional<DrainPolicy> drainOf(const Draft& draft, const ServiceDraft& service) {
  const auto& spec = *service.spec;
  if (service.plan.oldCopies.empty() || service.plan.isOneShot)
    return {};
  if (spec.policy.drain && !spec.policy.drain->waitForRuns)
    return {};
  if (spec.policy.drain)
    return withoutSecrets(draft, *spec.policy.drain);
  if (!draft.isRat || (spec.name != "runner" && spec.name != "ratd"))
    return {};
  DrainPolicy drain;
  drain.waitForRuns = true;
  drain.deadline = spec.stopGrace();
  return drain;
}

bool isRouted(const Draft& draft, const ServiceDraft& service) {
  if (!draft.hasRouter || service.isRouter || service.spec->isOneShot)
    return false;
  if (!service.handsOverPort.empty()) // the router takes it as it finds it when it starts
    return false;
  if (service.spec->policy.route)
    return !service.spec->policy.route->empty();
  const auto& routed = draft.world().routedServices;
  return std::find(routed.begin(), routed.end(), service.spec->name) != routed.end() ||
         !portsOf(*service.spec).empty();
}

} // namespace

void chooseGates(Draft& draft) {
  for (auto& [name, service] : draft.services) {
    auto& plan = service.plan;
    plan.isRouted = isRouted(draft, service);
    plan.gate = gateOf(draft, service);
    chooseUpdatePolicy(draft, service);
    plan.drain = drainOf(draft, service);
    plan.stopGrace = service.spec->stopGrace();
    plan.stopSignal = service.spec->stopSignal;
  }
}

} // namespace ratdeck
