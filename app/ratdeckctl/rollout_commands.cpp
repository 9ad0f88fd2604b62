// deploy, rollback.
#include "app/ratdeckctl/commands.h"
#include "app/ratdeckctl/deploy.h"
#include "app/ratdeckctl/output.h"
#include "app/ratdeckctl/plan_file.h"
#include "core/engine/past_rollout.h"
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

// The world may have moved while the question stood, or by another console until the stack was held: what is
// carried out then is the plan of now, and only if it is the one that was shown.
Result<Deployment> lookAgain(const Environment& environment, const Options& options, Place& place,
                             const StackSpec& wanted, Deployment shown) {
  if (!asksBefore(environment, options) && !place.hasSharedLock())
    return shown;
  auto now = place.prepare(wanted, options, {hasPerson(environment, options), options.isTry});
  if (!now)
    return now;
  if (options.isTry)
    now->plan = tryPlan(now->plan);
  if (auto stale = staleness(shown.plan, now->plan))
    return failure(stale->kind, stale->message, "run the command again and look at the new plan");
  return now;
}

Status checkNothingUnfinished(const Options& options, Place& place) {
  SystemClock clock;
  JournalStore store(place.folders().journalRoot, clock);
  auto unfinished = unfinishedRollout(store, place.folders().stack, place.revisions());
  if (!unfinished)
    return failure(unfinished.error());
  if (!*unfinished)
    return Done{};
  return failure(unfinishedError(**unfinished,
                                 commandLine(options, "resume-unfinished --rollout " + (*unfinished)->id()) +
                                     " --resume | --roll-back"));
}

int deployTo(const Environment& environment, const Options& options, Place& place, const StackSpec& wanted,
             const Plan* approved, const std::string& undoes) {
  if (auto can = checkCanAsk(environment, options); !can)
    return printError(can.error());
  if (auto free = checkNothingUnfinished(options, place); !free)
    return printError(free.error());
  auto deployment = place.prepare(wanted, options, {hasPerson(environment, options), options.isTry});
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
  if (auto consent = checkConsent(environment, options, deployment->plan); !consent)
    return printError(consent.error());
  if (auto confirmed = confirm(environment, options, deployment->plan, place.title()); !confirmed)
    return printError(confirmed.error());
  if (auto held = holdForRollout(environment, options, place); !held)
    return printError(held.error());
  auto now = lookAgain(environment, options, place, wanted, std::move(*deployment));
  if (!now) {
    place.letGo();
    return printError(now.error());
  }
  return printResult(options, carryOut(environment, options, place, *now, undoes));
}

// What a return to a revision undoes: the rollout that made a later one, if such a one is in place.
std::string undoneByReturn(const JournalStore& store, const std::string& stack, int number) {
  auto past = rolloutToUndo(store, stack);
  return past && past->plan->revision > number ? past->id() : std::string();
}

Result<PastRollout> namedRollout(const JournalStore& store, const std::string& stack,
                                 const std::string& name) {
  auto path = store.find(name);
  auto past = path ? readPastRollout(*path, stack) : failure(path.error());
  if (past && !past->plan)
    return failure(ErrorKind::Refused, "rollout " + past->id() + " was never begun", {}, {*path});
  if (past && past->plan->isTry)
    return failure(ErrorKind::Refused, "rollout " + past->id() + " was a try: it changed nothing",
                   "`ratdeckctl history` lists those that did", {*path});
  return past;
}

int rollBackTo(const Environment& environment, const Options& options, Place& place, int number,
               const JournalStore& store) {
  auto revision = place.revisions().load(number);
  if (!revision)
    return printError(revision.error());
  return deployTo(environment, options, place, revision->stack, nullptr,
                  undoneByReturn(store, place.folders().stack, number));
}

} // namespace

int runDeploy(const Environment& environment, const Options& options) {
  if (options.positionals.empty()) {
    auto place = openPlace(environment, options, true);
    if (!place)
      return printError(place.error());
    return deployTo(environment, options, *place, place->stack(), nullptr, {});
  }
  auto file = readPlanFile(options.positionals.front(), options);
  if (!file)
    return printError(file.error());
  auto place = openPlace(environment, file->inputs, true);
  if (!place)
    return printError(place.error());
  return deployTo(environment, file->inputs, *place, place->stack(), &file->plan, {});
}

int runRollback(const Environment& environment, const Options& options) {
  auto place = openPlace(environment, options, true);
  if (!place)
    return printError(place.error());
  SystemClock clock;
  JournalStore store(place->folders().journalRoot, clock);
  const auto& stack = place->folders().stack;
  if (options.toRevision)
    return rollBackTo(environment, options, *place, *options.toRevision, store);
  if (!options.toRollout.empty()) { // the stack as that rollout left it
    auto past = namedRollout(store, stack, options.toRollout);
    return past ? rollBackTo(environment, options, *place, past->plan->revision, store)
                : printError(past.error());
  }
  auto past = options.positionals.empty() ? rolloutToUndo(store, stack)
                                          : namedRollout(store, stack, options.positionals.front());
  if (!past)
    return printError(past.error());
  auto world = place->observe();
  if (!world)
    return printError(world.error());
  auto before = stackBefore(*past->plan, *world, place->revisions());
  if (!before)
    return printError(before.error());
  return deployTo(environment, options, *place, *before, nullptr, past->id());
}

} // namespace ratdeck
