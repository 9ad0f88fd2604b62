// A task: a command that a rollout runs somewhere, with a time limit, and of which its exit code and its last
// lines are left. Hooks and migrations are tasks; so is the look at a schema that a service migrates itself.
#pragma once

#include "core/base/duration.h"
#include "core/base/error.h"

#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

struct TaskCommand {
  enum class Where {
    Own,  // in a copy of the service that is made for it alone (`run`): done once, whatever becomes of us
    Copy, // inside a running copy (`exec`): cannot be ended from outside, and what became of it may not be
          // known
  };
  Where where = Where::Own;
  std::string service;           // "" until the loader has filled it in
  std::vector<std::string> argv; // may hold secrets
  bool operator==(const TaskCommand&) const = default;
};

struct TaskSpec {
  enum class Kind {
    Hook,
    Migration,
    Schema, // no command of ours: `service` migrates at its start, and `status` is read around that
  };
  enum class When { Before, After, OnFailure };
  enum class Phase { Expand, Migrate, Contract }; // of a migration
  enum class OnError { Undo, Ask, Ignore };

  std::string id; // unique in a stack
  Kind kind = Kind::Hook;
  When when = When::Before;
  Phase phase = Phase::Expand;
  std::string service; // that it stands before or after; "" = the release
  std::optional<TaskCommand> up;
  std::optional<TaskCommand> down;   // takes `up` back
  std::optional<TaskCommand> status; // prints the versions that are applied, one a line
  std::vector<std::string> versions; // that `up` adds, where they are named; all there already: passed over
  bool isCompatible = true;          // the version before works with what `up` makes
  bool isReversible = true;          // `down` loses nothing; without a `down` it is not
  bool isDownSafe = false;           // `down` may run after an `up` that failed
  bool goesBackFirst = false;        // `down` before the code goes back, not after
  Duration limit = 60s;              // of `up` and of `down`
  OnError onError = OnError::Undo;
  std::string approval; // id of the approval that comes before it; "" = none
  SourceLocation location;
  bool operator==(const TaskSpec&) const = default;

  // Its `down` may run by itself: its `status` tells that `up` did what it takes away.
  bool canGoBack() const { return down && isReversible && status; }
  // It may change the schema.
  bool isOfSchema() const { return kind != Kind::Hook; }
};

} // namespace ratdeck
