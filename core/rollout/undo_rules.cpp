// The undo of a rollout: the service whose failure it is at once, then wave after wave in reverse order, each
// as soon as the old versions of the one after it answer again.
#include "core/rollout/past_schema.h"
#include "core/rollout/turn.h"

#include <algorithm>

namespace ratdeck {

namespace {

bool isTouched(const ServiceView& view) {
  switch (view.service.phase) {
  case ServicePhase::Pending:
  case ServicePhase::AwaitingApproval:
  case ServicePhase::Undone:
    return false;
  case ServicePhase::Failed:
    return !view.service.hasUndoFailed;
  case ServicePhase::Rolling:
  case ServicePhase::Watching:
  case ServicePhase::AwaitingApprovalAfter:
  case ServicePhase::Finished:
  case ServicePhase::Undoing:
    return true;
  }
  return false;
}

void begin(Turn& turn, const ServiceView& view) {
  if (isTouched(view) && !view.isUndoing())
    turn.emit(EventType::ServiceUndoStarted, view);
}

std::vector<const WavePlan*> wavesFromLast(const RolloutState& state) {
  std::vector<const WavePlan*> waves;
  for (const auto& wave : state.plan.waves)
    if (wave.index <= state.wave)
      waves.push_back(&wave);
  std::sort(waves.begin(), waves.end(), [](auto* a, auto* b) { return a->index > b->index; });
  return waves;
}

// What took a port over must be gone before those that had it come back.
bool holdsPortsOf(const RolloutState& state, const WavePlan& wave) {
  return std::any_of(state.plan.waves.begin(), state.plan.waves.end(), [&](const auto& earlier) {
    return earlier.handsOverPorts && earlier.index < wave.index && !wave.handsOverPorts;
  });
}

bool undoWave(Turn& turn, const WavePlan& wave) {
  const bool mustBeGone = holdsPortsOf(turn.state(), wave);
  bool isBack = true;
  for (const auto& view : turn.views())
    if (std::find(wave.services.begin(), wave.services.end(), view.name()) != wave.services.end()) {
      begin(turn, view);
      const bool isOver = mustBeGone ? view.isUndone() || view.service.hasUndoFailed : view.isBack();
      isBack = isBack && (!isTouched(view) || isOver);
    }
  return isBack;
}

// What must be taken back before the code is there still: the code of before could not work.
std::string whyCodeStays(const RolloutState& state) {
  for (const auto& plan : state.plan.tasks)
    if (keepsCode(state, plan))
      return state.tasks.at(plan.spec.id).failure +
             "; the version before does not work with that, so what serves goes on serving";
  return {};
}

// No more than it has to: what is back already stays so.
void stopUndo(Turn& turn, const std::string& why) {
  for (const auto& view : turn.views())
    if (isTouched(view))
      turn.emit(EventType::ServiceUndoFailed, view, {}, why);
}

} // namespace

void advanceUndo(Turn& turn) {
  const bool isUndoing = turn.state().phase == RolloutPhase::Undoing;
  if (const auto why = whyCodeStays(turn.state()); isUndoing && !why.empty()) {
    stopUndo(turn, why);
  } else if (isUndoing && undoTasks(turn, UndoOf{true})) {
    for (const auto& view : turn.views())
      if (view.name() == turn.state().undoCause)
        begin(turn, view);
    for (const auto* wave : wavesFromLast(turn.state()))
      if (!undoWave(turn, *wave))
        break;
  }
  for (const auto& view : turn.views())
    if (view.isUndoing() && view.isUndone())
      turn.emit(EventType::ServiceUndone, view);
}

} // namespace ratdeck
