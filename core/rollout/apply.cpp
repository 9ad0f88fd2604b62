#include "core/rollout/apply_parts.h"
#include "core/rollout/rollout.h"
#include "core/rollout/task_view.h"

#include <algorithm>

namespace ratdeck {

const ServicePlan* planOf(const RolloutState& state, const std::string& service) {
  auto it = state.plan.services.find(service);
  return it == state.plan.services.end() ? nullptr : &it->second;
}

namespace {

void addCopies(RolloutState& state, const ServicePlan& plan, InstanceRole role, Instant at) {
  const auto& copies = role == InstanceRole::Old ? plan.oldCopies : plan.newCopies;
  auto batches = batchesOf(plan);
  auto width = plan.parallelism > 0 ? plan.parallelism : static_cast<int>(copies.size());
  for (size_t i = 0; i < copies.size(); ++i) {
    InstanceRollout copy;
    copy.id = copies[i].id;
    copy.service = plan.service;
    copy.role = role;
    copy.number = copies[i].number;
    copy.address = copies[i].address;
    copy.batch = std::min(batches, static_cast<int>(i) / width + 1);
    copy.phaseSince = at;
    if (role == InstanceRole::Old) {
      copy.phase = InstancePhase::Serving;
      copy.isInRouter = plan.isRouted && !plan.isOneShot;
    }
    state.instances.emplace(copy.id, std::move(copy));
  }
}

void start(RolloutState& state, const Event& event) {
  auto plan = planFromJson(memberAt(event.detail, "plan"));
  if (!plan || state.phase != RolloutPhase::New)
    return;
  state.plan = std::move(*plan);
  state.phase = RolloutPhase::Rolling;
  state.hasPerson = boolAt(event.detail, "has_person", true);
  state.approve = textAt(event.detail, "approve", "ask");
  state.undoes = textAt(event.detail, "undoes");
  state.bootId = textAt(event.detail, "boot_id");
  state.bakes = boolAt(event.detail, "bakes");
  state.actor = event.actor;
  state.windowOverride = textAt(event.detail, "window_override");
  state.startedAt = event.at;
  for (const auto& [name, service] : state.plan.services) {
    ServiceRollout rollout;
    rollout.service = name;
    rollout.batches = batchesOf(service);
    state.services.emplace(name, std::move(rollout));
    addCopies(state, service, InstanceRole::Old, event.at);
    addCopies(state, service, InstanceRole::New, event.at);
  }
  for (const auto& task : state.plan.tasks)
    state.tasks[task.spec.id].id = task.spec.id;
}

void move(BootTime& time, Duration by) {
  if (time != BootTime())
    time += by;
}

// After another boot the boot clock means something else: wall time carries the deadlines over.
void moveBootTimes(RolloutState& state, Duration by) {
  for (auto* at :
       {&state.heldSince, &state.startedAt, &state.undoStartedAt, &state.endedAt, &state.bakeSince})
    move(at->boot, by);
  move(state.bakeDeadline, by);
  for (auto& [id, copy] : state.instances)
    for (auto* time : {&copy.retryAt, &copy.phaseSince.boot, &copy.troubleDeadline, &copy.gateDeadline,
                       &copy.inFlightDeadline})
      move(*time, by);
  for (auto& [name, service] : state.services)
    for (auto* time : {&service.startedAt.boot, &service.switchedAt.boot, &service.batchSwitchedAt.boot,
                       &service.finishedAt.boot, &service.drainSince.boot, &service.drainDeadline,
                       &service.drainAskedAt.boot, &service.runsObservedAt.boot, &service.runsEndedAt.boot})
      move(*time, by);
  for (auto& [id, approval] : state.approvals) {
    move(approval.since.boot, by);
    move(approval.expiresAt, by);
  }
  for (auto& [id, task] : state.tasks)
    for (auto* time :
         {&task.phaseSince.boot, &task.startedAt.boot, &task.finishedAt.boot, &task.deadline, &task.retryAt})
      move(*time, by);
}

// After a gap what would destroy something waits a little longer, so that somebody can look first.
void grantGrace(RolloutState& state, Instant at) {
  if (state.plan.unattended)
    return;
  auto least = at.boot + graceAfterGap;
  auto push = [&](BootTime& time) {
    if (time != BootTime())
      time = std::max(time, least);
  };
  for (auto& [id, copy] : state.instances) {
    copy.tries = 0;
    push(copy.gateDeadline);
    push(copy.inFlightDeadline);
    push(copy.troubleDeadline);
  }
  for (auto& [name, service] : state.services)
    push(service.drainDeadline);
  for (auto& [id, approval] : state.approvals)
    push(approval.expiresAt);
  for (auto& [id, task] : state.tasks) {
    task.tries = 0;
    push(task.deadline);
  }
}

Instant before(Instant at, double seconds) {
  constexpr double most = 1e9; // whatever a damaged journal says
  const auto by =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::clamp(seconds, 0.0, most)));
  return {at.boot - by, at.wall - by};
}

// Whoever waited for its command is gone: it may run, or have run. Nothing tells of a migration inside a
// running copy; what else was in hand is tried anew, if it may begin then.
void doubtTasks(RolloutState& state) {
  for (auto& [id, task] : state.tasks) {
    const auto* plan = taskOf(state.plan, id);
    const bool runs = task.phase == TaskPhase::Running || task.phase == TaskPhase::Undoing;
    if (!plan || !runs || wasNeverBegun(task))
      continue;
    if (plan->spec.isOfSchema() && runsInCopy(*plan, task)) {
      task.isInDoubt = true;
      task.isWaiting = false; // in a journal that does not tell whether an attempt began
    } else if (task.phase == TaskPhase::Running)
      task.isWaiting = task.mayHaveRun = true;
  }
}

void resume(RolloutState& state, const Event& event) {
  auto boot = textAt(event.detail, "boot_id");
  auto isOther = !boot.empty() && !state.bootId.empty() && boot != state.bootId;
  if (isOther || event.at.boot < state.lastEventAt.boot)
    moveBootTimes(state, (event.at.boot - state.lastEventAt.boot) - (event.at.wall - state.lastEventAt.wall));
  if (!boot.empty())
    state.bootId = boot;
  state.hasPerson = boolAt(event.detail, "has_person", state.hasPerson);
  state.approve = textAt(event.detail, "approve", state.approve);
  state.bakes = boolAt(event.detail, "bakes", state.bakes);
  state.isAway = false;
  doubtTasks(state);
  if (numberAt(event.detail, "away_s") > seconds(shortestGap))
    grantGrace(state, event.at);
}

// Those that a person was asked about: nothing is accepted unseen.
void acceptFailures(RolloutState& state) {
  for (auto& [name, service] : state.services) {
    if (service.phase == ServicePhase::Failed && service.isAsked && !service.mustUndo &&
        !service.hasUndoFailed) {
      service.phase = service.hasSwitched ? ServicePhase::Watching : ServicePhase::Rolling;
      service.acceptedFailures = service.failures;
    }
    service.isAsked = false;
  }
  for (auto& [id, task] : state.tasks)
    task.isAccepted = task.isAccepted || (task.isAsked && hasFailed(task));
}

void ask(RolloutState& state, const Event& event) {
  const auto task = state.tasks.find(textAt(event.detail, "task"));
  const auto service = state.services.find(event.service);
  if (task != state.tasks.end())
    task->second.isAsked = true;
  else if (service != state.services.end())
    service->second.isAsked = true;
}

void hold(RolloutState& state, const Event& event) {
  if (!state.isHeld)
    state.heldSince = event.at;
  state.isHeld = true;
  state.heldBy = event.actor;
  state.heldReason = event.reason;
  state.stopsHere = boolAt(event.detail, "stops_here"); // a failure on the way to a stop asks anew
  if (event.actor.empty())
    ask(state, event);
  else if (state.stopsHere)
    acceptFailures(state);
}

void release(RolloutState& state) {
  state.isHeld = state.stopsHere = false;
  state.heldBy.clear();
  state.heldReason.clear();
  state.heldSince = {};
}

std::set<std::string> namesAt(const Json& detail, const char* key) {
  std::set<std::string> names;
  if (const auto& list = memberAt(detail, key); list.is_array())
    for (const auto& name : list)
      if (name.is_string())
        names.insert(name.get<std::string>());
  return names;
}

RolloutResult resultFrom(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(RolloutResult::PausedMixed); ++i)
    if (name == toString(static_cast<RolloutResult>(i)))
      return static_cast<RolloutResult>(i);
  return RolloutResult::None;
}

void startUndo(RolloutState& state, const Event& event) {
  if (state.phase != RolloutPhase::Rolling)
    return;
  state.phase = RolloutPhase::Undoing;
  state.undoResult = resultFrom(textAt(event.detail, "result"));
  state.undoReason = event.reason;
  state.undoActor = event.actor;
  state.undoCause = textAt(event.detail, "cause");
  state.undoStartedAt = event.at;
  state.pastConfirmed = namesAt(event.detail, "past_schema");
  state.isBaking = false;
  release(state);
  std::erase_if(state.approvals, [](const auto& item) { return item.second.state == GateState::Waiting; });
  for (auto& [name, service] : state.services)
    if (service.phase == ServicePhase::AwaitingApproval)
      service.phase = ServicePhase::Pending;
}

void startBake(RolloutState& state, const Event& event) {
  state.isBaking = true;
  state.bakeSince = event.at;
  state.bakeDeadline = event.at.boot + std::chrono::duration_cast<Duration>(
                                           std::chrono::duration<double>(numberAt(event.detail, "for_s")));
}

void end(RolloutState& state, const Event& event) {
  state.phase = RolloutPhase::Ended;
  state.isBaking = false;
  state.result = resultFrom(textAt(event.detail, "result"));
  state.endReason = textAt(event.detail, "reason");
  state.endedAt = event.at;
  if (state.startedAt == Instant()) // it was never begun
    state.startedAt = event.at;
}

void applyToRollout(RolloutState& state, const Event& event) {
  switch (event.type) {
  case EventType::RolloutStarted:
    return start(state, event);
  case EventType::RolloutResumed:
    return resume(state, event);
  case EventType::WaveStarted:
    state.wave = static_cast<int>(integerAt(event.detail, "wave"));
    return;
  case EventType::WaveFinished:
    state.wavesFinished = static_cast<int>(integerAt(event.detail, "wave"));
    return;
  case EventType::RolloutHeld:
    return hold(state, event);
  case EventType::RolloutContinued:
    acceptFailures(state);
    return release(state);
  case EventType::UndoStarted:
    return startUndo(state, event);
  case EventType::RolloutEnded:
    return end(state, event);
  case EventType::PersonLeft:
    state.hasPerson = false;
    return;
  case EventType::BakeStarted:
    return startBake(state, event);
  case EventType::BakeFinished:
    state.isBaking = false;
    return;
  case EventType::Sampled:
    return countTraffic(state, event);
  case EventType::AwayNoticed:
    state.isAway = true;
    state.awaySince = before(event.at, numberAt(event.detail, "seconds"));
    return;
  case EventType::ReturnNoticed:
    state.isAway = false;
    return grantGrace(state, event.at);
  default: // refusals, faults: no part of the state
    return;
  }
}

const ApprovalSpec* approvalSpec(const RolloutState& state, const GateId& gate) {
  for (const auto& spec : state.plan.approvals)
    if (spec.id == gate.value)
      return &spec;
  return nullptr;
}

void moveService(RolloutState& state, const ApprovalSpec* spec, bool waits) {
  auto it = spec ? state.services.find(spec->service) : state.services.end();
  if (it == state.services.end())
    return;
  auto& phase = it->second.phase;
  auto isBefore = spec->when == ApprovalSpec::When::Before;
  auto idle = isBefore ? ServicePhase::Pending : ServicePhase::Watching;
  auto waiting = isBefore ? ServicePhase::AwaitingApproval : ServicePhase::AwaitingApprovalAfter;
  if (phase == (waits ? idle : waiting))
    phase = waits ? waiting : idle;
}

bool anotherWaits(const RolloutState& state, const ApprovalSpec* granted) {
  return granted && std::any_of(state.approvals.begin(), state.approvals.end(), [&](const auto& item) {
           auto* spec = approvalSpec(state, item.first);
           return item.second.state == GateState::Waiting && spec && spec->service == granted->service &&
                  spec->when == granted->when;
         });
}

void applyToApproval(RolloutState& state, const Event& event) {
  auto* spec = approvalSpec(state, event.gate);
  auto& approval = state.approvals[event.gate];
  if (event.type == EventType::ApprovalRequested) {
    approval = {};
    approval.since = event.at;
    approval.expiresAt = event.at.boot + (spec ? spec->expires : Duration(30min));
    if (!spec) {
      approval.service = event.service;
      approval.question = event.reason;
    }
    return moveService(state, spec, true);
  }
  approval.state = event.type == EventType::ApprovalGranted    ? GateState::Granted
                   : event.type == EventType::ApprovalRejected ? GateState::Rejected
                                                               : GateState::Expired;
  approval.expiresAt = {};
  approval.actor = event.actor;
  approval.reason = event.reason;
  approval.pastSchema = namesAt(event.detail, "past_schema");
  if (approval.state == GateState::Granted && !anotherWaits(state, spec))
    moveService(state, spec, false);
}

bool isAboutApproval(EventType type) {
  return type == EventType::ApprovalRequested || type == EventType::ApprovalGranted ||
         type == EventType::ApprovalRejected || type == EventType::ApprovalExpired;
}

bool isAboutService(EventType type) {
  return type >= EventType::ServiceStarted && type <= EventType::AnalysisJudged;
}

void applyByNoun(RolloutState& state, const Event& event) {
  if (isAboutApproval(event.type))
    return applyToApproval(state, event);
  if (isAboutService(event.type)) {
    if (auto it = state.services.find(event.service); it != state.services.end())
      applyToService(state, it->second, event);
    return;
  }
  if (isAboutTask(event.type)) {
    if (auto it = state.tasks.find(textAt(event.detail, "task")); it != state.tasks.end())
      applyToTask(state, it->second, event);
    return;
  }
  if (!isAboutInstance(event.type))
    return applyToRollout(state, event);
  if (event.type == EventType::StartRequested && !state.instances.contains(event.instance))
    addRestoredCopy(state, event);
  if (auto it = state.instances.find(event.instance); it != state.instances.end())
    applyToInstance(state, it->second, event);
}

} // namespace

void apply(RolloutState& state, const Event& event) {
  applyByNoun(state, event);
  state.lastEventAt = event.at;
  ++state.events;
}

} // namespace ratdeck
