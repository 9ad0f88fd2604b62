// What is checked and taken before a rollout starts, whoever starts it.
#pragma once

#include "app/stack/place.h"

#include <string>

namespace ratdeck {

// Refuses a plan with errors in it (Input, with their places).
Status checkProblems(const Plan& plan);

// Refuses a deploy outside its windows or in a freeze, unless `overrides` says why it is to begin all the
// same (Refused, with until when and how). A rollback and a try are never refused.
Status checkOpen(const Plan& plan, const std::string& overrides);
// What the rollout's record is to say of it: `overrides` where it was needed, else "".
std::string neededOverride(const Plan& plan, const std::string& overrides);

// Refuses while a rollout of the stack is unfinished (with what to type to go on with it). Errors: those of
// JournalStore::list.
Status checkNothingUnfinished(const Place& place, const StackChoice& choice);

// Keeps everybody else from the stack, for a rollout that is about to begin. Errors: Place::hold's.
Status holdForRollout(Place& place, const std::string& actor, bool takesOver);

// As Place::prepare; of a try, the plan is the try's.
Result<Deployment> prepareAs(Place& place, const StackSpec& wanted, const StackChoice& choice,
                             Place::Manner manner);

// The world may have moved while the plan was looked at, or by another console until the stack was held: what
// is carried out is the plan of now, and only if it is the one that was shown. Errors: Refused (it is not,
// with what moved; `next`: what to do then), prepareAs's.
Result<Deployment> lookAgain(Place& place, const StackSpec& wanted, const StackChoice& choice,
                             Place::Manner manner, const Plan& shown, const std::string& next);

} // namespace ratdeck
