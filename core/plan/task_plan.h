// A task in a plan: what runs when, for how long at most, and what follows if it fails. Its commands may hold
// secrets and are not in it; the revision's policy has them, by the task's id.
#pragma once

#include "core/base/json.h"
#include "core/spec/task_spec.h"

#include <map>
#include <string>
#include <vector>

namespace ratdeck {

struct StackPolicy;

struct TaskPlan {
  TaskSpec spec;           // the commands without their words
  std::string commandHash; // keyed, of the words
  int wave = 0;            // of its service; 0 = of the release
  // Of a rollback: runs the `down` of a task that an earlier rollout ran, as this revision has it; 0 = it
  // goes forward.
  int reverses = 0;
  bool operator==(const TaskPlan&) const = default;
};

// What an earlier rollout did to the schema, and a rollback goes past.
struct SchemaStep {
  TaskSpec task;                     // as that rollout's revision has it
  int revision = 0;                  // that one
  std::vector<std::string> versions; // that it added; its id where they are not known
  bool operator==(const SchemaStep&) const = default;
};

// "migration add-email", "hook smoke", "schema of ratd".
std::string titleOf(const TaskSpec& task);

// The task of a policy by its id; null if it has none.
const TaskSpec* taskOf(const StackPolicy& policy, const std::string& id);

// Words of SQL in it that may break the code of before: "DROP COLUMN", "RENAME", "SET NOT NULL", … sorted,
// each once. Comments and texts in quotes do not count.
std::vector<std::string> breakingWords(const std::string& sql);

Json toJson(const TaskPlan& task);
TaskPlan taskPlanFrom(const Json& json);

} // namespace ratdeck
