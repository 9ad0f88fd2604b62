#include "tests/support/rollout_world.h"

#include <algorithm>

namespace ratdeck::test {

namespace {

constexpr Duration lookTakes = 100ms;

bool isOwn(const Plan& plan, const Effect& effect) {
  const auto* task = taskOf(plan, effect.task);
  const auto& command = effect.step == TaskStep::Undo ? task->spec.down : task->spec.up;
  return command && command->where == TaskCommand::Where::Own;
}

} // namespace

void RolloutWorld::answerTask(const Effect& effect, Duration when, Json detail) {
  schedule(when, [this, effect, detail = std::move(detail), life = m_life] {
    if (life != m_life)
      return;
    m_inHand.erase(effect.key());
    const bool fails = detail.contains("message");
    answer({fails ? ObservationKind::EffectFailed : ObservationKind::EffectDone, effect.key(), effect.service,
            effect.instance, detail},
           m_time);
  });
}

void RolloutWorld::beginTask(const Effect& effect) {
  auto fate = taskFateOf(effect.task);
  if (fate.failures.contains(effect.step) && effect.attempt <= fate.failures[effect.step])
    return answerTask(effect, m_time + lookTakes, {{"message", "refused"}});
  switch (effect.step) {
  case TaskStep::Look:
  case TaskStep::Confirm:
    return schedule(m_time + lookTakes, [this, effect, life = m_life] {
      if (life == m_life)
        answerTask(effect, m_time, {{"applied", applied}});
    });
  case TaskStep::Run:
    if (isOwn(start.plan, effect) && effect.attempt <= fate.lost)
      return loseCommand(effect);
    [[fallthrough]];
  case TaskStep::Undo:
    return beginCommand(effect);
  case TaskStep::Await:
    return m_tasks[effect.task].up.isThere ? awaitCommand(effect)
                                           : answerTask(effect, m_time, {{"exit_code", -1}});
  case TaskStep::Clear:
    for (auto* run : {&m_tasks[effect.task].up, &m_tasks[effect.task].down})
      run->isThere = run->isRunning = false;
    return answerTask(effect, m_time + lookTakes, Json::object());
  }
}

void RolloutWorld::loseCommand(const Effect& effect) {
  if (taskFateOf(effect.task).beginsLost && !m_tasks[effect.task].up.isThere)
    beginCommand(effect);
  m_inHand.erase(effect.key()); // what it answers goes nowhere
  answerTask(effect, m_time + lookTakes, {{"message", "no answer"}, {"unreachable", true}});
}

// Looks again and again at a copy of its own that was begun before; one that was removed meanwhile is gone.
void RolloutWorld::awaitCommand(const Effect& effect) {
  const auto& body = m_tasks[effect.task];
  const auto& run = effect.step == TaskStep::Undo ? body.down : body.up;
  if (!run.isThere)
    return answerTask(effect, m_time, {{"message", "it is gone"}});
  if (!run.isRunning)
    return answerTask(effect, m_time, {{"exit_code", run.exitCode.value_or(-1)}});
  schedule(m_time + 1s, [this, effect, life = m_life] {
    if (life == m_life && m_inHand.contains(effect.key()))
      awaitCommand(effect);
  });
}

// A copy of its own that is there is waited for, or tells how it ended.
void RolloutWorld::beginCommand(const Effect& effect) {
  auto& body = m_tasks[effect.task];
  auto& run = effect.step == TaskStep::Undo ? body.down : body.up;
  const bool own = isOwn(start.plan, effect);
  if (own && run.isThere)
    return awaitCommand(effect);
  if (beforeTask)
    beforeTask(effect);
  ++run.times;
  run.isRunning = true;
  run.isThere = own;
  schedule(m_time + taskFateOf(effect.task).takes, [this, effect] { endCommand(effect); });
}

void RolloutWorld::endCommand(const Effect& effect) {
  auto& body = m_tasks[effect.task];
  const bool isDown = effect.step == TaskStep::Undo;
  auto& run = isDown ? body.down : body.up;
  if (!run.isRunning) // it was killed
    return;
  const auto fate = taskFateOf(effect.task);
  run.isRunning = false;
  run.exitCode = isDown ? fate.downExitCode : fate.exitCode;
  const auto version = effect.task + ".sql";
  const bool takesBack = isDown || taskOf(start.plan, effect.task)->reverses > 0;
  if (takesBack && *run.exitCode == 0)
    std::erase(applied, version);
  if (!takesBack && (*run.exitCode == 0 || fate.addsAlthoughFailed) &&
      taskOf(start.plan, effect.task)->spec.isOfSchema())
    applied.push_back(version);
  if (m_inHand.contains(effect.key()))
    answerTask(effect, m_time, {{"exit_code", *run.exitCode}});
}

} // namespace ratdeck::test
