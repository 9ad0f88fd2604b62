// Which hooks and migrations run in a plan, in which order, and what a person should know of them before.
// Those of one point run one after another; an undo takes migrations back in the reverse of this order.
#include "core/base/digest.h"
#include "core/base/wording.h"
#include "core/plan/draft.h"

#include <algorithm>
#include <tuple>

namespace ratdeck {

namespace {

using Kind = TaskSpec::Kind;
using When = TaskSpec::When;
using Phase = TaskSpec::Phase;

std::string hashOf(const TaskSpec& task, const std::string& key) {
  Json words = Json::object();
  for (const auto& [name, command] :
       {std::pair("up", &task.up), {"down", &task.down}, {"status", &task.status}})
    if (*command)
      words[name] = (*command)->argv;
  return hmacSha256(key, dumpJson(words));
}

// A step without its `up` is not in effect any more (schemaPast).
bool isMissing(const SchemaStep& step) {
  return step.task.kind == Kind::Migration && !step.task.up;
}

class TaskLayer {
public:
  explicit TaskLayer(Draft& draft) : m_draft(draft) {}

  std::vector<TaskPlan> lay() {
    for (const auto& task : m_draft.stack().policy.tasks)
      if (takesPart(task))
        add(task);
    sort();
    return std::move(m_tasks);
  }

  // The newest steps are taken back, down to the first that cannot be.
  std::vector<TaskPlan> layBack(const std::vector<SchemaStep>& steps, std::vector<std::string>& stays) {
    bool isPast = false;
    for (const auto& step : steps) {
      if (!goesWithPlan(step.task))
        continue;
      if (isMissing(step)) {
        findMissing(step);
        continue;
      }
      isPast = isPast || !step.task.canGoBack() || !isTakenBackHere(step.task);
      if (isPast)
        stays.insert(stays.end(), step.versions.begin(), step.versions.end());
      else
        addReverse(step);
    }
    if (!stays.empty())
      note(Severity::Warning, "past-schema", {},
           "these schema versions stay though the code goes back, since nothing takes them away: " +
               listed(stays) +
               "; be sure that the version you go back to works with them: it must be confirmed by their "
               "names (--past-schema)");
    return std::move(m_tasks);
  }

private:
  bool takesPartBy(const std::string& service) const {
    auto it = m_draft.services.find(service);
    return it != m_draft.services.end() && it->second.fate == Fate::TakesPart;
  }

  // Where nothing ran before, there is no schema to compare with and nothing to go back to.
  bool takesPart(const TaskSpec& task) const {
    if (task.kind == Kind::Schema && takesPartBy(task.service) &&
        m_draft.services.at(task.service).plan.oldCopies.empty())
      return false;
    return task.service.empty() ? !m_draft.waves.empty() : takesPartBy(task.service);
  }

  bool goesWithPlan(const TaskSpec& task) const {
    return task.service.empty() ? !m_draft.waves.empty() : takesPartBy(task.service);
  }

  // A rollback of single services takes back what stood at them alone; what stood at the release stays.
  bool isTakenBackHere(const TaskSpec& task) const {
    return !task.service.empty() || m_draft.request.services.empty();
  }

  void note(Severity severity, const char* code, const TaskSpec& task, const std::string& message) {
    m_draft.problems.push_back({severity, code, task.service, message, task.location});
  }

  int waveOf(const std::string& service) const {
    for (const auto& wave : m_draft.waves)
      if (std::find(wave.services.begin(), wave.services.end(), service) != wave.services.end())
        return wave.index;
    return 0;
  }

  void add(TaskSpec task) {
    findProblems(task);
    TaskPlan plan;
    plan.commandHash = hashOf(task, m_draft.request.hashKey);
    if (task.kind == Kind::Migration && task.phase == Phase::Contract) { // whatever it waits for
      task.when = When::After;
      task.service.clear();
    }
    plan.wave = waveOf(task.service);
    take(std::move(plan), std::move(task));
  }

  void addReverse(const SchemaStep& step) {
    auto task = step.task;
    TaskPlan plan;
    plan.commandHash = hashOf(task, m_draft.request.hashKey);
    plan.reverses = step.revision;
    task.when = task.goesBackFirst ? When::Before : When::After;
    task.service.clear();
    task.up = std::exchange(task.down, std::nullopt);
    task.versions = step.versions;
    task.isReversible = false;
    task.approval.clear();
    task.onError = TaskSpec::OnError::Ask;
    take(std::move(plan), std::move(task));
  }

  void take(TaskPlan plan, TaskSpec task) {
    for (auto* command : {&task.up, &task.down, &task.status})
      if (*command)
        (*command)->argv.clear();
    task.location = {};
    plan.spec = std::move(task);
    m_tasks.push_back(std::move(plan));
  }

  // Hooks before migrations, expand before migrate before contract.
  void sort() {
    const auto place = [](const TaskPlan& task) {
      const bool isLast = task.spec.service.empty() && task.spec.when != When::Before;
      const int kind = task.spec.kind == Kind::Hook ? 0 : 1 + static_cast<int>(task.spec.phase);
      return std::tuple(isLast, task.wave, task.spec.service, task.spec.when, kind);
    };
    std::stable_sort(m_tasks.begin(), m_tasks.end(),
                     [&](const TaskPlan& a, const TaskPlan& b) { return place(a) < place(b); });
  }

  // --- what a person should know ---

  void findProblems(const TaskSpec& task) {
    for (const auto* command : {&task.up, &task.down, &task.status})
      if (*command && !m_draft.stack().find((*command)->service))
        note(Severity::Error, "task-without-service", task,
             "the " + titleOf(task) + " is to run in " + (*command)->service +
                 ", which no active profile has; name another service, or enable its profile");
    if (!task.isOfSchema())
      return;
    findBreaking(task);
    findNoReturn(task);
    if (task.kind == Kind::Migration && task.up && task.up->where == TaskCommand::Where::Copy &&
        (!task.status || task.versions.empty()))
      note(
          Severity::Info, "migration-by-exec", task,
          "the " + titleOf(task) +
              " runs inside a running copy: should ratdeck be killed meanwhile, only `status` and `versions` "
              "tell what became of it; without both it then counts as failed. With `run` that is always "
              "known");
  }

  std::string sqlOf(const TaskSpec& task) const {
    std::string sql;
    if (task.up)
      for (const auto& word : task.up->argv)
        sql += word + "\n;";
    auto file = m_draft.request.sqlTexts.find(task.id);
    return file == m_draft.request.sqlTexts.end() ? sql : sql + file->second;
  }

  void findBreaking(const TaskSpec& task) {
    const auto words = breakingWords(sqlOf(task));
    const bool isLast = task.kind == Kind::Migration && task.phase == Phase::Contract;
    if (!isLast && !task.isCompatible)
      note(Severity::Warning, "migration-breaks-old-code", task,
           "the " + titleOf(task) + " is declared to break the version that still serves then" +
               (words.empty() ? "" : " (" + listed(words) + ")") +
               "; roll it in four phases: see breaking-change.md");
    else if (!isLast && !words.empty())
      note(Severity::Warning, "migration-breaks-old-code", task,
           "the " + titleOf(task) + " has SQL that may break the version that still serves then: " +
               listed(words) + "; add first and drop in a later release: see breaking-change.md");
    else if (!words.empty())
      note(Severity::Info, "migration-breaks-old-code", task,
           "the " + titleOf(task) + " takes away what the version before may use (" + listed(words) +
               "); it runs last, when no copy of that version is left and, where the release is watched "
               "(in the window, and with --wait-bake), when its bake is over");
  }

  void findNoReturn(const TaskSpec& task) {
    if (task.canGoBack())
      return;
    const bool isBlind = task.down && task.isReversible; // for want of a status
    const auto stays = task.versions.empty() ? "" : ": " + listed(task.versions) + " stays";
    const auto what = task.kind == Kind::Schema
                          ? task.service + " migrates the schema itself at its start, forward only"
                      : isBlind ? "the " + titleOf(task) +
                                      " has a `down` and no `status`: nothing tells whether its `up` " +
                                      "did what the `down` would take away, so no undo runs it" + stays
                                : "the " + titleOf(task) + " cannot be reversed" + stays;
    note(task.isCompatible && !isBlind ? Severity::Info : Severity::Warning, "point-of-no-return", task,
         what + "; to go back past it must be confirmed by the versions' names" +
             (task.isCompatible
                  ? ""
                  : ", and a failure after it is not undone by itself: the version before could not work"));
  }

  // Code that a contract came after works without it.
  void findMissing(const SchemaStep& step) {
    if (step.task.phase != Phase::Contract)
      note(Severity::Error, "schema-missing", {},
           "the version you go back to was rolled out with the " + titleOf(step.task) + " (" +
               listed(step.versions) +
               "), which was taken back since, and a rollback runs no `up`: deploy that version's files");
  }

  Draft& m_draft;
  std::vector<TaskPlan> m_tasks;
};

} // namespace

std::vector<TaskPlan> layTasks(Draft& draft, std::vector<std::string>& pastSchema) {
  TaskLayer layer(draft);
  return draft.request.schemaPast ? layer.layBack(*draft.request.schemaPast, pastSchema) : layer.lay();
}

} // namespace ratdeck
