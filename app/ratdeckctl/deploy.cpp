#include "app/ratdeckctl/deploy.h"

#include "app/ratdeckctl/outcome_text.h"
#include "app/ratdeckctl/output.h"
#include "core/base/wording.h"
#include "core/rollout/outcome.h"
#include "core/rollout/past_schema.h"
#include "core/rollout/task_view.h"
#include "core/spec/stack_choice.h"

#include <algorithm>
#include <iostream>
#include <set>

namespace ratdeck {

Result<Place> openPlace(const Environment& environment, const Options& options, bool mustBeReachable) {
  auto place = Place::open(environment, options, mustBeReachable);
  if (place)
    for (const auto& warning : place->warnings())
      printError(warning);
  return place;
}

Status checkConsent(const Environment& environment, const Options& options, const Plan& plan) {
  if (options.yes || environment.hasTerminal)
    return Done{};
  for (const auto& [name, service] : plan.services)
    if (service.action == PlanAction::Update && service.secondsWithout > 0s)
      return failure(ErrorKind::Usage,
                     "nobody serves " + name + " for up to " + toHumanString(service.secondsWithout) + " (" +
                         service.orderReason + "), and nobody can be asked here",
                     "add --yes if that may be");
  return Done{};
}

Status confirmPastSchema(const Options& options, const Plan& plan, bool canAsk) {
  const std::set<std::string> named(options.pastSchema.begin(), options.pastSchema.end());
  std::vector<std::string> missing;
  for (const auto& version : plan.pastSchema)
    if (!named.contains(version))
      missing.push_back(version);
  if (missing.empty())
    return Done{};
  if (canAsk) {
    printText("These schema versions stay though the code goes back: " + listed(missing) +
              "\nType their names to go back past them: ");
    std::string line;
    std::getline(std::cin, line);
    const bool isNamed = std::all_of(missing.begin(), missing.end(),
                                     [&](const auto& version) { return isNamedIn(line, version); });
    return isNamed ? Status(Done{}) : failure(ErrorKind::Refused, "not confirmed; nothing was changed");
  }
  return failure(ErrorKind::Usage,
                 "these schema versions stay though the code goes back, since nothing takes them away: " +
                     listed(missing),
                 "add" + pastSchemaOptions(plan.pastSchema) +
                     " if the version you go back to works with them");
}

std::string pastSchemaOptions(const std::vector<std::string>& versions) {
  std::string words;
  for (const auto& version : versions)
    words += " --past-schema " + shellQuoted(version);
  return words;
}

bool hasPerson(const Environment& environment, const Options& options) {
  return environment.hasTerminal && options.output == OutputFormat::Text;
}

Status checkApprovable(const Environment& environment, const Options& options, const Plan& plan,
                       const std::string& approve) {
  if (plan.approvals.empty() || approve != "ask" || hasPerson(environment, options))
    return Done{};
  return failure(ErrorKind::Usage,
                 "the plan waits for the approval \"" + plan.approvals.front().id +
                     "\", and nobody can be asked here",
                 "add --approve auto to grant it, or --approve wait to let it wait for somebody else");
}

namespace {

std::function<void(const std::string&)> saying(const Options& options) {
  return [isText = options.output == OutputFormat::Text](const std::string& step) {
    if (isText)
      printText(step + "\n");
  };
}

Result<SessionResult> rollOut(const Environment& environment, const Options& options, Place& place,
                              Deployment deployment, const std::string& undoes, bool isTargetNew) {
  if (auto approvable = checkApprovable(environment, options, deployment.plan, options.approve); !approvable)
    return failure(approvable.error());
  if (auto ready = place.makeReady(deployment, saying(options)); !ready)
    return failure(ready.error());
  StartRollout request;
  request.plan = deployment.plan;
  request.actor = environment.actor;
  request.hasPerson = hasPerson(environment, options);
  request.approve = options.approve;
  request.undoes = undoes;
  request.bakes = options.waitsForBake;
  request.windowOverride = neededOverride(deployment.plan, options.overrideWindow);
  RolloutSession session(environment, options, place.engineConfig(isTargetNew));
  return session.start(request, deployment.revision);
}

} // namespace

Result<SessionResult> carryOut(const Environment& environment, const Options& options, Place& place,
                               Deployment deployment, const std::string& undoes, bool isTargetNew) {
  auto result = rollOut(environment, options, place, std::move(deployment), undoes, isTargetNew);
  if (!result)
    place.letGo();
  return result;
}

void printOutcome(const Options& options, const Json& outcome) {
  if (options.output == OutputFormat::Json)
    printJson(outcome);
  else
    printText(summaryOf(outcome));
}

int printResult(const Options& options, const Result<SessionResult>& result) {
  if (!result)
    return printError(result.error());
  if (result->state.phase == RolloutPhase::Ended) {
    printOutcome(options, outcomeOf(result->state, result->rollout, result->journal));
    if (!result->fault.empty())
      printError({ErrorKind::Internal, "the rollout is over, but: " + result->fault, {}, {}});
    return result->exitCode;
  }
  const auto& state = result->state;
  auto id = result->rollout.value;
  auto why = result->fault.empty()
                 ? "rollout " + id + " is held unfinished" +
                       (state.heldReason.empty() ? "" : ": " + state.heldReason)
                 : "the engine stopped, and rollout " + id + " is unfinished: " + result->fault;
  const auto past =
      state.phase == RolloutPhase::Rolling ? pastSchemaOf(state).names() : std::set<std::string>();
  return printError({ErrorKind::Cancelled,
                     why,
                     "go on with `" +
                         commandLine(options, "resume-unfinished --rollout " + id + " --resume") +
                         "`, or undo it with --roll-back" + pastSchemaOptions({past.begin(), past.end()}),
                     {}});
}

Json emptyOutcome(const Plan& plan) {
  RolloutState state;
  state.plan = plan;
  state.result = RolloutResult::Succeeded;
  return outcomeOf(state, {}, {});
}

} // namespace ratdeck
