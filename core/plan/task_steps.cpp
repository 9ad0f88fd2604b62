#include "core/plan/draft.h"

namespace ratdeck {

namespace {

std::string whereOf(const TaskCommand& command) {
  switch (command.where) {
  case TaskCommand::Where::Own:
    return "in a copy of " + command.service + " made for it";
  case TaskCommand::Where::Copy:
    return "in a running copy of " + command.service;
  }
  return {};
}

const char* phaseOf(const TaskSpec& task) {
  switch (task.phase) {
  case TaskSpec::Phase::Expand:
    return " (expand)";
  case TaskSpec::Phase::Migrate:
    return " (migrate)";
  case TaskSpec::Phase::Contract:
    return " (contract)";
  }
  return "";
}

// Of the release, told first, so that it is known by it; "" of a service's own.
std::string pointOf(const TaskSpec& task) {
  switch (task.when) {
  case TaskSpec::When::Before:
    return task.service.empty() ? "before the release: " : "";
  case TaskSpec::When::After:
    return task.service.empty() ? "after the release: " : "";
  case TaskSpec::When::OnFailure:
    return "on failure: ";
  }
  return {};
}

std::string afterFailure(const TaskSpec& task, bool hasPerson) {
  if (task.when == TaskSpec::When::OnFailure)
    return "; if it fails, that is noted";
  switch (task.onError) {
  case TaskSpec::OnError::Undo:
    return "; if it fails, what was changed is undone";
  case TaskSpec::OnError::Ask:
    return hasPerson ? "; if it fails, a person decides" : "; if it fails, what was changed is undone";
  case TaskSpec::OnError::Ignore:
    return "; if it fails, that is noted and passed over";
  }
  return {};
}

std::string wayBack(const TaskPlan& task) {
  const auto& spec = task.spec;
  if (task.reverses > 0)
    return {};
  if (spec.canGoBack())
    return spec.goesBackFirst ? "; an undo runs its down before the code goes back"
                              : "; an undo runs its down once the code is back";
  return "; it cannot be reversed: a point of no return";
}

std::string titleOf(const TaskPlan& task, bool hasPerson) {
  const auto& spec = task.spec;
  if (spec.kind == TaskSpec::Kind::Schema)
    return spec.service + " migrates at its start: the applied versions are read before and after" +
           wayBack(task);
  const bool isMigration = spec.kind == TaskSpec::Kind::Migration;
  return pointOf(spec) + (task.reverses > 0 ? "take back " : "") + titleOf(spec) +
         (isMigration && task.reverses == 0 ? phaseOf(spec) : "") +
         (spec.up ? ", " + whereOf(*spec.up) : "") + ", at most " + toHumanString(spec.limit) +
         (isMigration ? wayBack(task) : "") + afterFailure(spec, hasPerson);
}

} // namespace

PlanStep stepOf(const TaskPlan& task, int wave, bool hasPerson) {
  const auto& spec = task.spec;
  const auto kind = spec.kind == TaskSpec::Kind::Hook ? StepKind::Hook : StepKind::Migrate;
  auto id = std::to_string(wave) + "." + (spec.service.empty() ? "" : spec.service + ".") + toString(kind) +
            "." + spec.id;
  return {std::move(id),         wave, spec.service, kind, titleOf(task, hasPerson), spec.limit,
          !spec.approval.empty()};
}

} // namespace ratdeck
