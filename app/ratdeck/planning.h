// From a person's wish to a rollout that is ready to begin: on one place, which it holds from then on. Waits
// for answers in an event loop of the calling thread.
#pragma once

#include "app/ratdeck/rollout_start.h"
#include "app/stack/place.h"
#include "ui/model/console_facts.h"

#include <functional>
#include <string>

namespace ratdeck {

struct Planned {
  PlanFacts facts;
  StackSpec wanted;
  std::optional<std::vector<SchemaStep>> schemaPast; // of a rollback
  std::vector<Problem> doubts;                       // likewise
};

// Changes nothing. Errors: rollbackGoal's, Place::prepare's.
Result<Planned> planOn(Place& place, const PlanWish& wish);

// Who begins, on what.
struct Beginning {
  std::string actor;
  bool isTargetNew = false; // made since: nothing of an earlier rollout is there, unfinished or not
};

// Holds the place and makes everything ready for the plan; where that fails the place is let go. `onStep`: a
// line for people now and then. Errors: Conflict (another plan was made since), Input (errors in the plan),
// Refused (nothing to do, an unfinished rollout, a plan that is stale, somebody else holds the stack),
// Place's.
Result<RolloutStart> readyToStart(Place& place, const Planned& planned, const StartWish& wish,
                                  const Beginning& beginning,
                                  const std::function<void(const std::string&)>& onStep);

// Holds the place for an unfinished rollout. Errors: NotFound, Refused (it cannot be resumed, somebody else
// holds the stack), those of JournalStore::find.
Result<RolloutStart> readyToResume(Place& place, const ResumeWish& wish, const std::string& actor);

} // namespace ratdeck
