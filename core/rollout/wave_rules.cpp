// Waves in their order, with the approvals before and after them. A wave is over when each of its services
// has switched, is approved, and its old copies take no more requests; monitoring and the end of the old
// copies run beside the next wave.
#include "core/rollout/task_view.h"
#include "core/rollout/turn.h"

#include <algorithm>

namespace ratdeck {

namespace {

void request(Turn& turn, const ApprovalSpec& spec) {
  Event event;
  event.type = EventType::ApprovalRequested;
  event.gate = GateId(spec.id);
  event.service = spec.service;
  event.detail = {{"for_s", seconds(spec.expires)}, {"expires", toRfc3339(turn.now().wall + spec.expires)}};
  if (spec.service.empty())
    event.detail["wave"] = spec.wave;
  turn.emit(std::move(event));
}

void grantByItself(Turn& turn, const ApprovalSpec& spec) {
  Event event;
  event.type = EventType::ApprovalGranted;
  event.gate = GateId(spec.id);
  event.service = spec.service;
  event.actor = "auto";
  event.detail = {{"plan_hash", turn.state().plan.hash}};
  turn.emit(std::move(event));
}

bool isFor(const ApprovalSpec& spec, ApprovalSpec::When when, const std::string& service, int wave) {
  if (spec.when != when)
    return false;
  return spec.service.empty() ? service.empty() && spec.wave == wave : spec.service == service;
}

bool isGranted(const RolloutState& state, const ApprovalSpec& spec) {
  auto it = state.approvals.find(GateId(spec.id));
  return it != state.approvals.end() && it->second.state == GateState::Granted;
}

// Where nothing new begins its wave may never be over, and what was not asked for by then never is.
bool isNeverAsked(const RolloutState& state, const ApprovalSpec& spec) {
  return hasBrokenUndo(state) && !state.approvals.contains(GateId(spec.id));
}

// It expired, and that led nowhere: the way back is closed, and nobody can be asked.
bool hasExpired(const RolloutState& state, const ApprovalSpec& spec) {
  auto it = state.approvals.find(GateId(spec.id));
  return it != state.approvals.end() && it->second.state == GateState::Expired;
}

void expire(Turn& turn) {
  if (!canDestroy(turn.state()) || turn.state().phase != RolloutPhase::Rolling || !mayExpire(turn.state()))
    return;
  std::vector<GateId> expired;
  for (const auto& [gate, approval] : turn.state().approvals)
    if (approval.state == GateState::Waiting && turn.hasPassed(approval.expiresAt))
      expired.push_back(gate);
  for (const auto& gate : expired) {
    Event event;
    event.type = EventType::ApprovalExpired;
    event.gate = gate;
    turn.emit(std::move(event));
  }
}

bool isServiceOver(Turn& turn, const ServiceView& view) {
  switch (view.service.phase) {
  case ServicePhase::Finished:
  case ServicePhase::Undone:
    return true;
  case ServicePhase::Watching:
  case ServicePhase::AwaitingApprovalAfter:
    if (!areTasksDone(turn, TaskSpec::When::After, view.name()) && !turn.state().stopsHere)
      return false;
    return view.areOldOnesDrained() && isApproved(turn, ApprovalSpec::When::After, view.name(), 0);
  case ServicePhase::Undoing:
    return view.isBack();
  case ServicePhase::Pending:
  case ServicePhase::AwaitingApproval:
  case ServicePhase::Rolling:
  case ServicePhase::Failed:
    return false;
  }
  return false;
}

const WavePlan* waveInHand(const RolloutState& state) {
  for (const auto& wave : state.plan.waves)
    if (wave.index == state.wave)
      return &wave;
  return nullptr;
}

const WavePlan* nextWave(const RolloutState& state) {
  const WavePlan* next = nullptr;
  for (const auto& wave : state.plan.waves)
    if (wave.index > state.wave && (!next || wave.index < next->index))
      next = &wave;
  return next;
}

// Of a wave that is over. A stop passes over approvals; who goes on after it still needs them.
bool isApprovedAfter(Turn& turn, const WavePlan& wave) {
  bool approved = true;
  for (const auto& view : turn.views())
    if (view.isForward() &&
        std::find(wave.services.begin(), wave.services.end(), view.name()) != wave.services.end())
      approved = isApproved(turn, ApprovalSpec::When::After, view.name(), 0) && approved;
  return isApproved(turn, ApprovalSpec::When::After, "", wave.index) && approved;
}

bool isWaveOver(Turn& turn, const WavePlan& wave) {
  bool over = true;
  for (const auto& view : turn.views()) // all are asked: each may request its approval
    if (std::find(wave.services.begin(), wave.services.end(), view.name()) != wave.services.end())
      over = isServiceOver(turn, view) && (!wave.handsOverPorts || view.areOldOnesGone()) && over;
  return over && isApproved(turn, ApprovalSpec::When::After, "", wave.index);
}

void startServices(Turn& turn, const WavePlan& wave) {
  if (!isApproved(turn, ApprovalSpec::When::Before, "", wave.index) ||
      !areTasksDone(turn, TaskSpec::When::Before, ""))
    return;
  for (const auto& view : turn.views()) {
    auto isNext =
        view.service.phase == ServicePhase::Pending || view.service.phase == ServicePhase::AwaitingApproval;
    if (isNext && std::find(wave.services.begin(), wave.services.end(), view.name()) != wave.services.end() &&
        isApproved(turn, ApprovalSpec::When::Before, view.name(), 0) &&
        areTasksDone(turn, TaskSpec::When::Before, view.name()))
      turn.emit(EventType::ServiceStarted, view);
  }
}

} // namespace

bool isApproved(Turn& turn, ApprovalSpec::When when, const std::string& service, int wave) {
  if (turn.state().stopsHere && when == ApprovalSpec::When::After)
    return true;
  bool granted = true;
  for (const auto& spec : turn.state().plan.approvals) {
    if (!isFor(spec, when, service, wave))
      continue;
    if (!turn.state().approvals.contains(GateId(spec.id)))
      request(turn, spec);
    auto it = turn.state().approvals.find(GateId(spec.id));
    if (it->second.state == GateState::Waiting && turn.state().approve == "auto")
      grantByItself(turn, spec);
    granted = granted && it->second.state == GateState::Granted;
  }
  return granted;
}

bool isApprovedAfter(const ServiceView& view) {
  if (view.rollout.stopsHere)
    return true;
  if (!areTasksAfterDone(view.rollout, view.name()))
    return false;
  for (const auto& spec : view.rollout.plan.approvals) {
    auto covers = isFor(spec, ApprovalSpec::When::After, view.name(), 0) ||
                  isFor(spec, ApprovalSpec::When::After, "", view.plan.wave);
    if (covers && !isGranted(view.rollout, spec) && !isNeverAsked(view.rollout, spec) &&
        !hasExpired(view.rollout, spec))
      return false;
  }
  return true;
}

void advanceWaves(Turn& turn) {
  expire(turn);
  if (turn.state().phase != RolloutPhase::Rolling)
    return;
  const auto* wave = waveInHand(turn.state());
  if (wave && turn.state().wavesFinished < wave->index) {
    if (!startsNothingNew(turn.state()))
      startServices(turn, *wave);
    if (isWaveOver(turn, *wave))
      turn.emit(EventType::WaveFinished, Json({{"wave", wave->index}}));
    return;
  }
  if (startsNothingNew(turn.state()) || (wave && !isApprovedAfter(turn, *wave)))
    return;
  if (const auto* next = nextWave(turn.state()))
    turn.emit(EventType::WaveStarted, Json({{"wave", next->index}}));
}

} // namespace ratdeck
