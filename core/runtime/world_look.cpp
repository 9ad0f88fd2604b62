#include "core/runtime/world_look.h"

#include "core/spec/own_checks.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace ratdeck {

namespace {

constexpr Duration longestCheck = 5s; // of a look that a person waits for

// What one look collects.
struct Collected {
  World world;
  std::size_t open = 0; // checks, and the router, that have not answered yet
  std::optional<Error> failed;
  Callback<World> done;

  void answered() {
    if (--open == 0)
      failed ? done(failure(std::move(*failed))) : done(std::move(world));
  }
};

// The worst of a copy's checks counts: failed, not answered, passed. One that could not be asked is no
// verdict.
void judge(InstanceInfo& seen, const ProbeSpec& probe, const Result<ProbeResult>& result) {
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

std::vector<std::pair<std::size_t, ProbeSpec>> checksOf(const World& world, const StackSpec& stack) {
  std::vector<std::pair<std::size_t, ProbeSpec>> checks;
  for (std::size_t i = 0; i < world.instances.size(); ++i) {
    const InstanceInfo& instance = world.instances[i];
    const ServiceSpec* service = stack.find(instance.service);
    const bool isRouter = service && service->name == stack.policy.routerService;
    if (!service || isRouter || service->isOneShot || instance.state != InstanceState::Running)
      continue;
    for (ProbeSpec& probe : ownChecks(*service)) {
      if (probe.name == healthCheckName && instance.health == Health::Healthy)
        continue;
      probe.timeout = std::min(probe.timeout, longestCheck);
      checks.emplace_back(i, std::move(probe));
    }
  }
  return checks;
}

void ask(const std::shared_ptr<Collected>& all, std::size_t index, const ProbeSpec& probe, Prober& prober) {
  const InstanceInfo& instance = all->world.instances[index];
  prober.probe(probe, instance.id, instance.address, [all, index, probe](Result<ProbeResult> result) {
    judge(all->world.instances[index], probe, result);
    all->answered();
  });
}

// The first rollout starts the router: one that does not run yet routes to nobody.
void addRouting(Collected& all, Result<std::vector<RouterSample>> samples) {
  if (!samples && samples.error().kind != ErrorKind::Unreachable)
    all.failed = samples.error();
  if (samples)
    for (const RouterSample& sample : *samples)
      for (InstanceInfo& instance : all.world.instances)
        if (instance.id == sample.instance)
          instance.routing = sample.routing;
  all.answered();
}

} // namespace

void completeWorld(World world, const WorldLook& look, Callback<World> done) {
  auto all = std::make_shared<Collected>();
  all->world = std::move(world);
  all->done = std::move(done);
  const auto checks = checksOf(all->world, *look.stack);
  all->open = checks.size() + (look.samples ? 2 : 1); // one more until all are asked
  if (look.samples)
    look.samples([all](Result<std::vector<RouterSample>> samples) { addRouting(*all, std::move(samples)); });
  for (const auto& [index, probe] : checks)
    ask(all, index, probe, *look.prober);
  all->answered();
}

} // namespace ratdeck
