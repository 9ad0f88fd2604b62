// What the window is told by what stands behind it: the target, plans, past rollouts. Plain values that cross
// threads; what cannot be known is absent.
#pragma once

#include "core/base/clock.h"
#include "core/plan/plan.h"
#include "core/spec/stack_choice.h"
#include "core/spec/stack_spec.h"
#include "core/spec/world.h"

#include <QMetaType>

#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

// A stack at a target that could be opened.
struct TargetFacts {
  StackChoice choice;
  std::string title;   // for people: "the sandbox default", "Docker at unix:///var/run/docker.sock"
  std::string runtime; // sandbox, docker, kubernetes
  StackSpec stack;     // what is wanted
  std::vector<Error> warnings;
};

// A rollout that is over, or that an engine left behind.
struct PastFacts {
  std::string rollout;
  std::string journal; // the file
  std::string actor;
  std::string result;               // as in the outcome; "" of an unfinished one
  std::vector<std::string> changes; // "ratd 2.3.0 → 2.4.0"
  WallTime started;
  std::optional<WallTime> ended;
  bool isTry = false;
  std::optional<Error> refusal; // why an unfinished one cannot be gone on with
};

// What runs at the target, in one look; and what happened there last.
struct StackFacts {
  World world;
  WallTime seenAt;
  std::optional<PastFacts> lastChange;
  std::vector<PastFacts> unfinished; // the newest first
  std::vector<int> revisions;        // that a rollback can go to, ascending
};

enum class PlanKind { Deploy, Try, Rollback };

struct PlanWish {
  StackChoice choice; // with images to set and single services
  PlanKind kind = PlanKind::Deploy;
  std::string rollout;         // Rollback: the rollout to undo; "" = the last one
  std::optional<int> revision; // Rollback: to this revision instead
};

struct PlanFacts {
  PlanWish wish;
  Plan plan;
  std::string undoes; // the rollout that it undoes, or ""
};

} // namespace ratdeck

Q_DECLARE_METATYPE(ratdeck::TargetFacts)
Q_DECLARE_METATYPE(ratdeck::StackFacts)
Q_DECLARE_METATYPE(ratdeck::PlanFacts)
