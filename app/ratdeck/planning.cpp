#include "app/ratdeck/planning.h"

#include "app/stack/before_rollout.h"
#include "app/stack/rollback.h"
#include "core/engine/past_rollout.h"

namespace ratdeck {

namespace {

Place::Manner mannerOf(const PlanWish& wish) {
  return {true, wish.kind == PlanKind::Try, wish.kind == PlanKind::Rollback, std::nullopt, {}};
}

Place::Manner mannerOf(const Planned& planned) {
  auto manner = mannerOf(planned.facts.wish);
  manner.schemaPast = planned.schemaPast;
  manner.doubts = planned.doubts;
  return manner;
}

Status checkMayStart(const Place& place, const Planned& planned, const StartWish& wish, bool isTargetNew) {
  const auto& plan = planned.facts.plan;
  if (plan.hash != wish.planHash)
    return failure(ErrorKind::Conflict, "another plan was made since", "look at the new plan");
  if (auto checked = checkProblems(plan); !checked)
    return checked;
  if (plan.isEmpty())
    return failure(ErrorKind::Refused, "nothing would change");
  for (const auto& version : plan.pastSchema)
    if (!wish.pastSchema.contains(version))
      return failure(ErrorKind::Refused, "schema version " + version + " would stay, and was not confirmed",
                     "type the versions that stay");
  if (auto open = checkOpen(plan, wish.windowOverride); !open)
    return open;
  return isTargetNew ? Done{} : checkNothingUnfinished(place, planned.facts.wish.choice);
}

RolloutStart startOf(const Deployment& deployment, const Planned& planned, const StartWish& wish,
                     const std::string& actor) {
  StartRollout request;
  request.plan = deployment.plan;
  request.actor = actor;
  request.hasPerson = true;
  request.approve = wish.approve;
  request.bakes = true;
  request.undoes = planned.facts.undoes;
  request.reason = wish.reason;
  request.windowOverride = neededOverride(deployment.plan, wish.windowOverride);
  RolloutStart ready;
  ready.start = std::move(request);
  ready.revision = deployment.revision;
  return ready;
}

// The place is held by now.
Result<RolloutStart> makeReady(Place& place, const Planned& planned, const StartWish& wish,
                               const std::string& actor,
                               const std::function<void(const std::string&)>& onStep) {
  const auto& plan = planned.facts.wish;
  auto deployment = lookAgain(place, planned.wanted, plan.choice, mannerOf(planned), planned.facts.plan,
                              "make a new plan and look at it");
  if (!deployment)
    return failure(deployment.error());
  if (auto open = checkOpen(deployment->plan, wish.windowOverride); !open) // it may have closed meanwhile
    return failure(open.error());
  if (auto ready = place.makeReady(*deployment, onStep); !ready)
    return failure(ready.error());
  return startOf(*deployment, planned, wish, actor);
}

RolloutStart withEngine(RolloutStart ready, Place& place, bool isTargetNew) {
  ready.engine = std::make_shared<EngineConfig>(place.engineConfig(isTargetNew));
  ready.rollout = ready.engine->hold->rollout.value;
  return ready;
}

} // namespace

Result<Planned> planOn(Place& place, const PlanWish& wish) {
  Planned planned{{wish, {}, {}, place.warnings()}, place.stack(), {}, {}};
  if (wish.kind == PlanKind::Rollback) {
    auto goal = rollbackGoal(place, {wish.rollout, wish.revision, {}});
    if (!goal)
      return failure(goal.error());
    planned.wanted = std::move(goal->wanted);
    planned.facts.undoes = goal->undoes;
    planned.schemaPast = std::move(goal->schemaPast);
    planned.doubts = std::move(goal->doubts);
  }
  auto deployment = prepareAs(place, planned.wanted, wish.choice, mannerOf(planned));
  if (!deployment)
    return failure(deployment.error());
  planned.facts.plan = std::move(deployment->plan);
  return planned;
}

Result<RolloutStart> readyToStart(Place& place, const Planned& planned, const StartWish& wish,
                                  const Beginning& beginning,
                                  const std::function<void(const std::string&)>& onStep) {
  if (auto may = checkMayStart(place, planned, wish, beginning.isTargetNew); !may)
    return failure(may.error());
  if (auto held = holdForRollout(place, beginning.actor, wish.takesOver); !held)
    return failure(held.error());
  auto ready = makeReady(place, planned, wish, beginning.actor, onStep);
  if (ready)
    return withEngine(std::move(*ready), place, beginning.isTargetNew);
  place.letGo();
  return ready;
}

Result<RolloutStart> readyToResume(Place& place, const ResumeWish& wish, const std::string& actor) {
  auto path = place.journals().find(wish.rollout);
  auto past = path ? readPastRollout(*path, place.folders().stack) : failure(path.error());
  if (!past)
    return failure(past.error());
  if (auto resumable = checkResumable(*past, place.revisions()); !resumable)
    return failure(resumable.error());
  if (auto held = place.hold({RolloutId(past->id()), place.folders().lock, actor, wish.takesOver}); !held)
    return failure(held.error());
  RolloutStart ready;
  ready.resume = ResumeRollout{};
  ready.resume->actor = actor;
  ready.resume->undo = wish.undo;
  ready.resume->bakes = true;
  ready.journal = *path;
  return withEngine(std::move(ready), place, false);
}

} // namespace ratdeck
