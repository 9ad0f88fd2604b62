#include "core/rollout/apply_parts.h"

#include <algorithm>

namespace ratdeck {

bool isAboutTask(EventType type) {
  return type >= EventType::TaskStarted && type <= EventType::TaskRetried;
}

namespace {

void forgetEffect(TaskRollout& task) {
  task.attempt = 1;
  task.tries = 0;
  task.retryAt = {};
  task.effectError.clear();
}

void enter(TaskRollout& task, TaskPhase phase, Instant at) {
  task.phase = phase;
  task.phaseSince = at;
  task.deadline = {};
  task.isInDoubt = task.isLooked = task.isWaiting = task.isAwaited = false;
  forgetEffect(task);
}

bool isOwn(const std::optional<TaskCommand>& command) {
  return command && command->where == TaskCommand::Where::Own;
}

// From here on a copy that was made for its command may exist.
void run(const TaskSpec& spec, TaskRollout& task, Instant at) {
  enter(task, TaskPhase::Running, at);
  task.hasBegun = true;
  task.mayHaveRun = false;
  task.deadline = at.boot + spec.limit;
  task.isLeft = isOwn(spec.up);
}

// What was made for it, and not started, may be left.
void putBack(TaskRollout& task, Instant at) {
  enter(task, TaskPhase::Pending, at);
  task.hasBegun = false;
}

std::vector<std::string> textsAt(const Json& json, const char* key) {
  std::vector<std::string> texts;
  if (const auto& list = memberAt(json, key); list.is_array())
    for (const auto& item : list)
      if (item.is_string())
        texts.push_back(item.get<std::string>());
  return texts;
}

std::optional<std::vector<std::string>> appliedAt(const Json& detail) {
  return memberAt(detail, "applied").is_array() ? std::optional(textsAt(detail, "applied")) : std::nullopt;
}

void look(const TaskSpec& spec, TaskRollout& task, const Event& event) {
  const auto applied = appliedAt(event.detail);
  if (task.phase != TaskPhase::Looking) {
    task.after = applied;
    task.isLooked = true;
    return forgetEffect(task);
  }
  if (boolAt(event.detail, "put_back"))
    return enter(task, TaskPhase::Pending, event.at);
  task.before = applied;
  if (spec.kind != TaskSpec::Kind::Schema)
    return run(spec, task, event.at);
  enter(task, TaskPhase::Watching, event.at);
  task.hasBegun = true;
}

void endCommand(const TaskSpec& spec, TaskRollout& task, const Event& event) {
  const bool isDown = task.phase == TaskPhase::Undoing;
  enter(task, isDown ? TaskPhase::Settling : TaskPhase::Confirming, event.at);
  task.isLooked = !spec.status.has_value();
  task.exitCode = static_cast<int>(integerAt(event.detail, "exit_code", -1));
  task.output = memberAt(event.detail, "output");
  task.tookSeconds = numberAt(event.detail, "took_s", -1);
  task.wasTimedOut = boolAt(event.detail, "timed_out");
}

void finish(TaskRollout& task, TaskPhase phase, const Event& event) {
  enter(task, phase, event.at);
  task.finishedAt = event.at;
  task.wasSkipped = task.wasSkipped || boolAt(event.detail, "skipped");
  if (auto applied = appliedAt(event.detail))
    task.before = task.after = applied;
  if (phase == TaskPhase::Done || phase == TaskPhase::Failed)
    task.added = textsAt(event.detail, "added");
  task.removed = textsAt(event.detail, "removed");
  if (!event.reason.empty() && (phase == TaskPhase::Failed || phase == TaskPhase::UndoFailed))
    task.failure = event.reason;
}

void retry(TaskRollout& task, const Event& event) {
  task.effectError = event.reason;
  ++task.tries;
  task.attempt = static_cast<int>(integerAt(event.detail, "attempt", task.attempt)) + 1;
  task.retryAt = event.at.boot + std::chrono::duration_cast<Duration>(
                                     std::chrono::duration<double>(numberAt(event.detail, "retry_s")));
  if (task.phase != TaskPhase::Running || task.isInDoubt)
    return;
  task.isWaiting = true;
  task.mayHaveRun = task.mayHaveRun || !boolAt(event.detail, "not_begun");
}

void tryAgain(TaskRollout& task, const Event& event) {
  task.isWaiting = false;
  task.isAwaited = boolAt(event.detail, "await");
}

} // namespace

void applyToTask(RolloutState& state, TaskRollout& task, const Event& event) {
  const auto* plan = taskOf(state.plan, task.id);
  if (!plan)
    return;
  const auto& spec = plan->spec;
  switch (event.type) {
  case EventType::TaskStarted:
    task.startedAt = event.at;
    return spec.status ? enter(task, TaskPhase::Looking, event.at) : run(spec, task, event.at);
  case EventType::TaskLooked:
    return look(spec, task, event);
  case EventType::TaskDoubted:
    task.isInDoubt = true;
    task.isWaiting = false;
    return forgetEffect(task);
  case EventType::TaskEnded:
    return endCommand(spec, task, event);
  case EventType::TaskPassed:
    return finish(task, TaskPhase::Done, event);
  case EventType::TaskFailed:
    return finish(task, TaskPhase::Failed, event);
  case EventType::TaskAccepted:
    task.isAccepted = true;
    return;
  case EventType::TaskUndoStarted:
    enter(task, TaskPhase::Undoing, event.at);
    task.deadline = event.at.boot + spec.limit;
    task.isDownLeft = isOwn(spec.down);
    return;
  case EventType::TaskUndone:
    return finish(task, TaskPhase::Undone, event);
  case EventType::TaskUndoFailed:
    task.isAccepted = task.isAsked = false; // that was about its up
    return finish(task, TaskPhase::UndoFailed, event);
  case EventType::TaskCleared:
    task.isLeft = task.isDownLeft = false;
    task.isLeftover = task.isLeftover || boolAt(event.detail, "leftover");
    if (const auto& output = memberAt(event.detail, "output"); output.is_array() && !output.empty())
      task.output = output;
    return forgetEffect(task);
  case EventType::TaskPutBack:
    return putBack(task, event.at);
  case EventType::TaskTried:
    return tryAgain(task, event);
  case EventType::TaskRetried:
    return retry(task, event);
  default: // not of a task
    return;
  }
}

} // namespace ratdeck
