#include "core/runtime/process/sandbox_target.h"

#include "core/remote/outbox.h"
#include "core/runtime/disk_space.h"
#include "core/runtime/measure/target_meter.h"
#include "core/runtime/probe/target_counter.h"
#include "core/runtime/probe/target_prober.h"
#include "core/runtime/process/address_file.h"
#include "core/runtime/process/process_runtime.h"
#include "core/runtime/process/supervisor_config_sink.h"
#include "core/runtime/rat_runs_feed.h"
#include "core/runtime/router/haproxy_router.h"
#include "core/runtime/world_look.h"

#include <optional>

namespace ratdeck {

namespace {

ProcessRuntime::Layout layoutOf(const StackSpec& stack, AddressPlan addresses) {
  return {std::move(addresses), hostNamesOf(stack), routesOf(stack)};
}

RoutingTable tableOf(const ProcessRuntime::Layout& layout) {
  return routingTable(layout.routes, [&](const std::string& service) -> FrontendHosts {
    const std::string host = layout.addresses.frontend(service);
    return {host, host};
  });
}

} // namespace

struct SandboxTarget::Impl {
  Impl(const std::string& dir, const StackSpec& spec, const ProcessRuntime::Layout& layout,
       SecretSource secrets);

  std::optional<InstanceInfo> routerCopy() const;
  void addDisk(World& world) const;

  std::string folder;
  StackSpec stack;
  ProcessRuntime runtime;
  HaproxyRouter router;
  TargetProber prober;
  std::unique_ptr<RatRunsFeed> runs;
  SystemClock clock;
  TargetMeter meter;
  TargetCounter counter;
  Target target;
  Outbox outbox;
};

SandboxTarget::Impl::Impl(const std::string& dir, const StackSpec& spec, const ProcessRuntime::Layout& layout,
                          SecretSource secrets)
    : folder(dir), stack(spec), runtime(dir, layout),
      router(tableOf(layout), {dir + "/haproxy.sock", dir + "/haproxy.sock", {}},
             std::make_unique<SupervisorConfigSink>(dir)),
      prober(runtime), meter({runtime, &router, clock, std::move(secrets), {}}), counter(runtime, meter) {
  if (stack.policy.activeRuns)
    runs = std::make_unique<RatRunsFeed>(router, *stack.policy.activeRuns, runsTokenOf(stack));
  target = {&runtime, &router, &prober, runs.get(), "sandbox"};
  target.meter = &meter;
  target.counter = &counter;
}

// The stack's own router service is played by the supervisor's HAProxy, which is there whenever it is needed.
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

void SandboxTarget::Impl::addDisk(World& world) const {
  const auto space = diskSpaceAt(folder);
  if (!space) {
    world.checks.push_back(unknownDisk(folder, "it cannot be asked from here"));
    return;
  }
  world.checks.push_back(diskCheck(*space, {}));
  if (auto finding = diskFinding(*space, {}))
    world.findings.push_back(std::move(*finding));
}

SandboxTarget::SandboxTarget(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
SandboxTarget::~SandboxTarget() = default;

Target SandboxTarget::target() {
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
        World world;
        world.isReachable = true;
        world.runtime = "sandbox";
        world.hasRouter = true;
        world.instances = std::move(*instances);
        world.routerPublishesPorts = true; // 127.x.N.1: nothing of the host is taken
        if (auto router = impl->routerCopy())
          world.instances.push_back(std::move(*router));
        for (const auto& [service, ports] : impl->router.table())
          world.routedServices.push_back(service);
        impl->addDisk(world);
        const auto samples = [impl](Callback<std::vector<RouterSample>> answer) {
          impl->router.look(std::move(answer));
        };
        completeWorld(std::move(world), {&impl->stack, &impl->prober, samples}, done);
      });
}

// What a copy is of, its image's name says; nothing has to be fetched.
void SandboxTarget::prepare(const Preparation&, std::function<void(const std::string&)>,
                            Callback<std::map<std::string, std::string>> done) {
  m_impl->outbox.post([done = std::move(done)] { done(std::map<std::string, std::string>()); });
}

void SandboxTarget::readMountedFiles(const StackSpec&, const std::set<std::string>&,
                                     Callback<std::vector<MountedFile>> done) {
  m_impl->outbox.post([done = std::move(done)] { done(std::vector<MountedFile>()); });
}

Result<std::unique_ptr<SandboxTarget>> openSandbox(const std::string& dir, const StackSpec& stack,
                                                   SecretSource secrets) {
  std::vector<std::string> services;
  for (const auto& [name, service] : stack.services)
    services.push_back(name);
  Result<AddressPlan> addresses = extendAddressPlan(dir, services);
  if (!addresses)
    return failure(addresses.error());
  auto impl = std::make_unique<SandboxTarget::Impl>(dir, stack, layoutOf(stack, std::move(*addresses)),
                                                    std::move(secrets));
  return std::unique_ptr<SandboxTarget>(new SandboxTarget(std::move(impl)));
}

} // namespace ratdeck
