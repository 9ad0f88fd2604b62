// From a wanted stack and the world to a plan and the revision it makes: what every face of the product does
// before a rollout starts. Reads the revision store, changes nothing.
#pragma once

#include "core/engine/revision_store.h"
#include "core/plan/planner.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ratdeck {

struct Deployment {
  Plan plan;         // fromRevision of a service whose copies are not ours: the revision that adopts them
  Revision revision; // what the stack is once the plan has been carried out; saved when the rollout starts
};

struct DeploymentRequest {
  StackSpec wanted;
  World world;
  std::set<std::string> services; // only these; empty = all but running infrastructure
  bool hasPerson = true;
  bool isTry = false;      // it adopts nothing: no old copy will have to be brought back
  bool isRollback = false; // windows and freezes do not hold it back
  std::optional<std::vector<SchemaStep>> schemaPast = {}; // of a rollback: PlanRequest's
  std::vector<Problem> doubts = {};                       // likewise
};

// Errors: those of makePlan and of the revision store.
Result<Deployment> prepareDeployment(const DeploymentRequest& request, RevisionStore& store, WallTime now);

// The stack as it was before the rollout with this plan: the services that it changed, as they ran then; all
// others as they run now. Errors: NotFound where a revision is no longer kept.
Result<StackSpec> stackBefore(const Plan& undone, const World& world, RevisionStore& store);

// Why the plan of a file must not be carried out now, naming what moved; nothing if it may.
std::optional<Error> staleness(const Plan& planned, const Plan& now);

} // namespace ratdeck
