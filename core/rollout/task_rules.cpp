// Hooks and migrations: when each begins, how it ends, what follows from its failure, and the way back.
// Those of one point run one after another, and what comes after the point waits for all of them; changes of
// the schema run one at a time, so that what was added between two looks is the one's. In an undo
// the code goes back first, then migrations are taken back in reverse order, down to the first that cannot
// be: it stays, and so do those before it.
#include "core/base/wording.h"
#include "core/rollout/past_schema.h"
#include "core/rollout/task_view.h"
#include "core/rollout/turn.h"

#include <algorithm>

namespace ratdeck {

using Kind = TaskSpec::Kind;
using When = TaskSpec::When;

void emitOfTask(Turn& turn, EventType type, const TaskPlan& plan, Json detail, std::string reason) {
  Event event;
  event.type = type;
  event.service = plan.spec.service;
  event.detail = std::move(detail);
  event.detail["task"] = plan.spec.id;
  event.reason = std::move(reason);
  turn.emit(std::move(event));
}

namespace {

// The state's own, as it is now.
const TaskRollout& nowOf(const Turn& turn, const TaskPlan& plan) {
  return turn.state().tasks.at(plan.spec.id);
}

// --- the end of its command ---

constexpr const char* errorWords[] = {"ERROR", "FATAL", "error:", "Error:", "fatal:"};

bool saysError(const std::string& line) {
  return std::any_of(std::begin(errorWords), std::end(errorWords),
                     [&](const char* word) { return line.find(word) != std::string::npos; });
}

// The last line that says what went wrong, else the last one.
std::string lastLine(const TaskRollout& task) {
  std::string last;
  if (task.output.is_array())
    for (auto line = task.output.rbegin(); line != task.output.rend(); ++line) {
      const auto text = line->is_string() ? line->get<std::string>() : std::string();
      if (saysError(text))
        return ": " + text;
      if (last.empty() && !text.empty())
        last = ": " + text;
    }
  return last;
}

std::string whyFailed(const TaskPlan& plan, const TaskRollout& task) {
  auto title = titleOf(plan.spec);
  if (task.wasTimedOut)
    return title + " did not end within " + toHumanString(plan.spec.limit) +
           (runsInCopy(plan, task) ? "; it may still run, since nothing can end it from outside" : "") +
           lastLine(task);
  if (task.exitCode < 0)
    return title + " failed" + lastLine(task);
  return title + " ended with exit code " + std::to_string(task.exitCode) + lastLine(task);
}

Json changeOf(const TaskRollout& task) {
  if (!task.before || !task.after)
    return Json::object();
  return {{"added", gained(*task.before, *task.after)}, {"removed", gained(*task.after, *task.before)}};
}

// A down is measured against what its up had made.
Json changeOfDown(const TaskRollout& task, const std::optional<std::vector<std::string>>& applied) {
  if (!applied)
    return Json::object();
  return {{"removed", gained(*applied, task.added)}};
}

void conclude(Turn& turn, const TaskPlan& plan) {
  const auto& task = nowOf(turn, plan);
  if (task.isLeft || task.isDownLeft || !task.isLooked)
    return;
  const bool isGood = task.exitCode == 0 && !task.wasTimedOut;
  if (task.phase == TaskPhase::Confirming)
    emitOfTask(turn, isGood ? EventType::TaskPassed : EventType::TaskFailed, plan, changeOf(task),
               isGood ? "" : whyFailed(plan, task));
  else if (task.phase == TaskPhase::Settling)
    emitOfTask(turn, isGood ? EventType::TaskUndone : EventType::TaskUndoFailed, plan,
               changeOfDown(task, task.after), isGood ? "" : "the down of " + whyFailed(plan, task));
}

void endCommand(Turn& turn, const TaskPlan& plan) {
  const auto& task = nowOf(turn, plan);
  if (task.phase != TaskPhase::Running && task.phase != TaskPhase::Undoing)
    return;
  if (task.isInDoubt && !plan.spec.status)
    emitOfTask(
        turn, EventType::TaskEnded, plan,
        {{"exit_code", -1},
         {"output", {"nobody saw its end, and no status tells whether it ran: look, and run it by hand"}}},
        "");
  else if (turn.hasPassed(task.deadline) && canDestroy(turn.state()))
    emitOfTask(turn, EventType::TaskEnded, plan, {{"exit_code", 124}, {"timed_out", true}}, "");
}

// It was decided in this very turn that its command begins: nothing has begun yet.
bool isJustDecided(const Turn& turn, const TaskPlan& plan) {
  return std::any_of(turn.events().begin(), turn.events().end(), [&](const Event& event) {
    return (event.type == EventType::TaskStarted || event.type == EventType::TaskLooked ||
            event.type == EventType::TaskTried) &&
           textAt(event.detail, "task") == plan.spec.id;
  });
}

// Another attempt begins when its time has come, if it may begin then. If it may not, one that nobody began
// is as if it had not been asked for, and one that may have begun is in doubt: only what is there is waited
// for, and inside a copy, where nothing can be found, it counts as failed unless the hold ends.
void tryAgain(Turn& turn, const TaskPlan& plan) {
  const auto& task = nowOf(turn, plan);
  const bool isAllowed = mayBegin(turn.state(), plan.spec);
  const bool isTakenBack = !isAllowed && !task.isAwaited && isJustDecided(turn, plan);
  if (task.phase != TaskPhase::Running || task.isInDoubt || !(task.isWaiting || isTakenBack))
    return;
  if (!isAllowed && !task.mayHaveRun)
    return emitOfTask(turn, EventType::TaskPutBack, plan, Json::object(), "");
  if (!isAllowed && runsInCopy(plan, task) && mayBeginLater(turn.state(), plan.spec)) {
    if (!task.isWaiting) // it waits on
      emitOfTask(turn, EventType::TaskRetried, plan,
                 {{"step", toString(TaskStep::Run)}, {"attempt", task.attempt}, {"retry_s", 0}},
                 "it may not begin now");
    return;
  }
  if (!isAllowed && runsInCopy(plan, task))
    return emitOfTask(turn, EventType::TaskEnded, plan,
                      {{"exit_code", -1}, {"output", {"nobody saw its end, and it may not begin again now"}}},
                      "");
  if (turn.hasPassed(task.retryAt))
    emitOfTask(turn, EventType::TaskTried, plan, isAllowed ? Json::object() : Json({{"await", true}}), "");
}

// A new copy that is past its gate, or will never be, has migrated what it migrates.
bool hasMigrated(Turn& turn, const std::string& service) {
  for (const auto& view : turn.views()) {
    if (view.name() != service)
      continue;
    const auto isPast = view.any([](const InstanceRollout& copy) {
      return copy.role == InstanceRole::New &&
             (copy.hasFailed || copy.hasExited ||
              !isIn(copy, {InstancePhase::Pending, InstancePhase::Starting, InstancePhase::Gating}));
    });
    const bool isUndone = turn.state().phase == RolloutPhase::Undoing || !view.isForward();
    const bool wasNeverBegun =
        view.service.phase == ServicePhase::Pending || view.service.phase == ServicePhase::AwaitingApproval;
    if (turn.state().phase == RolloutPhase::Rolling && wasNeverBegun)
      return false;
    return isPast || (isUndone && (wasNeverBegun || view.isUndone() || view.service.hasUndoFailed));
  }
  return true;
}

void endWatch(Turn& turn, const TaskPlan& plan) {
  if (nowOf(turn, plan).phase == TaskPhase::Watching && hasMigrated(turn, plan.spec.service))
    emitOfTask(turn, EventType::TaskEnded, plan, {{"exit_code", 0}}, "");
}

// --- what follows from a failure ---

// Once for each failure: it is what a hold is about from then on, whoever held before. Where nobody can be
// asked it stops here.
void askAbout(Turn& turn, const TaskPlan& plan, const std::string& why) {
  const bool hasPerson = turn.state().hasPerson;
  if (hasPerson ? nowOf(turn, plan).isAsked : isStuck(turn.state()))
    return;
  Event event;
  event.type = EventType::RolloutHeld;
  event.service = plan.spec.service;
  event.reason = why;
  event.detail = {{"task", plan.spec.id}};
  if (!hasPerson)
    event.detail["stops_here"] = true;
  turn.emit(std::move(event));
}

void undoForTask(Turn& turn, const TaskPlan& plan) {
  const auto& spec = plan.spec;
  const auto& why = nowOf(turn, plan).failure;
  auto service = turn.state().services.find(spec.service);
  const bool isAlone =
      turn.state().plan.onFailureScope == FailureScope::Service && service != turn.state().services.end();
  const bool isUndoneAlready = isAlone && service->second.phase >= ServicePhase::Failed;
  if (isUndoneAlready || isBlockInDoubt(turn.state())) // its end tells
    return;
  if (const auto block = whyNotUndone(turn.state()); !block.empty())
    return askAbout(turn, plan, why + "; " + block);
  if (!isAlone)
    return startUndo(turn, RolloutResult::RolledBack, "", why, spec.when == When::After ? spec.service : "");
  for (const auto& view : turn.views())
    if (view.name() == spec.service)
      turn.emit(EventType::ServiceFailed, view, {{"undo", true}}, why);
}

void actOnFailure(Turn& turn, const TaskPlan& plan) {
  const auto& task = nowOf(turn, plan);
  if (!hasFailed(task) || isInHand(task))
    return;
  const auto& spec = plan.spec;
  if (spec.when == When::OnFailure || spec.onError == TaskSpec::OnError::Ignore)
    return emitOfTask(turn, EventType::TaskAccepted, plan, Json::object(), "");
  if (turn.state().phase != RolloutPhase::Rolling)
    return;
  if (task.phase == TaskPhase::Failed && wayBackOf(turn.state(), plan) == WayBack::Down)
    return emitOfTask(turn, EventType::TaskUndoStarted, plan, Json::object(), "");
  if (spec.onError == TaskSpec::OnError::Undo || !turn.state().hasPerson)
    return undoForTask(turn, plan);
  askAbout(turn, plan, task.failure);
}

void takeServiceBack(Turn& turn, const ServiceView& view) {
  if (turn.state().phase == RolloutPhase::Rolling && view.service.phase == ServicePhase::Undone)
    undoTasks(turn, UndoOf{false, view.name()});
}

// Those whose schema the service's own code migrates at its start, or all the others.
bool areTasksDone(Turn& turn, When when, const std::string& service, bool contracts, bool areOwn) {
  const bool mayOwn = when == When::After && !service.empty();
  for (const auto& plan : turn.state().plan.tasks) {
    const auto& spec = plan.spec;
    const bool isOwn = spec.kind == Kind::Schema;
    if (isOwn != areOwn || spec.service != service || (spec.when != when && !(isOwn && mayOwn)))
      continue;
    if (!contracts && spec.phase == TaskSpec::Phase::Contract && plan.reverses == 0)
      continue;
    const auto& task = nowOf(turn, plan);
    if (isSettled(task) || (isOwn && when == When::Before && task.phase >= TaskPhase::Watching))
      continue;
    const bool isBlocked = spec.isOfSchema() && otherSchemaInHand(turn.state(), spec, true);
    const bool mayStart = when == When::OnFailure || !startsNothingNew(turn.state());
    if (task.phase == TaskPhase::Pending && !isInHand(task) && mayStart && !isBlocked)
      emitOfTask(turn, EventType::TaskStarted, plan, Json::object(), "");
    return false;
  }
  return true;
}

} // namespace

void advanceTasks(Turn& turn) {
  if (turn.state().tasks.empty())
    return;
  const auto plans =
      turn.state().plan.tasks; // what is emitted moves nothing of them, but the state is the turn's
  for (const auto& plan : plans) {
    endWatch(turn, plan);
    endCommand(turn, plan);
    tryAgain(turn, plan);
    conclude(turn, plan);
    actOnFailure(turn, plan);
  }
  for (size_t i = 0; i < turn.views().size(); ++i)
    takeServiceBack(turn, turn.views()[i]);
}

bool areTasksDone(Turn& turn, TaskSpec::When when, const std::string& service, bool contracts) {
  // What its own code will migrate is read last, so that what others added before is not taken for its.
  return areTasksDone(turn, when, service, contracts, false) &&
         areTasksDone(turn, when, service, contracts, true);
}

bool undoTasks(Turn& turn, const UndoOf& which) {
  const auto& plans = turn.state().plan.tasks;
  for (auto plan = plans.rbegin(); plan != plans.rend(); ++plan) {
    if (!which.service.empty() && plan->spec.service != which.service)
      continue;
    const auto& task = nowOf(turn, *plan);
    if (which.firstOnly && !plan->spec.isOfSchema()) // what must go back first does not wait for a hook
      continue;
    if (isInHand(task) || task.phase == TaskPhase::Watching) {
      if (which.firstOnly && !plan->spec.goesBackFirst)
        return true;
      return false;
    }
    switch (wayBackOf(turn.state(), *plan)) {
    case WayBack::Nothing:
      continue;
    case WayBack::Lossy:
    case WayBack::Closed:
      return true;
    case WayBack::Down:
      if (hasBrokenUndo(turn.state()) || (which.firstOnly && !plan->spec.goesBackFirst))
        return true;
      if (otherSchemaInHand(turn.state(), plan->spec, false))
        return false;
      emitOfTask(turn, EventType::TaskUndoStarted, *plan, Json::object(), "");
      return false;
    }
  }
  return true;
}

std::string whyNotUndone(const RolloutState& state) {
  const auto past = pastSchemaThatBlocks(state);
  return past.isEmpty()
             ? std::string()
             : "not undone by itself: " + toText(past) + ", and the version before does not work " +
                   (past.gone.empty() ? "with it" : "without it");
}

std::string whyNotConfirmed(const RolloutState& state, const std::set<std::string>& named) {
  const auto past = pastSchemaOf(state);
  std::vector<std::string> missing;
  for (const auto& version : past.names())
    if (!named.contains(version))
      missing.push_back(version);
  return missing.empty() ? std::string() : toText(past) + ": confirm by name: " + listed(missing);
}

} // namespace ratdeck
