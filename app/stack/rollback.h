// What a rollback goes to, as a new deploy towards it.
#pragma once

#include "app/stack/place.h"

#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

struct RollbackWish {
  std::string rollout;           // the one to undo; "" = the last that can be
  std::optional<int> toRevision; // to this one instead,
  std::string toRollout;         // or to the stack as this rollout left it; "" = not named
};

struct RollbackGoal {
  StackSpec wanted;
  std::string undoes;                 // the rollout that it undoes, or ""
  std::vector<SchemaStep> schemaPast; // what it goes past
  std::vector<Problem> doubts = {};   // what speaks against it
};

// Reads journals and revisions, and looks at the target where a rollout is undone. Errors: NotFound, Input
// (an ambiguous name), Refused (of another stack, never begun, or a try; for toRollout: undone),
// Place::observe's.
Result<RollbackGoal> rollbackGoal(Place& place, const RollbackWish& wish);

} // namespace ratdeck
