// What deploy, rollback, sandbox up and demo share: from a prepared deployment to its outcome.
#pragma once

#include "app/ratdeckctl/rollout_session.h"
#include "app/stack/before_rollout.h"
#include "app/stack/place.h"

#include <string>

namespace ratdeck {

// Opens the place that the options name; warnings of the loader go to stderr. Errors: Place::open's.
Result<Place> openPlace(const Environment& environment, const Options& options, bool mustBeReachable);

// Refuses a plan that leaves a running service without a copy for some time, where nobody is asked and nobody
// has said yes (Usage).
Status checkConsent(const Environment& environment, const Options& options, const Plan& plan);

// Refuses a plan that goes back past schema versions that are not all named by --past-schema (Usage), where
// nobody can be asked to type them; else asks.
Status confirmPastSchema(const Options& options, const Plan& plan, bool canAsk);
// " --past-schema 1.sql --past-schema 2.sql", quoted for a shell.
std::string pastSchemaOptions(const std::vector<std::string>& versions);

// Somebody reads the progress and can type an answer.
bool hasPerson(const Environment& environment, const Options& options);
// Refuses a plan that nobody could approve here (Usage, with what to add), before half an hour is waited for
// it.
Status checkApprovable(const Environment& environment, const Options& options, const Plan& plan,
                       const std::string& approve);

// Carries the deployment out on a place that is held, lets it go, and shows its progress. `undoes` names the
// rollout that a rollback undoes; `isTargetNew`: nothing of an earlier rollout is there.
Result<SessionResult> carryOut(const Environment& environment, const Options& options, Place& place,
                               Deployment deployment, const std::string& undoes = {},
                               bool isTargetNew = false);

// Prints the outcome as text or JSON.
void printOutcome(const Options& options, const Json& outcome);

// Prints how a session went: the outcome, or what kept it from one and what to type next. Returns the exit
// code.
int printResult(const Options& options, const Result<SessionResult>& result);

// The outcome of a deployment that changes nothing.
Json emptyOutcome(const Plan& plan);

} // namespace ratdeck
