#include "tests/support/rollout_promises.h"

#include "core/rollout/past_schema.h"
#include "core/rollout/task_view.h"

#include <algorithm>

namespace ratdeck::test {

namespace {

// Stop-first may be without as many as it replaces at a time.
int missingAllowed(const ServicePlan& plan) {
  if (plan.order == UpdateOrder::StartFirst)
    return 0;
  auto pairs = static_cast<int>(std::min(plan.oldCopies.size(), plan.newCopies.size()));
  auto width = plan.parallelism > 0 ? plan.parallelism : std::max(pairs, 1);
  auto before = (std::max(1, (pairs + width - 1) / width) - 1) * width; // in the batches before the last
  return std::max(width, static_cast<int>(plan.oldCopies.size()) - before);
}

} // namespace

RolloutPromises::RolloutPromises(RolloutWorld& world) : m_world(world) {
  world.afterEach = [this](const Stimulus& stimulus, const Decision& decision) {
    checkDecision(stimulus, decision);
  };
  world.beforeDeed = [this](const Effect& effect, const Body& body) {
    checkDeed(effect, body);
  };
  world.beforeTask = [this](const Effect& effect) {
    checkTask(effect);
  };
}

void RolloutPromises::expect(bool holds, const std::string& promise) {
  if (!holds && m_broken.empty())
    m_broken = promise + " (at " + std::to_string(seconds(m_world.time())) + " s)";
}

void RolloutPromises::checkDecision(const Stimulus& stimulus, const Decision& decision) {
  if (!m_broken.empty())
    return;
  checkRequests(decision);
  checkApprovals(stimulus, decision);
  for (const auto& event : decision.events) {
    checkUndoOrder(event);
    checkWaveOrder(event);
    checkTried(event);
    checkTasksBefore(event);
    checkPutBack(event);
    keepBooks(event);
    checkPastSchema(event);
    checkFirstDowns(event);
  }
  checkAccepted();
  checkReasons();
  expect(m_world.trouble().empty(), m_world.trouble());
}

// --- what an effect does to the world ---

void RolloutPromises::checkDeed(const Effect& effect, const Body& body) {
  auto id = effect.instance.value;
  switch (effect.kind) {
  case EffectKind::StartInstance:
    return expect(!body.wasRemoved, id + " is started again after it was removed");
  case EffectKind::StopInstance:
    return expect(body.routing == Body::Routing::None, id + " is stopped while it is routed");
  case EffectKind::RemoveInstance:
    return expect(!body.isRunning, id + " is removed while it runs");
  case EffectKind::JoinRouter:
    expect(!m_world.start.plan.isTry, id + " is tried and gets traffic");
    [[fallthrough]];
  case EffectKind::ReturnRouter:
  case EffectKind::LeaveRouter:
    return checkTraffic(effect, body);
  case EffectKind::DrainHook:
    return expect(body.isOld && !m_world.start.plan.isTry, id + " is told to take no new work");
  case EffectKind::Verify:
  case EffectKind::DrainRouter:
  case EffectKind::CaptureEvidence:
  case EffectKind::RunTask: // see checkTask
  case EffectKind::BackHook:
    return;
  }
}

void RolloutPromises::checkTraffic(const Effect& effect, const Body& body) {
  auto id = effect.instance.value;
  if (body.isDoubtful || body.exitAt || body.wasBad || isReturnOfBroken(effect.instance))
    return;
  if (effect.kind == EffectKind::JoinRouter)
    expect(body.healthyAt <= m_world.time(), id + " gets traffic before its gate passed");
  if (effect.kind != EffectKind::LeaveRouter)
    return;
  const auto& copy = m_world.state().instances.at(effect.instance);
  if (copy.hasFailed || m_world.fateOf(effect.instance).failures.contains(EffectKind::DrainRouter))
    return; // what cannot be drained leaves in the end all the same
  expect(body.routing != Body::Routing::Serving, id + " leaves the router while it serves");
  const auto& plan = m_world.start.plan.services.at(effect.service);
  expect(m_world.time() >= std::min(body.inFlightUntil, body.drainingSince + plan.inFlightDeadline),
         id + " leaves the router with requests in flight before their deadline");
}

// The old version of a service that was down comes back as it was, whatever its checks say.
bool RolloutPromises::isReturnOfBroken(const InstanceId& id) const {
  const auto copy = m_world.state().instances.find(id);
  return copy != m_world.state().instances.end() && copy->second.role == InstanceRole::Restored &&
         isAlreadyDown(m_world.start.plan, copy->second.service);
}

// --- capacity ---

// Copies that died or went bad by themselves are nobody's fault, nor an old one that the router will not take
// back.
int RolloutPromises::mourned(const std::string& service) const {
  int n = 0;
  for (const auto& [id, body] : m_world.bodies())
    if (body.service == service) {
      auto fate = body.isOld ? m_world.fateOf(id) : CopyFate();
      n += body.hasExited(m_world.time()) || body.wasBad || fate.failures.contains(EffectKind::ReturnRouter)
               ? 1
               : 0;
    }
  return n;
}

void RolloutPromises::checkCapacity(const ServicePlan& plan) {
  auto steady = static_cast<int>(std::min(plan.oldCopies.size(), plan.newCopies.size()));
  auto least = steady - missingAllowed(plan);
  if (least <= 0)
    return;
  auto answering = m_world.answering(plan.service);
  if (answering < least)
    expect(answering >= least - mourned(plan.service),
           "capacity of " + plan.service + " fell to " + std::to_string(answering));
}

void RolloutPromises::checkStep() {
  for (const auto& [name, plan] : m_world.start.plan.services)
    if (!plan.isOneShot && !isAlreadyDown(m_world.start.plan, name)) // it had none
      checkCapacity(plan);
}

// --- decisions ---

void RolloutPromises::checkRequests(const Decision& decision) {
  for (const auto& event : decision.events)
    if (event.type == EventType::StartRequested || event.type == EventType::JoinRequested)
      expect(m_requests.insert(m_world.name(event)).second, "twice: " + m_world.name(event));
}

// An approval is granted once, by its own gate's name and the hash of this plan.
void RolloutPromises::checkApprovals(const Stimulus& stimulus, const Decision& decision) {
  const auto* command = std::get_if<Command>(&stimulus);
  for (const auto& event : decision.events) {
    const auto& gate = event.gate.value;
    if (event.type == EventType::ApprovalRequested)
      m_asked.insert(gate);
    if (event.type != EventType::ApprovalGranted)
      continue;
    auto isMeant = command && command->kind == CommandKind::Approve && command->gate == event.gate &&
                   command->planHash == m_world.start.plan.hash;
    auto isAuto = m_world.start.approve == "auto" && event.actor == "auto";
    // One that was asked for want of a verdict is withdrawn by a verdict that is good, and by that alone.
    const auto* seen = std::get_if<Observation>(&stimulus);
    auto isWithdrawn = event.actor == "analysis" && gate.starts_with("inconclusive-") && seen &&
                       seen->kind == ObservationKind::AnalysisJudged &&
                       textAt(seen->detail, "verdict") == toString(Verdict::Passing);
    expect(isMeant || isAuto || isWithdrawn, gate + " is approved by something else");
    expect(m_asked.contains(gate) && ++m_granted[gate] == 1, gate + " is approved when it does not wait");
  }
}

bool RolloutPromises::isOver(const ApprovalSpec& spec) const {
  return m_granted.contains(spec.id);
}

// Nothing starts before the waves before it have switched, nor before what must be approved was.
void RolloutPromises::checkWaveOrder(const Event& event) {
  if (event.type != EventType::ServiceStarted)
    return;
  const auto& state = m_world.state();
  auto wave = state.plan.services.at(event.service).wave;
  for (const auto& spec : state.plan.approvals) {
    auto isBefore = spec.when == ApprovalSpec::When::Before &&
                    (spec.service.empty() ? spec.wave == wave : spec.service == event.service);
    auto specWave = spec.service.empty() ? spec.wave : state.plan.services.at(spec.service).wave;
    auto isAfter = spec.when == ApprovalSpec::When::After && specWave < wave;
    auto failed = !spec.service.empty() && state.services.at(spec.service).phase >= ServicePhase::Failed;
    expect((!isBefore && !isAfter) || failed || isOver(spec), event.service + " starts without " + spec.id);
  }
  for (const auto& [name, service] : state.services)
    if (state.plan.services.at(name).wave < wave)
      expect(service.hasSwitched || service.phase >= ServicePhase::Failed,
             event.service + " starts before " + name + " has switched");
}

void RolloutPromises::checkTried(const Event& event) {
  if (event.type != EventType::ServiceTried)
    return;
  for (const auto& copy : m_world.start.plan.services.at(event.service).newCopies) {
    auto it = m_world.bodies().find(copy.id);
    expect(it != m_world.bodies().end() && it->second.healthyAt <= m_world.time(),
           copy.id.value + " counts as tried before its gate passed");
  }
}

// A service is undone when the old copies of all waves after it answer again: those depend on it.
void RolloutPromises::checkUndoOrder(const Event& event) {
  const auto& state = m_world.state();
  if (event.type != EventType::ServiceUndoStarted || state.phase != RolloutPhase::Undoing ||
      event.service == state.undoCause)
    return;
  auto wave = state.plan.services.at(event.service).wave;
  for (const auto& [name, plan] : state.plan.services) {
    if (plan.wave <= wave || plan.isOneShot || state.services.at(name).hasUndoFailed ||
        isAlreadyDown(state.plan, name))
      continue;
    int old = 0;
    for (const auto& [id, body] : m_world.bodies())
      old += body.service == name && !isPlannedNew(id, plan) && m_world.isAnswering(body) ? 1 : 0;
    expect(old >= static_cast<int>(plan.oldCopies.size()) - mourned(name),
           event.service + " is undone before " + name + " is back");
  }
}

void RolloutPromises::checkReasons() {
  const auto& state = m_world.state();
  if (state.phase != RolloutPhase::Rolling && state.phase != RolloutPhase::Undoing)
    return;
  if (!effectsOf(state).empty())
    return;
  auto isOwned = !deadlinesOf(state).empty() || state.isHeld || state.isAway;
  for (const auto& [name, service] : state.services)
    isOwned = isOwned || service.drainAwaitsDecision;
  for (const auto& [gate, approval] : state.approvals) // past what cannot be reversed none expires
    isOwned = isOwned || (approval.state == GateState::Waiting && !pastSchemaThatBlocks(state).isEmpty() &&
                          (state.hasPerson || state.approve == "wait"));
  expect(isOwned, "nobody and nothing ends this wait");
  auto reasons = reasonsOf(state);
  expect(!reasons.empty(), "it waits without a reason");
  for (const auto& reason : reasons)
    expect(reason.since != Instant() && !reason.text.empty(), "a reason without a beginning: " + reason.code);
}

void RolloutPromises::forgetEvents() {
  m_folded = {};
  m_foldedEvents = 0;
}

void RolloutPromises::checkFold() {
  for (; m_foldedEvents < m_world.events().size(); ++m_foldedEvents) {
    const auto& event = m_world.events()[m_foldedEvents];
    auto text = parseJson(dumpJson(dataOf(event)));
    auto read = text ? eventFrom(toString(event.type), event.at, *text) : failure(text.error());
    expect(read.has_value(), "an event cannot be read back");
    if (read)
      apply(m_folded, *read);
  }
  expect(m_folded == m_world.state(), "the fold of the journal is another state");
}

// --- tasks ---

// No new copy of it (of any, for "") takes traffic, but for those that cannot be ended.
bool RolloutPromises::isCodeBack(const std::string& service) const {
  return std::none_of(m_world.bodies().begin(), m_world.bodies().end(), [&](const auto& entry) {
    const auto& [id, body] = entry;
    const auto copy = m_world.state().instances.find(id);
    if (copy != m_world.state().instances.end() && copy->second.isLeftover)
      return false;
    return (service.empty() || body.service == service) && m_world.isAnswering(body) &&
           isPlannedNew(id, m_world.start.plan.services.at(body.service)) &&
           !m_world.start.plan.services.at(body.service).isOneShot;
  });
}

// Of the schema; but for one that nothing could end, or of whose end nobody knows.
bool RolloutPromises::isChanging(const std::string& id, const TaskBody& body) const {
  const auto& task = m_world.state().tasks.at(id);
  const bool isLost = task.wasTimedOut || (!isInHand(task) && task.exitCode < 0);
  return taskOf(m_world.start.plan, id)->spec.isOfSchema() && (body.up.isRunning || body.down.isRunning) &&
         !isLost;
}

// Asked before a command physically begins.
void RolloutPromises::checkTask(const Effect& effect) {
  const auto& spec = taskOf(m_world.start.plan, effect.task)->spec;
  const auto& bodies = m_world.tasks();
  const auto body = bodies.contains(effect.task) ? bodies.at(effect.task) : TaskBody();
  const auto& run = effect.step == TaskStep::Undo ? body.down : body.up;
  const auto& command = effect.step == TaskStep::Undo ? spec.down : spec.up;
  const bool mayRepeat = !spec.isOfSchema() && command->where == TaskCommand::Where::Copy;
  expect(run.times == 0 || mayRepeat, effect.task + " runs twice");
  for (const auto& [id, other] : bodies)
    expect(id == effect.task || !spec.isOfSchema() || !isChanging(id, other),
           effect.task + " changes the schema beside " + id);
  if (effect.step != TaskStep::Undo) {
    const auto& state = m_world.state();
    const auto service = state.services.find(spec.service);
    const bool isStanding = service == state.services.end() || service->second.phase < ServicePhase::Failed;
    return expect(spec.when == TaskSpec::When::OnFailure ||
                      (state.phase == RolloutPhase::Rolling && !state.isHeld && isStanding),
                  effect.task + " begins in an undo or a hold");
  }
  const bool mayHaveRun = m_world.state().tasks.at(effect.task).wasTimedOut; // nobody knows
  expect(body.up.times > 0 || (spec.isDownSafe && mayHaveRun), effect.task + " is taken back and never ran");
  const bool isAfterFailure = m_world.state().phase == RolloutPhase::Rolling && spec.isDownSafe;
  const auto& place = m_world.state().phase == RolloutPhase::Undoing ? std::string() : spec.service;
  const bool isBroken = std::any_of(m_world.state().services.begin(), m_world.state().services.end(),
                                    [](const auto& entry) { return entry.second.hasUndoFailed; });
  expect(spec.goesBackFirst || isAfterFailure || (isCodeBack(place) && !isBroken),
         effect.task + " is taken back before the code");
  expect(spec.isReversible || isNamed(effect.task), effect.task + " is taken back unconfirmed");
}

// Whatever became of its answer.
void RolloutPromises::checkPutBack(const Event& event) {
  if (event.type != EventType::TaskPutBack)
    return;
  const auto id = textAt(event.detail, "task");
  const auto body = m_world.tasks().find(id);
  expect(body == m_world.tasks().end() || body->second.up.times == 0, id + " ran and counts as never begun");
}

void RolloutPromises::keepBooks(const Event& event) {
  if (event.type == EventType::UndoStarted)
    for (const auto& version : memberAt(event.detail, "past_schema"))
      m_named.insert(version.get<std::string>());
  if (event.type == EventType::RolloutHeld && event.actor.empty())
    m_told.push_back(event.reason);
  if (event.type == EventType::RolloutHeld || event.type == EventType::RolloutContinued ||
      event.type == EventType::UndoStarted)
    m_isStuck =
        event.type == EventType::RolloutHeld && event.actor.empty() && boolAt(event.detail, "stops_here");
}

// By its version, or by itself where that is not known.
bool RolloutPromises::isNamed(const std::string& task) const {
  return m_named.contains(task) || m_named.contains(task + ".sql");
}

// Code that works on what it did serves in the place of other code.
bool RolloutPromises::isReplaced(const TaskSpec& task) const {
  const auto& instances = m_world.state().instances;
  return std::any_of(instances.begin(), instances.end(), [&](const auto& entry) {
    const auto& copy = entry.second;
    return (task.service.empty() || copy.service == task.service) && copy.role == InstanceRole::New &&
           copy.isInRouter && !m_world.start.plan.services.at(copy.service).oldCopies.empty();
  });
}

// What is there or runs still, and code was replaced after it: nothing goes back past it by itself where the
// old code cannot work with it, and nobody goes past it without its name.
void RolloutPromises::checkPastSchema(const Event& event) {
  const auto& plan = m_world.start.plan;
  if (event.type != EventType::UndoStarted || plan.isTry || plan.onFailureScope == FailureScope::Service)
    return;
  for (const auto& [id, body] : m_world.tasks()) {
    const auto& spec = taskOf(plan, id)->spec;
    const bool isThere = std::count(m_world.applied.begin(), m_world.applied.end(), id + ".sql") > 0;
    const bool goesBack = spec.canGoBack() || (spec.isDownSafe && spec.isReversible);
    if (!spec.isOfSchema() || !(body.up.isRunning || (isThere && !goesBack)) || !isReplaced(spec))
      continue;
    const bool isByItself = event.actor.empty() && spec.isCompatible;
    expect(isByItself || isNamed(id), "goes back past " + id + " unnamed");
  }
}

// Nor does the code go back before what had to be taken back first.
void RolloutPromises::checkFirstDowns(const Event& event) {
  if (event.type != EventType::ServiceUndoStarted)
    return;
  const auto& state = m_world.state();
  const TaskPlan* last = nullptr; // nothing comes before its down
  for (const auto& task : state.plan.tasks)
    last = task.spec.isOfSchema() ? &task : last;
  const bool isBroken = std::any_of(state.services.begin(), state.services.end(),
                                    [](const auto& entry) { return entry.second.hasUndoFailed; });
  for (const auto& task : state.plan.tasks) {
    const auto& rollout = state.tasks.at(task.spec.id);
    const bool isStuck = rollout.phase == TaskPhase::UndoFailed && !task.spec.isCompatible &&
                         isReplaced(task.spec) && !isNamed(task.spec.id);
    const bool isDue = &task == last && rollout.phase == TaskPhase::Done && task.spec.canGoBack() &&
                       isChangeKnown(task, rollout) && !rollout.added.empty() && !isBroken;
    if (task.spec.goesBackFirst && task.spec.service == event.service && !state.plan.isTry)
      expect(rollout.phase != TaskPhase::Undoing && !isStuck && !isDue,
             event.service + " is undone before " + task.spec.id);
  }
}

void RolloutPromises::checkAccepted() {
  for (const auto& [id, task] : m_world.state().tasks) {
    const auto& spec = taskOf(m_world.start.plan, id)->spec;
    if (!task.isAccepted || spec.onError == TaskSpec::OnError::Ignore ||
        spec.when == TaskSpec::When::OnFailure)
      continue;
    expect(std::any_of(m_told.begin(), m_told.end(),
                       [&](const auto& told) { return told.find(task.failure) != std::string::npos; }),
           "the failure of " + id + " is accepted unseen");
  }
}

void RolloutPromises::checkTasksBefore(const Event& event) {
  if (event.type != EventType::ServiceStarted)
    return;
  for (const auto& task : m_world.start.plan.tasks) {
    const auto& spec = task.spec;
    if (spec.when != TaskSpec::When::Before || spec.kind == TaskSpec::Kind::Schema ||
        (!spec.service.empty() && spec.service != event.service))
      continue;
    const auto& state = m_world.state().tasks.at(spec.id);
    expect(state.phase == TaskPhase::Done || state.isAccepted, event.service + " starts before " + spec.id);
  }
}

void RolloutPromises::checkTasksAtEnd() {
  const auto& state = m_world.state();
  bool isClean = true, stays = false;
  for (const auto& task : m_world.start.plan.tasks) {
    const auto& spec = task.spec;
    const auto& rollout = state.tasks.at(spec.id);
    const auto body = m_world.tasks().contains(spec.id) ? m_world.tasks().at(spec.id) : TaskBody();
    if (!rollout.isLeftover)
      expect(!body.up.isThere && !body.down.isThere, "a copy of " + spec.id + " is left over");
    if (state.result == RolloutResult::Succeeded && spec.when != TaskSpec::When::OnFailure &&
        !state.stopsHere)
      expect(rollout.phase == TaskPhase::Done || rollout.isAccepted, spec.id + " was not done");
    isClean = isClean && rollout.failure.empty();
    const bool isUnknown = rollout.phase == TaskPhase::Done && !isChangeKnown(task, rollout);
    stays = stays || (spec.isOfSchema() && (!spec.canGoBack() || isUnknown));
  }
  const bool isBack = state.result == RolloutResult::RolledBack || state.result == RolloutResult::Aborted ||
                      state.result == RolloutResult::Rejected;
  if (isBack && isClean && !stays && m_world.start.plan.onFailureScope == FailureScope::Release)
    expect(m_world.applied.empty(), "the schema did not go back");
}

// --- the end ---

bool RolloutPromises::isPlannedNew(const InstanceId& id, const ServicePlan& plan) const {
  return std::any_of(plan.newCopies.begin(), plan.newCopies.end(),
                     [&](const auto& copy) { return copy.id == id; });
}

void RolloutPromises::checkNewServe(const ServicePlan& plan) {
  for (const auto& copy : plan.newCopies) {
    auto it = m_world.bodies().find(copy.id);
    auto isUp = it != m_world.bodies().end() &&
                (plan.isOneShot ? it->second.exists : m_world.isAnswering(it->second) || it->second.exitAt);
    expect(isUp, copy.id.value + " does not serve at the end");
  }
}

// As many as before, old or restored, and no more than that.
void RolloutPromises::checkOldServe(const ServicePlan& plan) {
  if (plan.isOneShot)
    return;
  auto wanted = static_cast<int>(plan.oldCopies.size());
  int serving = 0, existing = 0;
  for (const auto& [id, body] : m_world.bodies()) {
    if (body.service != plan.service || isPlannedNew(id, plan))
      continue;
    auto copy = m_world.state().instances.find(id);
    auto isLeft = copy != m_world.state().instances.end() && copy->second.isLeftover;
    serving += m_world.isAnswering(body) || body.hasExited(m_world.time()) ? 1 : 0;
    expect(!body.exists || body.takesNewWork || isLeft, id.value + " is left without new work");
    existing += body.exists && !isLeft ? 1 : 0;
  }
  expect(serving >= wanted || isAlreadyDown(m_world.start.plan, plan.service),
         "not all old or restored copies of " + plan.service + " serve at the end");
  expect(existing <= wanted, "more copies of " + plan.service + " than before at the end");
}

void RolloutPromises::checkGone(const std::vector<PlannedCopy>& copies) {
  for (const auto& copy : copies) {
    auto it = m_world.bodies().find(copy.id);
    expect(it == m_world.bodies().end() || !it->second.exists ||
               m_world.state().instances.at(copy.id).isLeftover,
           copy.id.value + " is left over");
  }
}

void RolloutPromises::checkIdle() {
  const auto& state = m_world.state();
  auto late = m_world.decideBy(state, Command{CommandKind::Abort, "x", "", {}, "", "", DeadlineAction::Wait},
                               m_world.now());
  expect(late.effects.empty() && late.events.size() == 1 &&
             late.events.front().type == EventType::CommandRefused,
         "an undo of an ended rollout does something");
}

void RolloutPromises::checkEnd() {
  const auto& state = m_world.state();
  auto result = state.result;
  auto isBack = result == RolloutResult::RolledBack || result == RolloutResult::Aborted ||
                result == RolloutResult::Rejected || result == RolloutResult::Failed;
  for (const auto& [name, plan] : m_world.start.plan.services) {
    auto isFinished = state.services.at(name).phase == ServicePhase::Finished;
    // With the scope of one service, others stay finished.
    if (m_world.start.plan.isTry)
      checkGone(plan.newCopies);
    else if (result == RolloutResult::Succeeded) {
      checkNewServe(plan);
      checkGone(plan.oldCopies);
    } else if (isBack && !(isFinished && state.undoStartedAt == Instant())) {
      checkOldServe(plan);
      checkGone(plan.newCopies);
    }
  }
  expect(!m_isStuck || result == RolloutResult::RollbackFailed,
         "nobody decided on a failure, and it ends well");
  for (const auto& [id, body] : m_world.bodies())
    expect(result == RolloutResult::RollbackFailed || body.routing != Body::Routing::Draining || !body.exists,
           id.value + " is left without traffic");
  checkTasksAtEnd();
  checkIdle();
}

} // namespace ratdeck::test
