#include "app/stack/place.h"

#include "app/stack/await.h"
#include "app/stack/stack_source.h"
#include "core/engine/kept_files.h"

#include <algorithm>

namespace ratdeck {

namespace {

const SystemClock systemClock; // has no state

// Of whose image a copy is made for a task.
std::set<std::string> servicesOfTasks(const Plan& plan) {
  std::set<std::string> names;
  for (const auto& task : plan.tasks)
    for (const auto* command : {&task.spec.up, &task.spec.down, &task.spec.status})
      if (*command && (*command)->where == TaskCommand::Where::Own && task.reverses == 0)
        names.insert((*command)->service);
  return names;
}

} // namespace

Result<Place> Place::open(const Environment& environment, const StackChoice& choice, bool mustBeReachable) {
  auto loaded = loadStack(environment, choice);
  if (!loaded)
    return failure(loaded.error());
  Place place;
  place.m_patience = std::make_shared<Patience>();
  place.m_stack = std::move(loaded->stack);
  place.m_warnings = std::move(loaded->warnings);
  auto chosen = chooseTarget(environment, choice, place.m_stack);
  if (!chosen)
    return failure(chosen.error());
  place.m_choice = std::move(*chosen);
  place.m_folders = foldersOf(place.m_choice.key, environment.stateFolder, environment.configFolder,
                              environment.runtimeFolder, choice.journalFolder);
  place.m_revisions = std::make_shared<RevisionStore>(place.m_folders.revisions);
  // Where it cannot be written yet, nothing that runs is ours, and preparing a deployment says why.
  const auto store = place.m_revisions->id().value_or(std::string());
  place.m_makeTarget = [open = place.m_choice.open, store] {
    return open(store);
  };
  auto target = place.m_makeTarget();
  if (target)
    place.m_target = std::move(*target);
  else if (target.error().kind != ErrorKind::Unreachable || mustBeReachable || choice.isRuntimeNamed)
    return failure(target.error());
  return place;
}

Place::~Place() {
  if (m_target)
    (void)await<Done>([this](Callback<Done> done) { m_target->leave(std::move(done)); });
}

JournalStore Place::journals() const {
  return {m_folders.journalRoot, systemClock};
}

Result<World> Place::observe() {
  if (!m_target)
    return World{};
  return await<World>([this](Callback<World> done) { m_target->observe(std::move(done)); }, m_patience.get());
}

void Place::cancel() {
  m_patience->end();
}

bool Place::isCancelled() const {
  return m_patience->isOver();
}

// That they cannot be counted keeps nobody from a plan: the plan says so.
void Place::countRuns(World& world) {
  auto* feed = m_target ? m_target->target().runs : nullptr;
  if (!feed || !world.isReachable || world.instances.empty())
    return;
  const auto work =
      await<ActiveWork>([&](Callback<ActiveWork> done) { feed->activeRuns(done); }, m_patience.get());
  RunsSeen seen;
  if (!work) {
    seen.trouble = work.error().message;
  } else {
    seen.count = static_cast<int>(work->count);
    for (const auto& run : work->runs)
      seen.oldestSeconds = std::max(seen.oldestSeconds, run.ageSeconds);
  }
  world.runs = seen;
}

Result<Deployment> Place::prepare(const StackSpec& wanted, const StackChoice& choice, Manner manner) {
  auto world = observe();
  if (!world)
    return failure(world.error());
  countRuns(*world);
  if (isCancelled())
    return failure(ErrorKind::Cancelled, "cancelled");
  DeploymentRequest request;
  request.wanted = wanted;
  request.world = std::move(*world);
  request.services.insert(choice.services.begin(), choice.services.end());
  request.hasPerson = manner.hasPerson;
  request.isTry = manner.isTry;
  request.schemaPast = manner.schemaPast;
  request.doubts = manner.doubts;
  request.isRollback = manner.isRollback;
  return prepareDeployment(request, *m_revisions, systemClock.now().wall);
}

Status Place::makeReady(Deployment& deployment, const std::function<void(const std::string&)>& onStep) {
  Preparation preparation;
  preparation.revision = deployment.revision.number;
  for (int number : m_revisions->numbers())
    preparation.keptRevisions.insert(number);
  preparation.keptRevisions.insert({0, deployment.revision.number}); // 0: what runs and is not ours
  for (const auto& adopted : deployment.revision.adopted)
    preparation.keptRevisions.insert(adopted.number);
  auto& services = deployment.revision.stack.services;
  for (const auto& [name, plan] : deployment.plan.services)
    if (!plan.newCopies.empty())
      preparation.coming.push_back(services.at(name));
  for (const auto& name : servicesOfTasks(deployment.plan))
    if (!deployment.plan.services.contains(name) && services.contains(name))
      preparation.coming.push_back(services.at(name));
  using Ids = std::map<std::string, std::string>;
  auto ids = await<Ids>([&](Callback<Ids> done) { m_target->prepare(preparation, onStep, std::move(done)); },
                        m_patience.get());
  if (!ids)
    return failure(ids.error());
  for (const auto& [name, id] : *ids) {
    setImageId(services.at(name), id);
    deployment.revision.stack.normalised["services"][name] = services.at(name).normalised;
  }
  if (!deployment.plan.isTry)
    if (auto kept = keepMountedFiles(deployment); !kept)
      return kept;
  if (!m_hold || !hasSharedLock())
    return Done{};
  return await<Done>([this](Callback<Done> done) { m_target->target().lock->check(std::move(done)); });
}

Status Place::hold(const StackClaim& claim) {
  auto* lock = m_target ? m_target->target().lock : nullptr;
  auto held = await<StackHold>([&](Callback<StackHold> done) { holdStack(claim, lock, std::move(done)); });
  if (!held)
    return failure(held.error());
  m_hold = std::move(*held);
  return Done{};
}

Status Place::keepMountedFiles(Deployment& deployment) {
  std::set<std::string> coming, adopted;
  for (const auto& [name, plan] : deployment.plan.services) {
    if (!plan.newCopies.empty())
      coming.insert(name);
    if (!deployment.revision.adopted.empty() &&
        plan.fromRevision == deployment.revision.adopted.front().number)
      adopted.insert(name);
  }
  const auto keep = [this](StackSpec& stack, const std::set<std::string>& services) -> Status {
    const auto names = withoutKeptFiles(stack, services);
    using Files = std::vector<MountedFile>;
    auto files =
        await<Files>([&](Callback<Files> done) { m_target->readMountedFiles(stack, names, std::move(done)); },
                     m_patience.get());
    if (!files)
      return failure(files.error());
    keepFiles(stack, names, *files);
    return Done{};
  };
  if (auto kept = keep(deployment.revision.stack, coming); !kept)
    return kept;
  return deployment.revision.adopted.empty() ? Done{}
                                             : keep(deployment.revision.adopted.front().stack, adopted);
}

// What cannot be released is left behind, and the next one here takes it over.
void Place::letGo() {
  if (m_hold && hasSharedLock()) {
    auto* lock = m_target->target().lock;
    if (!m_hold->token.empty())
      lock->adopt(m_hold->token, {});
    (void)await<Done>([lock](Callback<Done> done) { lock->release(std::move(done)); });
  }
  m_hold.reset();
}

EngineConfig Place::engineConfig(bool isNew) {
  EngineConfig config;
  config.stack = m_folders.stack;
  config.journalRoot = m_folders.journalRoot;
  config.keysFolder = m_folders.keys;
  config.lockPath = m_folders.lock;
  config.isTargetNew = isNew;
  config.clock = &systemClock;
  config.revisions = m_revisions;
  config.makeTarget = m_makeTarget;
  if (m_hold) {
    if (hasSharedLock())
      m_hold->token = m_target->target().lock->handOver();
    config.hold = m_hold;
    m_hold->here.reset();
  }
  return config;
}

} // namespace ratdeck
