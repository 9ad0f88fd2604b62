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

bool wasUndone(const PastRollout& past) {
  return past.journal.isClosed && !leftSomethingChanged(past.journal);
}

// A revision is kept also where the rollout that made it was undone. Whoever names it may want just that, for
// the fault may have been another's: it is said, and not refused.
std::vector<Problem> doubtsAbout(const Place& place, const Revision& revision) {
  const auto path = place.journals().find(revision.rollout.value);
  const auto past = path ? readPastRollout(*path, place.folders().stack) : failure(path.error());
  const bool madeIt = past && past->plan && past->plan->revision == revision.number; // else it was adopted
  if (!madeIt || !wasUndone(*past))
    return {};
  return {{Severity::Warning,
           "revision-undone",
           "",
           "revision " + std::to_string(revision.number) + " did not stay: rollout " + past->id() +
               ", which made it, ended as " + past->journal.result +
               "; go back to it only if what ended that is mended",
           {}}};
}

Result<RollbackGoal> returnTo(Place& place, int number) {
  auto revision = place.revisions().load(number);
  if (!revision)
    return failure(revision.error());
  auto doubts = doubtsAbout(place, *revision);
  return withSchema(place, {std::move(revision->stack), undoneByReturn(place, number), {}, std::move(doubts)},
                    number + 1);
}

// Where it was undone, that is not the revision it made.
Result<RollbackGoal> returnToResultOf(Place& place, const PastRollout& past) {
  const auto number = past.plan->revision;
  if (wasUndone(past))
    return failure(ErrorKind::Refused,
                   "rollout " + past.id() + " ended as " + past.journal.result +
                       ": it left the stack as it was before",
                   "--to " + std::to_string(number) + " goes to the revision that it made all the same");
  return returnTo(place, number);
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
    return past ? returnToResultOf(place, *past) : failure(past.error());
  }
  auto past = wish.rollout.empty() ? rolloutToUndo(place.journals(), place.folders().stack)
                                   : namedRollout(place, wish.rollout);
  return past ? undoing(place, *past) : failure(past.error());
}

} // namespace ratdeck
