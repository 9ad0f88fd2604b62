#include "app/stack/before_rollout.h"

#include "core/engine/past_rollout.h"
#include "core/plan/try_plan.h"

namespace ratdeck {

Status checkProblems(const Plan& plan) {
  for (const auto& problem : plan.problems)
    if (problem.severity == Severity::Error)
      return failure(ErrorKind::Input, problem.message, {}, problem.where);
  return Done{};
}

Status checkOpen(const Plan& plan, const std::string& overrides) {
  const auto closures = closuresOf(plan);
  if (closures.empty() || !overrides.empty())
    return Done{};
  return failure(ErrorKind::Refused, closures.front().message,
                 "to deploy all the same, give the reason, which is kept: --override-window REASON");
}

std::string neededOverride(const Plan& plan, const std::string& overrides) {
  return closuresOf(plan).empty() ? std::string() : overrides;
}

Status checkNothingUnfinished(const Place& place, const StackChoice& choice) {
  auto unfinished = unfinishedRollout(place.journals(), place.folders().stack, place.revisions());
  if (!unfinished)
    return failure(unfinished.error());
  if (!*unfinished)
    return Done{};
  return failure(unfinishedError(**unfinished,
                                 commandLine(choice, "resume-unfinished --rollout " + (*unfinished)->id()) +
                                     " --resume | --roll-back"));
}

Status holdForRollout(Place& place, const std::string& actor, bool takesOver) {
  return place.hold({place.journals().nextRolloutId(), place.folders().lock, actor, takesOver});
}

Result<Deployment> prepareAs(Place& place, const StackSpec& wanted, const StackChoice& choice,
                             Place::Manner manner) {
  auto deployment = place.prepare(wanted, choice, manner);
  if (deployment && manner.isTry)
    deployment->plan = tryPlan(deployment->plan);
  return deployment;
}

Result<Deployment> lookAgain(Place& place, const StackSpec& wanted, const StackChoice& choice,
                             Place::Manner manner, const Plan& shown, const std::string& next) {
  auto now = prepareAs(place, wanted, choice, manner);
  if (!now)
    return now;
  if (auto stale = staleness(shown, now->plan))
    return failure(stale->kind, stale->message, next);
  return now;
}

} // namespace ratdeck
