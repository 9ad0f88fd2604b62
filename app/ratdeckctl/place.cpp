#include "app/ratdeckctl/place.h"

#include "app/ratdeckctl/await.h"
#include "app/ratdeckctl/hint.h"
#include "app/ratdeckctl/stack_source.h"

namespace ratdeck {

namespace {

const SystemClock systemClock; // has no state

class SandboxAdapters final : public TargetAdapters {
public:
  explicit SandboxAdapters(std::unique_ptr<SandboxTarget> target) : m_target(std::move(target)) {}
  Target target() override { return m_target->target(); }

private:
  std::unique_ptr<SandboxTarget> m_target;
};

std::string sandboxUp(const Options& options) {
  Options named;
  named.sandbox = options.sandbox;
  return commandLine(named, "sandbox up");
}

} // namespace

Result<Place> Place::open(const Environment& environment, const Options& options, bool mustBeReachable) {
  if (options.runtime != "sandbox")
    return failure(ErrorKind::Refused, "this version has no runtime \"" + options.runtime + "\"",
                   "use --runtime sandbox");
  auto stack = loadStack(environment, options);
  if (!stack)
    return failure(stack.error());
  Place place;
  place.m_stack = std::move(*stack);
  place.m_sandboxFolder = sandboxFolder(environment, options);
  place.m_folders =
      foldersOf({"sandbox", place.m_sandboxFolder, {}, place.m_stack.project}, environment.stateFolder,
                environment.configFolder, environment.runtimeFolder, options.journalFolder);
  place.m_revisions = std::make_shared<RevisionStore>(place.m_folders.revisions);
  auto target = openSandbox(place.m_sandboxFolder, place.m_stack);
  if (target)
    place.m_target = std::move(*target);
  else if (target.error().kind != ErrorKind::NotFound)
    return failure(target.error());
  else if (mustBeReachable || options.isRuntimeNamed)
    return failure(ErrorKind::Unreachable, "the sandbox " + options.sandbox + " is not up",
                   "start it with `" + sandboxUp(options) + "`");
  return place;
}

Result<World> Place::observe() {
  if (!m_target)
    return World{};
  return await<World>([this](Callback<World> done) { m_target->observe(std::move(done)); });
}

Result<Deployment> Place::prepare(const StackSpec& wanted, const Options& options, bool hasPerson) {
  auto world = observe();
  if (!world)
    return failure(world.error());
  DeploymentRequest request;
  request.wanted = wanted;
  request.world = std::move(*world);
  request.services.insert(options.services.begin(), options.services.end());
  request.hasPerson = hasPerson;
  return prepareDeployment(request, *m_revisions, systemClock.now().wall);
}

EngineConfig Place::engineConfig(bool isNew) const {
  EngineConfig config;
  config.stack = m_folders.stack;
  config.journalRoot = m_folders.journalRoot;
  config.keysFolder = m_folders.keys;
  config.lockPath = m_folders.lock;
  config.isTargetNew = isNew;
  config.clock = &systemClock;
  config.revisions = m_revisions;
  config.makeTarget = [folder = m_sandboxFolder,
                       stack = m_stack]() -> Result<std::unique_ptr<TargetAdapters>> {
    auto target = openSandbox(folder, stack);
    if (!target)
      return failure(target.error());
    return std::make_unique<SandboxAdapters>(std::move(*target));
  };
  return config;
}

} // namespace ratdeck
