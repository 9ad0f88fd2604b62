#include "core/runtime/process/sandbox_target.h"

#include "core/runtime/probe/target_prober.h"
#include "core/runtime/process/address_file.h"
#include "core/runtime/process/process_runtime.h"
#include "core/runtime/process/supervisor_config_sink.h"
#include "core/runtime/rat_runs_feed.h"
#include "core/runtime/router/haproxy_router.h"
#include "core/spec/own_checks.h"

#include <algorithm>
#include <optional>

namespace ratdeck {

namespace {

constexpr Duration longestCheck = 5s; // of a look that a person waits for

ProcessRuntime::Layout layoutOf(const StackSpec& stack, AddressPlan addresses) {
  return {std::move(addresses), hostNamesOf(stack), routesOf(stack)};
}

RoutingTable tableOf(const ProcessRuntime::Layout& layout) {
  return routingTable(layout.routes,
                      [&](const std::string& service) { return layout.addresses.frontend(service); });
}

} // namespace

struct SandboxTarget::Impl {
  Impl(const std::string& dir, const StackSpec& spec, const ProcessRuntime::Layout& layout);

  // What one observe() collects.
  struct Look {
    World world;
    std::size_t open = 0; // checks that have not answered yet
    Callback<World> done;
  };

  std::optional<InstanceInfo> routerCopy() const;
  void addRouting(std::shared_ptr<Look> look);
  void addHealth(std::shared_ptr<Look> look);
  static void judge(InstanceInfo& seen, const ProbeSpec& probe, const Result<ProbeResult>& result);
  void check(std::shared_ptr<Look> look, std::size_t index, const ProbeSpec& probe);

  StackSpec stack;
  ProcessRuntime runtime;
  HaproxyRouter router;
  TargetProber prober;
  std::unique_ptr<RatRunsFeed> runs;
  Target target;
};

SandboxTarget::Impl::Impl(const std::string& dir, const StackSpec& spec, const ProcessRuntime::Layout& layout)
    : stack(spec), runtime(dir, layout),
      router(tableOf(layout), dir + "/haproxy.sock", std::make_unique<SupervisorConfigSink>(dir)),
      prober(runtime) {
  if (stack.policy.activeRuns)
    runs = std::make_unique<RatRunsFeed>(router, *stack.policy.activeRuns);
  target = {&runtime, &router, &prober, runs.get(), "sandbox"};
}

// The stack's own router service is played by the supervisor's HAProxy, which is there whenever it is needed.
// The worst of a copy's checks counts: failed, not answered, passed. One that could not be asked is no
// verdict.
void SandboxTarget::Impl::judge(InstanceInfo& seen, const ProbeSpec& probe,
                                const Result<ProbeResult>& result) {
  const bool isFirst = seen.health == Health::Unknown && seen.healthDetail.empty();
  if (result && result->passed) {
    if (isFirst)
      seen.health = Health::Healthy;
    return;
  }
  if (seen.health == Health::Unhealthy)
    return;
  seen.health = result ? Health::Unhealthy : Health::Unknown;
  seen.healthDetail = probe.name + ": " + (result ? result->detail : result.error().message);
}

std::optional<InstanceInfo> SandboxTarget::Impl::routerCopy() const {
  const ServiceSpec* service = stack.find(stack.policy.routerService);
  if (!service)
    return {};
  InstanceInfo copy;
  copy.id = InstanceId(stack.project + "-" + service->name + "-1");
  copy.service = service->name;
  copy.number = 1;
  copy.image = service->image;
  copy.health = Health::Healthy;
  return copy;
}

void SandboxTarget::Impl::addRouting(std::shared_ptr<Look> look) {
  router.look([this, look](Result<std::vector<RouterSample>> samples) {
    // The first rollout starts the router: one that does not run yet routes to nobody.
    if (!samples && samples.error().kind != ErrorKind::Unreachable)
      return look->done(failure(samples.error()));
    if (samples)
      for (const RouterSample& sample : *samples)
        for (InstanceInfo& instance : look->world.instances)
          if (instance.id == sample.instance)
            instance.routing = sample.routing;
    addHealth(look);
  });
}

void SandboxTarget::Impl::addHealth(std::shared_ptr<Look> look) {
  std::vector<std::pair<std::size_t, ProbeSpec>> checks;
  for (std::size_t i = 0; i < look->world.instances.size(); ++i) {
    const InstanceInfo& instance = look->world.instances[i];
    const ServiceSpec* service = stack.find(instance.service);
    const bool isRouter = service && service->name == stack.policy.routerService;
    if (service && !isRouter && !service->isOneShot && instance.state == InstanceState::Running)
      for (ProbeSpec& probe : ownChecks(*service)) {
        probe.timeout = std::min(probe.timeout, longestCheck);
        checks.emplace_back(i, std::move(probe));
      }
  }
  if (checks.empty())
    return look->done(std::move(look->world));
  look->open = checks.size();
  for (const auto& [index, probe] : checks)
    check(look, index, probe);
}

void SandboxTarget::Impl::check(std::shared_ptr<Look> look, std::size_t index, const ProbeSpec& probe) {
  const InstanceInfo& instance = look->world.instances[index];
  prober.probe(probe, instance.id, instance.address, [look, index, probe](Result<ProbeResult> result) {
    judge(look->world.instances[index], probe, result);
    if (--look->open == 0)
      look->done(std::move(look->world));
  });
}

SandboxTarget::SandboxTarget(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
SandboxTarget::~SandboxTarget() = default;

const Target& SandboxTarget::target() const {
  return m_impl->target;
}
HaproxyRouter& SandboxTarget::router() {
  return m_impl->router;
}

void SandboxTarget::observe(Callback<World> done) {
  m_impl->runtime.list(
      [impl = m_impl.get(), done = std::move(done)](Result<std::vector<InstanceInfo>> instances) {
        if (!instances)
          return done(failure(instances.error()));
        auto look = std::make_shared<Impl::Look>();
        look->done = done;
        look->world.isReachable = true;
        look->world.runtime = "sandbox";
        look->world.hasRouter = true;
        look->world.instances = std::move(*instances);
        look->world.routerPublishesPorts = true; // 127.x.N.1: nothing of the host is taken
        if (auto router = impl->routerCopy())
          look->world.instances.push_back(std::move(*router));
        for (const auto& [service, ports] : impl->router.table())
          look->world.routedServices.push_back(service);
        impl->addRouting(look);
      });
}

Result<std::unique_ptr<SandboxTarget>> openSandbox(const std::string& dir, const StackSpec& stack) {
  std::vector<std::string> services;
  for (const auto& [name, service] : stack.services)
    services.push_back(name);
  Result<AddressPlan> addresses = extendAddressPlan(dir, services);
  if (!addresses)
    return failure(addresses.error());
  auto impl = std::make_unique<SandboxTarget::Impl>(dir, stack, layoutOf(stack, std::move(*addresses)));
  return std::unique_ptr<SandboxTarget>(new SandboxTarget(std::move(impl)));
}

} // namespace ratdeck
