#include "core/engine/task_runner.h"

#include "core/runtime/once_spec.h"

#include <QTimer>

#include <algorithm>
#include <set>

namespace ratdeck {

namespace {

using Where = TaskCommand::Where;

constexpr Duration lookLimit = 30s;
constexpr Duration grace = 5s; // the rollout counts the limit; this only ends the wait after it
constexpr size_t mostLines = 40;
constexpr size_t mostBytesOfLine = 500;

Json lastLines(const std::string& output) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < output.size();) {
    auto end = std::min(output.find('\n', at), output.size());
    lines.push_back(output.substr(at, std::min(end - at, mostBytesOfLine)));
    at = end + 1;
  }
  if (lines.size() > mostLines)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(mostLines));
  return lines;
}

std::string trimmed(const std::string& text) {
  const char* blank = " \t\r";
  auto first = text.find_first_not_of(blank);
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(blank) - first + 1);
}

// One a line, without what is empty.
Json versionsIn(const std::string& output) {
  Json versions = Json::array();
  for (size_t at = 0; at < output.size();) {
    auto end = std::min(output.find('\n', at), output.size());
    if (auto version = trimmed(output.substr(at, end - at)); !version.empty())
      versions.push_back(version);
    at = end + 1;
  }
  return versions;
}

Json endOf(const ExecReport& report) {
  return {{"exit_code", report.exitCode}, {"output", lastLines(report.output)}};
}

std::string lastLine(const std::string& output) {
  const auto lines = lastLines(output);
  return lines.empty() ? "it said nothing" : lines.back().get<std::string>();
}

// Its copies, as the rollout knows them: a failed one is asked nothing.
InstanceId copyToAsk(const std::vector<InstanceInfo>& copies, const std::string& service,
                     const std::set<InstanceId>& failed) {
  const InstanceInfo* best = nullptr;
  for (const auto& copy : copies)
    if (copy.service == service && copy.state == InstanceState::Running && !failed.contains(copy.id) &&
        (!best || copy.number > best->number))
      best = &copy;
  return best ? best->id : InstanceId();
}

} // namespace

// What one step asks of the runtime.
struct TaskRunner::Job {
  TaskStep step = TaskStep::Look;
  TaskCommand command;
  Duration limit{};
  StartRequest once;           // of a command in a copy of its own
  std::set<InstanceId> failed; // copies that are not asked
};

namespace {

// "shop-task-add-email-run-20260101-120000-ab12".
InstanceId onceId(const RolloutState& state, const RolloutId& rollout, const std::string& task,
                  const char* what) {
  return InstanceId(state.plan.project + "-task-" + task + "-" + what + "-" + rollout.value);
}

bool isLook(TaskStep step) {
  return step == TaskStep::Look || step == TaskStep::Confirm;
}

// What the copy made for it is known by.
TaskStep namesake(TaskStep step) {
  return step == TaskStep::Await ? TaskStep::Run : step;
}

const std::optional<TaskCommand>& commandOf(const TaskSpec& task, TaskStep step, bool isReverse) {
  if (isLook(step))
    return task.status;
  return (step == TaskStep::Undo) != isReverse ? task.down : task.up;
}

} // namespace

TaskRunner::TaskRunner(Runtime& runtime, std::shared_ptr<const SpecSource> specs, RolloutId rollout)
    : m_runtime(runtime), m_specs(std::move(specs)), m_rollout(std::move(rollout)) {}

Result<TaskRunner::Job> TaskRunner::jobOf(const Effect& effect, const RolloutState& state) const {
  const auto* plan = taskOf(state.plan, effect.task);
  if (!plan)
    return failure(ErrorKind::NotFound, "the plan has no task " + effect.task);
  const int revision = plan->reverses > 0 ? plan->reverses : state.plan.revision;
  auto stack = m_specs->stackAt(revision);
  if (!stack)
    return failure(stack.error());
  const auto* task = taskOf(stack->policy, effect.task);
  const bool isReverse = plan->reverses > 0;
  if (!task || !commandOf(*task, effect.step, isReverse))
    return failure(ErrorKind::NotFound,
                   "revision " + std::to_string(revision) + " has no such command of " + titleOf(plan->spec));
  Job job;
  job.step = effect.step;
  job.command = *commandOf(*task, effect.step, isReverse);
  job.limit = isLook(effect.step) ? lookLimit : plan->spec.limit + grace;
  for (const auto& [id, copy] : state.instances)
    if (copy.hasFailed)
      job.failed.insert(id);
  const auto* service = stack->find(job.command.service);
  if (job.command.where == Where::Copy)
    return job;
  if (!service)
    return failure(ErrorKind::NotFound,
                   "revision " + std::to_string(revision) + " has no service " + job.command.service);
  job.once.id = onceId(state, m_rollout, effect.task, toString(namesake(effect.step)));
  job.once.number = 1;
  job.once.revision = revision;
  job.once.rollout = m_rollout;
  job.once.service = onceSpec(*service, job.command.argv);
  job.once.stack = std::move(*stack);
  job.once.isOnce = true;
  job.once.isOnlyAwaited = effect.step == TaskStep::Await;
  job.once.mayHaveBegun = job.once.isOnlyAwaited || m_inherited.contains(job.once.id);
  return job;
}

void TaskRunner::inherit(const RolloutState& state) {
  for (const auto& [id, task] : state.tasks) {
    const auto* plan = taskOf(state.plan, id);
    if (!plan || !plan->spec.isOfSchema())
      continue;
    if (task.phase == TaskPhase::Running && (!task.isWaiting || task.mayHaveRun))
      m_inherited.insert(onceId(state, m_rollout, id, toString(TaskStep::Run)));
    if (task.phase == TaskPhase::Undoing)
      m_inherited.insert(onceId(state, m_rollout, id, toString(TaskStep::Undo)));
  }
}

void TaskRunner::runInCopy(const Job& job, Callback<ExecReport> done) const {
  m_runtime.list([&runtime = m_runtime, alive = std::weak_ptr(m_life), job,
                  done = std::move(done)](Result<std::vector<InstanceInfo>> copies) {
    if (alive.expired())
      return;
    if (!copies)
      return done(failure(ErrorKind::NotFound, copies.error().toString())); // nothing has been begun
    const auto copy = copyToAsk(*copies, job.command.service, job.failed);
    if (copy.isEmpty())
      return done(failure(ErrorKind::NotFound, "no copy of " + job.command.service + " runs"));
    runtime.exec(copy, job.command.argv, job.limit, done);
  });
}

// Each look anew: what one before it may have left is ended first.
void TaskRunner::lookOnce(const Job& job, Callback<ExecReport> done) const {
  m_runtime.endOnce(job.once.id, [&runtime = m_runtime, alive = std::weak_ptr(m_life), job,
                                  done = std::move(done)](Result<ExecReport> ended) {
    if (alive.expired())
      return;
    if (!ended)
      return done(failure(ended.error()));
    runtime.runOnce(job.once, job.limit, [&runtime, id = job.once.id, done](Result<ExecReport> report) {
      runtime.endOnce(id, [report, done](Result<ExecReport>) { done(report); });
    });
  });
}

void TaskRunner::clear(const Effect& effect, const RolloutState& state, Callback<Json> done) const {
  const auto undo = onceId(state, m_rollout, effect.task, toString(TaskStep::Undo));
  const auto* task = &state.tasks.at(effect.task);
  const auto run = onceId(state, m_rollout, effect.task, toString(TaskStep::Run));
  const auto last = task->isDownLeft ? undo : run;
  const auto other = task->isDownLeft ? run : undo;
  m_runtime.endOnce(last, [&runtime = m_runtime, other, done = std::move(done)](Result<ExecReport> ended) {
    if (!ended)
      return done(failure(ended.error()));
    runtime.endOnce(other, [ended, done](Result<ExecReport> rest) {
      if (!rest)
        return done(failure(rest.error()));
      done(Json{{"output", lastLines(ended->output)}});
    });
  });
}

void TaskRunner::run(const Effect& effect, const RolloutState& state, Callback<Json> done) const {
  if (effect.step == TaskStep::Clear)
    return clear(effect, state, std::move(done));
  auto job = jobOf(effect, state);
  if (!job) // answered from the event loop, as every port answers
    return QTimer::singleShot(0, [done = std::move(done), error = job.error()] { done(failure(error)); });
  const bool looks = isLook(effect.step);
  auto ended = [looks, done = std::move(done)](Result<ExecReport> report) {
    if (!report)
      return done(failure(report.error()));
    if (!looks)
      return done(endOf(*report));
    if (report->exitCode != 0)
      return done(failure(ErrorKind::Refused, "status ended with exit code " +
                                                  std::to_string(report->exitCode) + ": " +
                                                  lastLine(report->output)));
    if (report->printed.isCut)
      return done(failure(ErrorKind::Refused, "what status printed cannot be read, or is longer than " +
                                                  std::to_string(BoundedText::most >> 10) + " KiB"));
    done(Json{{"applied", versionsIn(report->printed.text)}});
  };
  if (job->command.where == Where::Copy)
    return runInCopy(*job, std::move(ended));
  if (looks)
    return lookOnce(*job, std::move(ended));
  m_runtime.runOnce(job->once, job->limit, std::move(ended));
}

} // namespace ratdeck
