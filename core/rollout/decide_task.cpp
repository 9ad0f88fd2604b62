// What an engine reports of a task's step. An answer to a step that is not the one in hand is passed over.
#include "core/rollout/effect_rules.h"
#include "core/rollout/task_view.h"
#include "core/rollout/turn.h"

#include <algorithm>
#include <cmath>

namespace ratdeck {

namespace {

struct InHand {
  const TaskPlan* plan = nullptr;
  const TaskRollout* task = nullptr;
  TaskStep step = TaskStep::Look;
};

InHand withEffect(const Turn& turn, const std::string& key) {
  for (const auto& [id, task] : turn.state().tasks)
    if (const auto effect = effectOf(turn.state(), task); effect && effect->key() == key)
      return {planOf(turn.state(), task), &task, effect->step};
  return {};
}

std::vector<std::string> appliedIn(const Observation& observation) {
  std::vector<std::string> applied;
  for (const auto& version : memberAt(observation.detail, "applied"))
    if (version.is_string())
      applied.push_back(version.get<std::string>());
  return applied;
}

bool hasVersion(const std::vector<std::string>& applied, const std::string& version) {
  return std::find(applied.begin(), applied.end(), version) != applied.end();
}

// What its command would do is there already; of one that takes back: gone already.
bool isThere(const TaskPlan& plan, bool isDown, const std::vector<std::string>& versions,
             const std::vector<std::string>& applied) {
  return !versions.empty() && std::all_of(versions.begin(), versions.end(), [&](const auto& version) {
    return hasVersion(applied, version) != (isDown || plan.reverses > 0);
  });
}

// Of a command that nobody saw end. Where no versions are named any change tells that it ran.
bool hasRun(const InHand& hand, const std::vector<std::string>& applied) {
  const bool isDown = hand.task->phase == TaskPhase::Undoing;
  const auto& versions = isDown && !hand.task->added.empty() ? hand.task->added : hand.plan->spec.versions;
  if (!versions.empty())
    return isThere(*hand.plan, isDown, versions, applied);
  const auto& known = isDown ? hand.task->after : hand.task->before;
  return known && *known != applied;
}

void retryLater(Turn& turn, const InHand& hand, double inSeconds, const std::string& why,
                bool wasBegun = true) {
  Json detail = {{"step", toString(hand.step)}, {"attempt", hand.task->attempt}, {"retry_s", inSeconds}};
  if (!wasBegun)
    detail["not_begun"] = true;
  emitOfTask(turn, EventType::TaskRetried, *hand.plan, std::move(detail), why);
}

void takeLook(Turn& turn, const InHand& hand, const Observation& observation) {
  const auto applied = appliedIn(observation);
  const auto& spec = hand.plan->spec;
  if (hand.task->isInDoubt) {
    constexpr double most = 30;
    if (!hasRun(hand, applied))
      return retryLater(turn, hand, std::min(most, std::exp2(hand.task->tries)),
                        "its status shows no change");
    return emitOfTask(turn, EventType::TaskEnded, *hand.plan, {{"exit_code", 0}, {"by_status", true}}, "");
  }
  if (hand.task->phase == TaskPhase::Looking && spec.kind == TaskSpec::Kind::Migration &&
      isThere(*hand.plan, false, spec.versions, applied))
    return emitOfTask(turn, EventType::TaskPassed, *hand.plan, {{"skipped", true}, {"applied", applied}}, "");
  Json detail = {{"applied", applied}};
  if (hand.task->phase == TaskPhase::Looking && !mayBegin(turn.state(), spec))
    detail["put_back"] = true;
  emitOfTask(turn, EventType::TaskLooked, *hand.plan, std::move(detail), "");
}

void takeDone(Turn& turn, const InHand& hand, const Observation& observation) {
  switch (hand.step) {
  case TaskStep::Look:
  case TaskStep::Confirm:
    return takeLook(turn, hand, observation);
  case TaskStep::Run:
  case TaskStep::Await:
  case TaskStep::Undo:
    return emitOfTask(turn, EventType::TaskEnded, *hand.plan,
                      {{"exit_code", integerAt(observation.detail, "exit_code", -1)},
                       {"output", memberAt(observation.detail, "output")},
                       {"took_s", seconds(turn.now().boot - hand.task->phaseSince.boot)}},
                      "");
  case TaskStep::Clear:
    return emitOfTask(turn, EventType::TaskCleared, *hand.plan,
                      {{"output", memberAt(observation.detail, "output")}}, "");
  }
}

// Nothing more is tried.
void giveUp(Turn& turn, const InHand& hand, const std::string& why) {
  switch (hand.step) {
  case TaskStep::Look:
  case TaskStep::Confirm:
    if (hand.task->phase == TaskPhase::Looking)
      return emitOfTask(turn, EventType::TaskFailed, *hand.plan, Json::object(),
                        titleOf(hand.plan->spec) +
                            " was not begun: the applied versions cannot be read: " + why);
    return emitOfTask(turn, EventType::TaskLooked, *hand.plan, {{"unknown", true}}, why);
  case TaskStep::Run:
  case TaskStep::Await:
  case TaskStep::Undo:
    return emitOfTask(turn, EventType::TaskEnded, *hand.plan, {{"exit_code", -1}, {"output", {why}}}, "");
  case TaskStep::Clear:
    return emitOfTask(turn, EventType::TaskCleared, *hand.plan, {{"leftover", true}}, why);
  }
}

void takeFailed(Turn& turn, const InHand& hand, const Observation& observation) {
  const auto why = textAt(observation.detail, "message", "it failed without a word");
  const bool isUnreachable = boolAt(observation.detail, "unreachable");
  const bool isCommand =
      hand.step == TaskStep::Run || hand.step == TaskStep::Await || hand.step == TaskStep::Undo;
  const bool isLost = isUnreachable || boolAt(observation.detail, "lost");
  if (isCommand && isLost && runsInCopy(*hand.plan, *hand.task) && hand.plan->spec.isOfSchema())
    return emitOfTask(turn, EventType::TaskDoubted, *hand.plan, Json::object(), why);
  constexpr double slow = 2;
  const bool isWaitedFor = isCommand && isLost && !runsInCopy(*hand.plan, *hand.task); // until its limit
  if (!canDestroy(turn.state()) || hand.task->isInDoubt || isWaitedFor)
    return retryLater(turn, hand, slow, why, !isCommand || isLost);
  const int mostTries = isUnreachable ? 20 : 3;
  if (hand.task->tries + 1 >= mostTries)
    return giveUp(turn, hand, why);
  retryLater(turn, hand, isUnreachable ? slow : 0.5 * std::exp2(hand.task->tries), why, !isCommand || isLost);
}

} // namespace

void takeOfTask(Turn& turn, const Observation& observation) {
  const auto hand = withEffect(turn, observation.effect);
  if (!hand.task)
    return;
  if (observation.kind == ObservationKind::EffectDone)
    takeDone(turn, hand, observation);
  else if (observation.kind == ObservationKind::EffectFailed)
    takeFailed(turn, hand, observation);
}

} // namespace ratdeck
