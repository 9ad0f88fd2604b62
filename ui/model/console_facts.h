// What the window is told by what stands behind it: the target, plans, past rollouts. Plain values that cross
// threads; what cannot be known is absent.
#pragma once

#include "core/base/clock.h"
#include "core/plan/plan.h"
#include "core/spec/stack_choice.h"
#include "core/spec/stack_spec.h"
#include "core/spec/world.h"
#include "ui/model/left_behind.h"

#include <QMetaType>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ratdeck {

// A stack at a target that could be opened.
struct TargetFacts {
  StackChoice choice;
  std::string title;   // for people: "the sandbox default", "Docker at unix:///var/run/docker.sock"
  std::string runtime; // sandbox, docker, kubernetes
  StackSpec stack;     // what is wanted
  // Services whose clients are users: they publish a port, or the router does it for them.
  std::set<std::string> userFacing;
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
  std::string windowOverride;     // why it began outside its windows or in a freeze; "" = it did not
  std::optional<Error> refusal;   // why an unfinished one cannot be gone on with
  std::optional<LeftBehind> left; // of an unfinished one that can be read
};

// What runs at the target, in one look; and what happened there last.
struct StackFacts {
  World world;
  WallTime seenAt;
  std::optional<PastFacts> running;    // that another engine carries out now
  std::optional<PastFacts> lastChange; // that is over; no try
  std::vector<PastFacts> unfinished;   // the newest first
  std::vector<PastFacts> past;         // that are over, the newest first, at most 50
  std::optional<Error> pastProblem;    // why the four above are empty, where they cannot be read
  std::vector<int> revisions;          // that a rollback can go to, ascending
  std::string rollsBackTo; // the version to which a rollback of the last change leads; "" = several, or none
};

// The unfinished one that Resume and Undo mean: the newest that can be gone on with; null = none can.
inline const PastFacts* resumable(const StackFacts& stack) {
  const auto& all = stack.unfinished;
  const auto fit = std::find_if(all.begin(), all.end(), [](const PastFacts& one) { return !one.refusal; });
  return fit == all.end() ? nullptr : &*fit;
}

enum class PlanKind { Deploy, Try, Rollback };

struct PlanWish {
  StackChoice choice; // with images to set and single services
  PlanKind kind = PlanKind::Deploy;
  std::string rollout;         // Rollback: the rollout to undo; "" = the last one
  std::optional<int> revision; // Rollback: to this revision instead
  bool operator==(const PlanWish&) const = default;
};

struct PlanFacts {
  PlanWish wish;
  Plan plan;
  std::string undoes; // the rollout that it undoes, or ""
  std::vector<Error> warnings;
};

// To carry out the plan that was shown last.
struct StartWish {
  std::string planHash;
  std::string approve = "ask";           // ask, auto, wait
  std::string reason;                    // a change number, or ""
  std::string windowOverride;            // why it is to begin outside its windows or in a freeze, or ""
  bool takesOver = false;                // from another console that has given no sign of life for a minute
  std::set<std::string> pastSchema = {}; // schema versions that may stay though the code goes back
};

// To go on with a rollout that an engine left behind, or to undo it.
struct ResumeWish {
  std::string rollout;
  bool undo = false;
  bool takesOver = false;
};

// What the sandbox's load counted so far.
struct LoadFacts {
  long long requests = 0;
  long long failed = 0;
  double requestsLastSecond = 0;
  std::optional<double> p50Ms, p99Ms, maxMs; // of all so far; p50 and p99 to about 2 %
};

// What was asked for, beside an Error of it.
enum class ConsoleAction {
  Open,
  Look, // also by itself
  Plan,
  CarryOut,
  Resume,
  HandOver,
  Sandbox,
  Load,
};

} // namespace ratdeck

Q_DECLARE_METATYPE(ratdeck::StackChoice)
Q_DECLARE_METATYPE(ratdeck::TargetFacts)
Q_DECLARE_METATYPE(ratdeck::StackFacts)
Q_DECLARE_METATYPE(ratdeck::PlanFacts)
Q_DECLARE_METATYPE(ratdeck::LoadFacts)
Q_DECLARE_METATYPE(ratdeck::ConsoleAction)
