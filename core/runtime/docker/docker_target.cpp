#include "core/runtime/docker/docker_target.h"

#include "core/remote/docker/docker_client.h"
#include "core/runtime/disk_space.h"
#include "core/runtime/docker/adopting_look.h"
#include "core/runtime/docker/copy_labels.h"
#include "core/runtime/docker/docker_copies.h"
#include "core/runtime/docker/docker_lock.h"
#include "core/runtime/docker/docker_runtime.h"
#include "core/runtime/docker/docker_vantage.h"
#include "core/runtime/docker/engine_check.h"
#include "core/runtime/docker/host_files.h"
#include "core/runtime/docker/host_ports.h"
#include "core/runtime/docker/image_catalog.h"
#include "core/runtime/docker/image_keeper.h"
#include "core/runtime/docker/lock_image.h"
#include "core/runtime/docker/mounted_files_look.h"
#include "core/runtime/docker/relay_program.h"
#include "core/runtime/docker/router_container.h"
#include "core/runtime/docker/router_findings.h"
#include "core/runtime/docker/router_network.h"
#include "core/runtime/docker/router_sink.h"
#include "core/runtime/docker/router_socket.h"
#include "core/runtime/docker/stack_preparation.h"
#include "core/runtime/measure/target_meter.h"
#include "core/runtime/probe/recent_prober.h"
#include "core/runtime/probe/target_counter.h"
#include "core/runtime/rat_runs_feed.h"
#include "core/runtime/router/haproxy_router.h"
#include "core/runtime/steps.h"
#include "core/runtime/world_look.h"

#include <algorithm>
#include <array>
#include <set>
#include <unistd.h>

namespace ratdeck {

namespace {

constexpr Duration diskTimeout = 5s;

// The router listens on every address of its container, and is reached from here on its own network.
RoutingTable tableOf(const std::map<std::string, Routes>& routes, const std::string& address) {
  return routingTable(routes, [&](const std::string&) -> FrontendHosts { return {"0.0.0.0", address}; });
}

VantageOptions vantageOf(const DockerPlace& place, const StackSpec& stack, const RouterNetwork& network) {
  VantageOptions options;
  options.socket = RouterSocket::hereIn(place.folder);
  options.relay.project = stack.project;
  options.relay.program = place.relayProgram;
  if (const auto resources = stackResources(stack))
    for (const StackResource& one : resources->networks)
      options.relay.networks.push_back(one.name);
  if (stack.policy.routerService.empty())
    return options;
  options.relay.routerService = stack.policy.routerService;
  options.relay.socketVolume = RouterSocket::volumeOf(stack.project);
  options.relay.routerNetwork = network.name();
  options.relay.address = [&network] {
    return network.relayAddress();
  };
  return options;
}

} // namespace

struct DockerTarget::Impl {
  Impl(const DockerPlace& at, const StackSpec& spec);

  void makeRouter();
  void makeMeter();
  bool hasRouter() const { return !stack.policy.routerService.empty(); }
  Result<Done> dress(ContainerRequest& request, const std::vector<InstanceInfo>& copies);
  World worldOf(std::vector<InstanceInfo> copies) const;
  struct Look;
  Step lookAtCopies(const std::shared_ptr<Look>& look);
  Step lookAtNetworks();
  void addFindings(World& world) const;
  void addEngineFindings(World& world, const DockerInfo& info) const;
  void addHostChecks(const std::shared_ptr<Look>& look) const;
  void addOtherProjects(const std::shared_ptr<Look>& look) const;
  Step lookAtPulledSizes(const std::shared_ptr<Look>& look);
  Step lookAtDisk(const std::shared_ptr<Look>& look);
  void addImages(World& world, const ImageCatalog::Versions& versions) const;
  Result<std::vector<RouterSample>> asked(Result<std::vector<RouterSample>> seen) const;
  void complete(World world, Callback<World> done);

  DockerPlace place;
  StackSpec stack;
  std::map<std::string, Routes> routes;
  DockerClient client;
  RouterNetwork network;
  DockerCopies copies;
  DockerRuntime runtime;
  DockerVantage vantage;
  RouterSocket socket;
  std::unique_ptr<HaproxyRouter> router;
  RouterSink* sink = nullptr; // the router's
  std::unique_ptr<RatRunsFeed> runs;
  SystemClock clock;
  RecentProber looks{vantage.prober(), clock};
  ImageCatalog catalog;
  ImageKeeper keeper;
  StackPreparation resources;
  LockImage lockImage;
  DockerLock lock;
  HostFiles files;
  std::unique_ptr<TargetMeter> meter;
  std::unique_ptr<TargetCounter> counter;
  Outbox outbox; // last: what it holds names this object
};

DockerTarget::Impl::Impl(const DockerPlace& at, const StackSpec& spec)
    : place(at), stack(spec), routes(routesOf(stack)), client(place.endpoint, {}, place.environment),
      network(client, stack.project, place.folder),
      copies(client, stack.project, network.name(), place.store),
      runtime(client, copies, stack, routes, hasRouter() ? &network : nullptr, keeper,
              place.endpoint.transport == DockerTransport::Unix ? place.folder + "/files" : std::string()),
      vantage(client, copies, runtime, hasRouter() ? &network : nullptr, vantageOf(place, stack, network)),
      socket(vantage, place.folder, stack.project), catalog(client),
      keeper(client, clock, stack.project, place.store), resources(client.connection),
      lockImage(client, copies, catalog, keeper, stack),
      lock(client, stack.project, [this](Callback<std::string> found) { lockImage.find(std::move(found)); }),
      files(client, stack.project) {
  if (hasRouter())
    makeRouter();
  makeMeter();
}

void DockerTarget::Impl::makeRouter() {
  RouterEndpoints endpoints;
  endpoints.commands = vantage.haproxy();
  endpoints.statsInside = router_container::socketPath;
  endpoints.health = router_container::healthBind;
  endpoints.socketMode = router_container::socketMode;
  auto made =
      std::make_unique<RouterSink>(client, copies, stack.policy.routerService,
                                   [this](const std::string& mount) { return socket.isReached(mount); });
  sink = made.get();
  router =
      std::make_unique<HaproxyRouter>(tableOf(routes, network.routerAddress()), endpoints, std::move(made));
  runtime.setRouterDress([this](ContainerRequest& request, const std::vector<InstanceInfo>& copies) {
    return dress(request, copies);
  });
}

void DockerTarget::Impl::makeMeter() {
  const auto reach = [this](Callback<HttpSender*> done) {
    vantage.look([this, done = std::move(done)](Result<Done> looked) {
      looked ? done(vantage.http()) : done(failure(looked.error()));
    });
  };
  meter = std::make_unique<TargetMeter>(
      MeterParts{runtime, router.get(), clock, secretsIn(place.environment), reach});
  counter = std::make_unique<TargetCounter>(runtime, *meter, [this] { return vantage.http(); });
}

// The relay sees a router that is new, and where its socket lies, at the next question.
Result<Done> DockerTarget::Impl::dress(ContainerRequest& request, const std::vector<InstanceInfo>& copies) {
  const auto mount = socket.place();
  if (!mount)
    return failure(mount.error());
  vantage.relay().forget();
  auto config = router->startingConfig(copies);
  if (!config)
    return failure(config.error());
  dressAsRouter(request, stack, router->table(), {network.name(), network.routerAddress(), *mount, *config});
  return Done{};
}

namespace {

// Whether a router has what it is driven through, whoever made it.
bool isDriven(const DockerCopies& inspected, const InstanceInfo& router) {
  const DockerContainer* container = inspected.inspected(router.id);
  return container && !socketMountOf(*container).empty();
}

} // namespace

World DockerTarget::Impl::worldOf(std::vector<InstanceInfo> copies) const {
  World world;
  world.isReachable = true;
  world.runtime = "docker";
  world.hasRouter = std::any_of(copies.begin(), copies.end(), [this](const InstanceInfo& copy) {
    return copy.service == stack.policy.routerService && copy.state == InstanceState::Running &&
           isDriven(this->copies, copy);
  });
  world.routerPublishesPorts = hasRouter();
  world.routerHealthPort = hasRouter() ? router_container::healthPort : 0;
  if (router)
    for (const auto& [service, ports] : router->table())
      world.routedServices.push_back(service);
  world.instances = std::move(copies);
  return world;
}

// What keeps a service from being started as wanted is known before the first change of any other.
void DockerTarget::Impl::addFindings(World& world) const {
  using Weight = TargetFinding::Weight;
  if (router)
    addRouterFindings(world, stack, router->table(), copies);
  for (const auto& [name, service] : stack.services) {
    const auto request = runtime.trial(service, world.instances);
    if (!request && request.error().kind != ErrorKind::NotFound) // a copy it needs may come in this rollout
      world.findings.push_back(
          {Weight::Blocks, "cannot-start", name,
           request.error().message + (request.error().next.empty() ? "" : "; " + request.error().next),
           request.error().where});
    if (request)
      for (const std::string& key : request->unheeded)
        world.findings.push_back({Weight::Notes, "unheeded-key", name, key, service.locationOf("")});
  }
}

void DockerTarget::Impl::addImages(World& world, const ImageCatalog::Versions& versions) const {
  for (const auto& [reference, version] : versions) {
    ImageSeen& seen = world.images[reference];
    if (version)
      seen = {version->id, version->digest, version->isMoved, version->trouble, {}};
    else
      seen.missing = version.error().message +
                     (version.error().next.empty() ? std::string() : "; " + version.error().next);
  }
}

// A router that runs and could not be asked must not pass for one that routes to nobody.
Result<std::vector<RouterSample>> DockerTarget::Impl::asked(Result<std::vector<RouterSample>> seen) const {
  if (seen || !vantage.isRelayed() || vantage.hasRelayAnswered())
    return seen;
  return failure(seen.error().kind == ErrorKind::Unreachable ? ErrorKind::Timeout : seen.error().kind,
                 "the router cannot be asked: " + seen.error().message, seen.error().next);
}

namespace {

bool hasNoRelay(const World& world) {
  return std::any_of(world.findings.begin(), world.findings.end(),
                     [](const TargetFinding& finding) { return finding.code == noRelay; });
}

} // namespace

// Without a relay nobody can be asked, and the world tells why no rollout can begin.
void DockerTarget::Impl::complete(World world, Callback<World> done) {
  world.vantage = vantage.title();
  if (hasNoRelay(world))
    return done(std::move(world));
  for (auto& copy : world.instances) {
    const auto* container = copies.inspected(copy.id);
    const auto* service = stack.find(copy.service);
    if (container && service && service->healthCheck &&
        passedLately(*container, service->healthCheck->test, clock.now().wall))
      copy.health = Health::Healthy;
  }
  WorldLook::Samples samples;
  if (router)
    samples = [this, runs = world.hasRouter](Callback<std::vector<RouterSample>> answer) {
      router->look([this, runs, answer = std::move(answer)](Result<std::vector<RouterSample>> seen) {
        answer(runs ? asked(std::move(seen)) : std::move(seen));
      });
    };
  completeWorld(std::move(world), {&stack, &looks, samples}, std::move(done));
}

DockerTarget::DockerTarget(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
DockerTarget::~DockerTarget() = default;

Target DockerTarget::target() {
  Impl& impl = *m_impl;
  const auto& feed = impl.stack.policy.activeRuns;
  if (impl.router && feed && !impl.runs)
    impl.runs =
        std::make_unique<RatRunsFeed>(*impl.router, *feed, runsTokenOf(impl.stack), impl.vantage.http());
  Target target = {&impl.runtime,   impl.router.get(), &impl.vantage.prober(),
                   impl.runs.get(), "docker",          &impl.lock};
  target.meter = impl.meter.get();
  target.counter = impl.counter.get();
  return target;
}

namespace {

std::vector<std::string> imagesOf(const StackSpec& stack) {
  std::vector<std::string> images;
  for (const auto& [name, service] : stack.services)
    if (!service.image.empty())
      images.push_back(service.image);
  return images;
}

} // namespace

// What one look gathers, side by side, before it is put together.
struct DockerTarget::Impl::Look {
  World world;
  ImageCatalog::Versions versions;
  DockerInfo info;
  std::vector<DockerContainerSummary> containers; // all of the engine
  DiskNeed need;
  std::optional<DiskSpace> disk;
  std::string noDisk; // why there is none
};

Step DockerTarget::Impl::lookAtCopies(const std::shared_ptr<Look>& look) {
  return [this, look](Callback<Done> done) {
    std::vector<Step> steps;
    steps.push_back([this, look](Callback<Done> next) {
      copies.list([this, look, next = std::move(next)](Result<std::vector<InstanceInfo>> seen) {
        if (!seen)
          return next(failure(seen.error()));
        look->world = worldOf(std::move(*seen));
        next(Done{});
      });
    });
    steps.push_back(
        [this, look](Callback<Done> next) { lookAtAdopted(client, copies, look->world, std::move(next)); });
    steps.push_back([this, look](Callback<Done> next) {
      lookAtMountedFiles(client, copies, look->world, std::move(next));
    });
    runSteps(std::move(steps), std::move(done));
  };
}

Step DockerTarget::Impl::lookAtNetworks() {
  return [this](Callback<Done> done) {
    std::vector<Step> steps;
    if (router)
      steps.push_back([this](Callback<Done> next) {
        network.find([this, next = std::move(next)](Result<Done> found) {
          router->reachAt(network.routerAddress());
          const bool isMissing = !found && found.error().kind == ErrorKind::NotFound;
          next(isMissing ? Result<Done>(Done{}) : std::move(found));
        });
      });
    steps.push_back([this](Callback<Done> next) { vantage.look(std::move(next)); });
    runSteps(std::move(steps), std::move(done));
  };
}

void DockerTarget::Impl::addEngineFindings(World& world, const DockerInfo& info) const {
  if (vantage.isRelayed())
    if (auto finding = relayFinding(place.relayProgram, info, place.endpoint.toString()))
      world.findings.push_back(std::move(*finding));
  if (!info.liveRestore)
    world.findings.push_back(
        {TargetFinding::Weight::Notes,
         "no-live-restore",
         "",
         "this Docker Engine has no live-restore: a restart of it stops every container, the router too; "
         "set \"live-restore\": true in its daemon.json",
         {}});
}

namespace {

bool isOfThisMachine(const DockerPlace& place, const DockerInfo& info) {
  std::array<char, 256> name{};
  return place.endpoint.transport == DockerTransport::Unix &&
         ::gethostname(name.data(), name.size() - 1) == 0 && info.name == name.data();
}

} // namespace

// What an image takes that is not here nobody tells: it is taken to be as large as the one it replaces.
Step DockerTarget::Impl::lookAtPulledSizes(const std::shared_ptr<Look>& look) {
  return [this, look](Callback<Done> done) {
    std::vector<Step> steps;
    for (const auto& [reference, version] : look->versions) {
      if (!version || (!version->id.empty() && !version->isMoved))
        continue;
      ++look->need.images;
      const auto replaced = std::find_if(look->world.instances.begin(), look->world.instances.end(),
                                         [&, &image = reference](const auto& copy) {
                                           const auto* service = stack.find(copy.service);
                                           return service && service->image == image && !copy.imageId.empty();
                                         });
      if (replaced == look->world.instances.end()) {
        ++look->need.unknown;
        continue;
      }
      steps.push_back([this, look, id = replaced->imageId](Callback<Done> next) {
        client.images.inspect(id, [look, next = std::move(next)](Result<DockerImage> image) {
          image ? look->need.bytes += image->size : look->need.unknown += 1;
          next(Done{}); // an estimate that lacks a part is better than no plan
        });
      });
    }
    steps.push_back([this](Callback<Done> next) { outbox.post([next = std::move(next)] { next(Done{}); }); });
    runTogether(std::move(steps), std::move(done));
  };
}

// Of the host that the engine runs on; its disk and its processes are seen only from there.
void DockerTarget::Impl::addHostChecks(const std::shared_ptr<Look>& look) const {
  HostPortsLook ports;
  ports.containers = look->containers;
  if (router)
    for (const auto& [service, routed] : router->table())
      ports.routed.insert(service);
  const bool isHere = isOfThisMachine(place, look->info);
  if (isHere)
    ports.processes = listeningPorts();
  addHostPorts(look->world, stack, ports);
  if (!look->disk) {
    look->world.checks.push_back(unknownDisk(look->info.rootFolder, look->noDisk));
    return;
  }
  look->world.checks.push_back(diskCheck(*look->disk, look->need));
  if (auto finding = diskFinding(*look->disk, look->need))
    look->world.findings.push_back(std::move(*finding));
}

void DockerTarget::Impl::addOtherProjects(const std::shared_ptr<Look>& look) const {
  std::set<std::string> names;
  for (const DockerContainerSummary& container : look->containers)
    if (const auto label = container.labels.find(copy_labels::project); label != container.labels.end())
      names.insert(label->second);
  names.erase(stack.project);
  look->world.otherProjects.emplace(names.begin(), names.end());
}

// What the engine does not tell, its machine does: to us where we are on it, else to the relay, whose root
// lies where the images are.
Step DockerTarget::Impl::lookAtDisk(const std::shared_ptr<Look>& look) {
  return [this, look](Callback<Done> done) {
    const std::string& folder = look->info.rootFolder;
    const bool isHere = isOfThisMachine(place, look->info);
    if (isHere)
      look->disk = diskSpaceAt(folder);
    const bool lacksRelay = hasNoRelay(look->world);
    if (isHere || lacksRelay || !vantage.isRelayed()) {
      look->noDisk = isHere       ? "it cannot be asked from here"
                     : lacksRelay ? "nothing of ours can run there to ask"
                                  : "the engine does not tell, and its machine is another";
      return outbox.post([done = std::move(done)] { done(Done{}); });
    }
    vantage.relay().ask("free", diskTimeout, {"/"}, [look, done = std::move(done)](Result<RelayReply> reply) {
      const bool isKnown = reply && !reply->error && memberAt(reply->value, "free").is_number_integer();
      if (isKnown)
        look->disk = DiskSpace{look->info.rootFolder, integerAt(reply->value, "free")};
      else
        look->noDisk = !reply         ? reply.error().message
                       : reply->error ? reply->error->message
                                      : "no number came";
      done(Done{}); // a plan without it says so
    });
  };
}

// Over a slow line each call costs its delay: what does not need another's answer is asked at once. Health
// comes last, since it needs all of it.
void DockerTarget::observe(Callback<World> done) {
  Impl* impl = m_impl.get();
  const auto look = std::make_shared<Impl::Look>();
  const auto kept = [](auto& place, Callback<Done> next) {
    return [&place, next = std::move(next)](auto seen) {
      if (!seen)
        return next(failure(seen.error()));
      place = std::move(*seen);
      next(Done{});
    };
  };
  std::vector<Step> steps;
  steps.push_back(impl->lookAtCopies(look));
  steps.push_back(impl->lookAtNetworks());
  steps.push_back([impl, look, kept](Callback<Done> next) {
    impl->catalog.resolve(imagesOf(impl->stack), kept(look->versions, std::move(next)));
  });
  steps.push_back([impl, look, kept](Callback<Done> next) {
    impl->client.system.info(kept(look->info, std::move(next)));
  });
  steps.push_back([impl, look, kept](Callback<Done> next) {
    impl->client.containers.list({{"status", {"running", "paused", "restarting"}}},
                                 kept(look->containers, std::move(next)));
  });
  runTogether(std::move(steps), [impl, look, done = std::move(done)](Result<Done> seen) {
    if (!seen)
      return done(failure(seen.error()));
    impl->addImages(look->world, look->versions);
    impl->addEngineFindings(look->world, look->info);
    std::vector<Step> steps = {impl->lookAtPulledSizes(look), impl->lookAtDisk(look)};
    runTogether(std::move(steps), [impl, look, done](const Result<Done>&) {
      impl->addHostChecks(look);
      impl->addOtherProjects(look);
      impl->addFindings(look->world);
      impl->complete(std::move(look->world), done);
    });
  });
}

namespace {

struct ImageWork {
  std::vector<WantedImage> wanted;
  std::vector<ImagePin> running;
  ImageKeeper::Images ids;
};

std::string lineOf(const PullProgress& progress) {
  const auto megabytes = [](long long bytes) {
    return std::to_string((bytes + 500'000) / 1'000'000);
  };
  return "pull " + progress.reference + ": " + std::to_string(progress.layersDone) + " of " +
         std::to_string(progress.layers) + " layers, " + megabytes(progress.done) + " of " +
         megabytes(progress.total) + " MB";
}

// What the revision says, else what the name stands for now.
void addWanted(ImageWork& work, const Preparation& preparation, const ImageCatalog::Versions& versions) {
  for (const ServiceSpec& service : preparation.coming) {
    if (!service.imageId.empty()) {
      work.wanted.push_back({service.name, service.image, service.imageId, {}});
      continue;
    }
    const auto version = versions.find(service.image);
    if (version != versions.end() && version->second)
      work.wanted.push_back(wantedImage(service.name, service.image, *version->second));
    else
      work.wanted.push_back({service.name, service.image, {}, {}});
  }
}

} // namespace

void DockerTarget::prepare(const Preparation& preparation, std::function<void(const std::string&)> onStep,
                           Callback<std::map<std::string, std::string>> done) {
  Impl* impl = m_impl.get();
  auto work = std::make_shared<ImageWork>();
  const auto resources = stackResources(impl->stack);
  std::vector<Step> steps;
  const bool isRouterComing =
      std::any_of(preparation.coming.begin(), preparation.coming.end(), [impl](const ServiceSpec& service) {
        return service.name == impl->stack.policy.routerService;
      });
  if (impl->sink && !isRouterComing)
    steps.push_back([impl](Callback<Done> next) { impl->sink->checkOwner(std::move(next)); });
  steps.push_back([impl, work](Callback<Done> next) {
    impl->copies.list([work, next = std::move(next)](Result<std::vector<InstanceInfo>> copies) {
      if (!copies)
        return next(failure(copies.error()));
      for (const InstanceInfo& copy : *copies)
        if (copy.state == InstanceState::Running && !copy.imageId.empty())
          work->running.push_back({copy.service, copy.revision, copy.imageId});
      next(Done{});
    });
  });
  steps.push_back([impl, work](Callback<Done> next) { impl->keeper.pin(work->running, std::move(next)); });
  steps.push_back([impl, work, preparation](Callback<Done> next) {
    std::vector<std::string> references;
    for (const ServiceSpec& service : preparation.coming)
      if (service.imageId.empty())
        references.push_back(service.image);
    impl->catalog.resolve(
        references, [work, preparation, next = std::move(next)](Result<ImageCatalog::Versions> versions) {
          if (!versions)
            return next(failure(versions.error()));
          addWanted(*work, preparation, *versions);
          next(Done{});
        });
  });
  steps.push_back([impl, work, onStep](Callback<Done> next) {
    const auto progress = [onStep](const PullProgress& step) {
      onStep(lineOf(step));
    };
    impl->keeper.prepare(work->wanted, progress,
                         [work, next = std::move(next)](Result<ImageKeeper::Images> ids) {
                           if (!ids)
                             return next(failure(ids.error()));
                           work->ids = std::move(*ids);
                           next(Done{});
                         });
  });
  steps.push_back([impl, work, revision = preparation.revision](Callback<Done> next) {
    std::vector<ImagePin> pins;
    for (const auto& [service, id] : work->ids)
      pins.push_back({service, revision, id});
    impl->keeper.pin(pins, std::move(next));
  });
  steps.push_back([impl, kept = preparation.keptRevisions](Callback<Done> next) {
    impl->keeper.unpin(kept, std::move(next));
  });
  steps.push_back([impl, resources](Callback<Done> next) {
    if (!resources)
      return impl->outbox.post([next = std::move(next), error = resources.error()] { next(failure(error)); });
    impl->resources.run(*resources, std::move(next));
  });
  steps.push_back([impl](Callback<Done> next) {
    impl->vantage.relay().forget(); // the networks may be new
    next(Done{});
  });
  if (impl->router)
    steps.push_back([impl](Callback<Done> next) {
      impl->network.ensure([impl, next = std::move(next)](Result<Done> ensured) {
        impl->router->reachAt(impl->network.routerAddress());
        next(std::move(ensured));
      });
    });
  runSteps(std::move(steps), [work, done = std::move(done)](Result<Done> ready) {
    ready ? done(work->ids) : done(failure(ready.error()));
  });
}

void DockerTarget::readMountedFiles(const StackSpec& stack, const std::set<std::string>& services,
                                    Callback<std::vector<MountedFile>> done) {
  Impl* impl = m_impl.get();
  auto found = std::make_shared<std::vector<MountedFile>>();
  std::vector<Step> steps;
  for (const auto& name : services) {
    const ServiceSpec* service = stack.find(name);
    const auto paths = service ? mountedPaths(*service, stack) : std::vector<std::string>();
    if (paths.empty())
      continue;
    const auto image = service->imageId.empty() ? service->image : service->imageId;
    steps.push_back([impl, found, name, paths, image](Callback<Done> next) {
      impl->files.read(
          paths, image, [found, name, next = std::move(next)](Result<std::vector<HostFile>> files) {
            if (!files)
              return next(failure(files.error()));
            for (auto& [path, file] : *files)
              found->push_back({name, path, file.mode, file.user, file.group, std::move(file.content)});
            next(Done{});
          });
    });
  }
  steps.push_back(
      [impl](Callback<Done> next) { impl->outbox.post([next = std::move(next)] { next(Done{}); }); });
  runSteps(std::move(steps), [found, done = std::move(done)](Result<Done> read) {
    read ? done(std::move(*found)) : done(failure(read.error()));
  });
}

void DockerTarget::leave(Callback<Done> done) {
  const bool hasAnswered = m_impl->client.connection.apiMinor() > 0;
  if (!hasAnswered || !m_impl->vantage.isRelayed())
    return done(Done{});
  m_impl->vantage.relay().leave(std::move(done));
}

Result<std::unique_ptr<DockerTarget>> openDocker(const DockerPlace& place, const StackSpec& stack) {
  auto impl = std::make_unique<DockerTarget::Impl>(place, stack);
  if (impl->router)
    if (auto conflict = routingConflict(impl->router->table(), stack))
      return failure(*conflict);
  return std::unique_ptr<DockerTarget>(new DockerTarget(std::move(impl)));
}

} // namespace ratdeck
