#include "app/stack/rollback.h"

#include "core/engine/past_rollout.h"
#include "core/engine/schema_past.h"

namespace ratdeck {

namespace {

// What a return to a revision undoes: the rollout that made a later one, if such a one is in place.
std::string undoneByReturn(const Place& place, int number) {
  auto past = rolloutToUndo(place.journals(), place.folders().stack);
  return past && past->plan->revision > number ? past->id() : std::string();
}

Result<PastRollout> namedRollout(const Place& place, const std::string& name) {
  auto path = place.journals().find(name);
  auto past = path ? readPastRollout(*path, place.folders().stack) : failure(path.error());
  if (past && !past->plan)
    return failure(ErrorKind::Refused, "rollout " + past->id() + " was never begun", {}, {*path});
  if (past && past->plan->isTry)
    return failure(ErrorKind::Refused, "rollout " + past->id() + " was a try: it changed nothing",
                   "`ratdeckctl history` lists those that did", {*path});
  return past;
}

Result<RollbackGoal> withSchema(const Place& place, RollbackGoal goal, int from) {
  auto past = schemaPast(place.journals(), place.folders().stack, place.revisions(), from);
  if (!past)
    return failure(past.error());
  goal.schemaPast = std::move(*past);
  return goal;
}

Result<RollbackGoal> returnTo(Place& place, int number) {
  auto revision = place.revisions().load(number);
  if (!revision)
    return failure(revision.error());
  return withSchema(place, {std::move(revision->stack), undoneByReturn(place, number), {}}, number + 1);
}

Result<RollbackGoal> undoing(Place& place, const PastRollout& past) {
  auto world = place.observe();
  if (!world)
    return failure(world.error());
  auto before = stackBefore(*past.plan, *world, place.revisions());
  if (!before)
    return failure(before.error());
  return withSchema(place, {std::move(*before), past.id(), {}}, past.plan->revision);
}

} // namespace

Result<RollbackGoal> rollbackGoal(Place& place, const RollbackWish& wish) {
  if (wish.toRevision)
    return returnTo(place, *wish.toRevision);
  if (!wish.toRollout.empty()) {
    auto past = namedRollout(place, wish.toRollout);
    return past ? returnTo(place, past->plan->revision) : failure(past.error());
  }
  auto past = wish.rollout.empty() ? rolloutToUndo(place.journals(), place.folders().stack)
                                   : namedRollout(place, wish.rollout);
  return past ? undoing(place, *past) : failure(past.error());
}

} // namespace ratdeck
