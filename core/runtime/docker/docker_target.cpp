#include "core/runtime/docker/docker_target.h"

#include "core/base/file.h"
#include "core/remote/docker/docker_client.h"
#include "core/runtime/docker/docker_copies.h"
#include "core/runtime/docker/docker_runtime.h"
#include "core/runtime/docker/router_container.h"
#include "core/runtime/docker/router_network.h"
#include "core/runtime/docker/router_sink.h"
#include "core/runtime/probe/target_prober.h"
#include "core/runtime/rat_runs_feed.h"
#include "core/runtime/router/haproxy_router.h"
#include "core/runtime/steps.h"
#include "core/runtime/world_look.h"

#include <algorithm>
#include <filesystem>

namespace ratdeck {

namespace {

constexpr std::size_t longestSocketPath = 90; // a socket's path has 107 bytes, and HAProxy adds a suffix

// The router listens on every address of its container, and is reached from here on its own network.
RoutingTable tableOf(const std::map<std::string, Routes>& routes, const std::string& address) {
  return routingTable(routes, [&](const std::string&) -> FrontendHosts { return {"0.0.0.0", address}; });
}

} // namespace

struct DockerTarget::Impl {
  Impl(const DockerPlace& at, const StackSpec& spec);

  bool hasRouter() const { return !stack.policy.routerService.empty(); }
  std::string socketFolder() const { return place.routerFolder + "/socket"; }
  Result<Done> dress(ContainerRequest& request, const std::vector<InstanceInfo>& copies);
  Result<Done> makeFolders() const;
  void look(std::vector<InstanceInfo> copies, Callback<World> done);

  DockerPlace place;
  StackSpec stack;
  std::map<std::string, Routes> routes;
  DockerClient client;
  RouterNetwork network;
  DockerCopies copies;
  DockerRuntime runtime;
  TargetProber prober;
  std::unique_ptr<HaproxyRouter> router;
  std::unique_ptr<RatRunsFeed> runs;
};

DockerTarget::Impl::Impl(const DockerPlace& at, const StackSpec& spec)
    : place(at), stack(spec), routes(routesOf(stack)), client(place.endpoint),
      network(client, stack.project, place.routerFolder), copies(client, stack.project, network.name()),
      runtime(client, copies, stack, routes, hasRouter() ? &network : nullptr), prober(runtime) {
  if (!hasRouter())
    return;
  RouterEndpoints endpoints;
  endpoints.stats = socketFolder() + "/haproxy.sock";
  endpoints.statsInside = router_container::socketPath;
  endpoints.health = router_container::healthBind;
  endpoints.socketMode = router_container::socketMode;
  router = std::make_unique<HaproxyRouter>(
      tableOf(routes, network.routerAddress()), endpoints,
      std::make_unique<RouterSink>(client, copies, stack.policy.routerService, place.routerFolder));
  runtime.setRouterDress([this](ContainerRequest& request, const std::vector<InstanceInfo>& copies) {
    return dress(request, copies);
  });
  if (stack.policy.activeRuns)
    runs = std::make_unique<RatRunsFeed>(*router, *stack.policy.activeRuns);
}

// The folder around the socket is ours alone; the one that the container sees is open to its user.
Result<Done> DockerTarget::Impl::makeFolders() const {
  if (socketFolder().size() > longestSocketPath)
    return failure(ErrorKind::Input, "the path of the router's socket is too long: " + socketFolder(),
                   "set XDG_STATE_HOME to a shorter folder");
  if (Status made = makePrivateFolder(socketFolder()); !made)
    return failure(made.error());
  std::error_code error;
  std::filesystem::permissions(socketFolder(), std::filesystem::perms::all, error);
  if (error)
    return failure(ErrorKind::Internal,
                   "cannot open " + socketFolder() + " to the router: " + error.message());
  return Done{};
}

Result<Done> DockerTarget::Impl::dress(ContainerRequest& request, const std::vector<InstanceInfo>& copies) {
  if (auto made = makeFolders(); !made)
    return made;
  auto config = router->startingConfig(copies);
  if (!config)
    return failure(config.error());
  dressAsRouter(request, stack, router->table(),
                {network.name(), network.routerAddress(), socketFolder(), *config});
  return Done{};
}

void DockerTarget::Impl::look(std::vector<InstanceInfo> seen, Callback<World> done) {
  World world;
  world.isReachable = true;
  world.runtime = "docker";
  world.hasRouter = std::any_of(seen.begin(), seen.end(), [this](const InstanceInfo& copy) {
    return copy.service == stack.policy.routerService && copy.state == InstanceState::Running &&
           copy.revision > 0; // another's cannot be driven
  });
  world.routerPublishesPorts = hasRouter();
  if (router)
    for (const auto& [service, ports] : router->table())
      world.routedServices.push_back(service);
  world.instances = std::move(seen);
  WorldLook::Samples samples;
  if (router)
    samples = [this](Callback<std::vector<RouterSample>> answer) {
      router->look(std::move(answer));
    };
  completeWorld(std::move(world), {&stack, &prober, samples}, std::move(done));
}

DockerTarget::DockerTarget(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
DockerTarget::~DockerTarget() = default;

Target DockerTarget::target() {
  return {&m_impl->runtime, m_impl->router.get(), &m_impl->prober, m_impl->runs.get(), "docker"};
}

void DockerTarget::observe(Callback<World> done) {
  m_impl->copies.list([impl = m_impl.get(), done = std::move(done)](Result<std::vector<InstanceInfo>> seen) {
    if (!seen)
      return done(failure(seen.error()));
    if (!impl->hasRouter())
      return impl->look(std::move(*seen), done);
    impl->network.find([impl, seen = std::move(*seen), done](Result<Done> found) mutable {
      if (!found && found.error().kind != ErrorKind::NotFound)
        return done(failure(found.error()));
      impl->router->reachAt(impl->network.routerAddress());
      impl->look(std::move(seen), done);
    });
  });
}

void DockerTarget::prepare(const Preparation& preparation, std::function<void(const std::string&)> onStep,
                           Callback<std::map<std::string, std::string>> done) {
  (void)preparation;
  (void)onStep;
  Impl* impl = m_impl.get();
  std::vector<Step> steps;
  steps.push_back([impl](Callback<Done> next) { impl->client.system.ping(std::move(next)); });
  if (impl->hasRouter())
    steps.push_back([impl](Callback<Done> next) { impl->network.ensure(std::move(next)); });
  runSteps(std::move(steps), [impl, done = std::move(done)](Result<Done> ensured) {
    if (impl->router)
      impl->router->reachAt(impl->network.routerAddress());
    ensured ? done(std::map<std::string, std::string>()) : done(failure(ensured.error()));
  });
}

Result<std::unique_ptr<DockerTarget>> openDocker(const DockerPlace& place, const StackSpec& stack) {
  auto impl = std::make_unique<DockerTarget::Impl>(place, stack);
  if (impl->router)
    if (auto conflict = routingConflict(impl->router->table(), stack))
      return failure(*conflict);
  return std::unique_ptr<DockerTarget>(new DockerTarget(std::move(impl)));
}

} // namespace ratdeck
