// deploy, rollback.
#include "app/ratdeckctl/commands.h"
#include "app/ratdeckctl/deploy.h"
#include "app/ratdeckctl/output.h"
#include "app/ratdeckctl/plan_file.h"
#include "app/stack/rollback.h"
#include "core/plan/plan_text.h"
#include "core/plan/try_plan.h"
#include "core/spec/stack_choice.h"

#include <iostream>

namespace ratdeck {

namespace {

// A try changes nothing for anybody.
bool asksBefore(const Environment& environment, const Options& options) {
  return environment.hasTerminal && !options.yes && !options.isTry;
}

Status checkCanAsk(const Environment& environment, const Options& options) {
  if (!asksBefore(environment, options) || options.output == OutputFormat::Text)
    return Done{};
  return failure(ErrorKind::Usage, "with --output json nobody is asked before it starts",
                 "add --yes if it may start at once");
}

bool isConfirmed(const Options& options, const std::string& target) {
  printText((options.command == "rollback" ? "Roll back to this on " : "Deploy this to ") + target +
            "? Type yes: ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes";
}

// Shows the plan and asks.
Status confirm(const Environment& environment, const Options& options, const Plan& plan,
               const std::string& target) {
  if (options.output == OutputFormat::Text)
    printText(toText(plan) + "\n");
  if (asksBefore(environment, options) && !isConfirmed(options, target))
    return failure(ErrorKind::Refused, "not confirmed; nothing was changed");
  return Done{};
}

Place::Manner mannerOf(const Environment& environment, const Options& options) {
  return {hasPerson(environment, options), options.isTry, options.command == "rollback", {}, {}};
}

// Where nobody was asked and nobody else could have changed anything, what was shown is what is.
Result<Deployment> deploymentOfNow(const Environment& environment, const Options& options, Place& place,
                                   const StackSpec& wanted, const Place::Manner& manner, Deployment shown) {
  if (!asksBefore(environment, options) && !place.hasSharedLock())
    return shown;
  auto now =
      lookAgain(place, wanted, options, manner, shown.plan, "run the command again and look at the new plan");
  if (now)
    if (auto open = checkOpen(now->plan, options.overrideWindow); !open)
      return failure(open.error());
  return now;
}

// `approved`: the plan that was seen before; `goal`: of a rollback. Either may be null.
int deployTo(const Environment& environment, const Options& options, Place& place, const StackSpec& wanted,
             const Plan* approved, const RollbackGoal* goal) {
  if (auto can = checkCanAsk(environment, options); !can)
    return printError(can.error());
  if (auto free = checkNothingUnfinished(place, options); !free)
    return printError(free.error());
  auto manner = mannerOf(environment, options);
  if (goal) {
    manner.schemaPast = goal->schemaPast;
    manner.doubts = goal->doubts;
  }
  auto deployment = place.prepare(wanted, options, manner);
  if (!deployment)
    return printError(deployment.error());
  if (approved && !options.replan)
    if (auto stale = staleness(*approved, deployment->plan))
      return printError(*stale);
  if (auto checked = checkProblems(deployment->plan); !checked)
    return printError(checked.error());
  if (options.isTry)
    deployment->plan = tryPlan(deployment->plan);
  if (deployment->plan.isEmpty()) {
    printOutcome(options, emptyOutcome(deployment->plan));
    return exitDone;
  }
  if (auto open = checkOpen(deployment->plan, options.overrideWindow); !open)
    return printError(open.error());
  if (auto consent = checkConsent(environment, options, deployment->plan); !consent)
    return printError(consent.error());
  if (auto confirmed = confirm(environment, options, deployment->plan, place.title()); !confirmed)
    return printError(confirmed.error());
  if (auto past = confirmPastSchema(options, deployment->plan, asksBefore(environment, options)); !past)
    return printError(past.error());
  if (auto held = holdForRollout(place, environment.actor, options.takesOver); !held)
    return printError(held.error());
  auto now = deploymentOfNow(environment, options, place, wanted, manner, std::move(*deployment));
  if (!now) {
    place.letGo();
    return printError(now.error());
  }
  return printResult(options, carryOut(environment, options, place, *now, goal ? goal->undoes : ""));
}

} // namespace

int runDeploy(const Environment& environment, const Options& options) {
  if (options.positionals.empty()) {
    auto place = openPlace(environment, options, true);
    if (!place)
      return printError(place.error());
    return deployTo(environment, options, *place, place->stack(), nullptr, nullptr);
  }
  auto file = readPlanFile(options.positionals.front(), options);
  if (!file)
    return printError(file.error());
  auto place = openPlace(environment, file->inputs, true);
  if (!place)
    return printError(place.error());
  return deployTo(environment, file->inputs, *place, place->stack(), &file->plan, nullptr);
}

int runRollback(const Environment& environment, const Options& options) {
  auto place = openPlace(environment, options, true);
  if (!place)
    return printError(place.error());
  const RollbackWish wish{options.positionals.empty() ? std::string() : options.positionals.front(),
                          options.toRevision, options.toRollout};
  auto goal = rollbackGoal(*place, wish);
  if (!goal)
    return printError(goal.error());
  return deployTo(environment, options, *place, goal->wanted, nullptr, &*goal);
}

} // namespace ratdeck
