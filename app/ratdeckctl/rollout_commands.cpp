// deploy, rollback, resume-unfinished.
#include "app/ratdeckctl/commands.h"
#include "app/ratdeckctl/deploy.h"
#include "app/ratdeckctl/output.h"
#include "app/ratdeckctl/plan_file.h"
#include "app/ratdeckctl/table.h"
#include "core/journal/event_record.h"
#include "core/journal/reader.h"
#include "core/journal/store.h"
#include "core/plan/plan_text.h"
#include "core/rollout/outcome.h"

#include <iostream>

namespace ratdeck {

namespace {

// With a terminal and without --yes: shows the plan and asks.
bool isConfirmed(const Environment& environment, const Options& options, const Plan& plan) {
  if (options.output == OutputFormat::Text)
    printText(toText(plan) + "\n");
  if (options.yes || !environment.hasTerminal || options.output == OutputFormat::Json)
    return true;
  printText("Deploy this to the sandbox " + options.sandbox + "? Type yes: ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes";
}

int report(const Options& options, const Result<SessionResult>& result) {
  if (!result)
    return printError(result.error());
  if (result->state.phase != RolloutPhase::Ended) {
    printError({ErrorKind::Cancelled,
                "rollout " + result->rollout.value + " is held unfinished",
                "go on with `ratdeckctl resume-unfinished --rollout " + result->rollout.value +
                    " --resume`, or undo it with --roll-back",
                {}});
    return exitInterrupted;
  }
  printOutcome(options, outcomeOf(result->state, result->rollout, result->journal));
  return result->exitCode;
}

int deployTo(const Environment& environment, const Options& options, Place& place, const StackSpec& wanted,
             const Plan* approved, const std::string& undoes) {
  auto deployment = place.prepare(wanted, options, environment.hasTerminal);
  if (!deployment)
    return printError(deployment.error());
  if (approved && !options.replan)
    if (auto stale = staleness(*approved, deployment->plan))
      return printError(*stale);
  if (auto checked = checkProblems(deployment->plan); !checked)
    return printError(checked.error());
  if (deployment->plan.isEmpty()) {
    printOutcome(options, emptyOutcome(deployment->plan));
    return exitDone;
  }
  if (!isConfirmed(environment, options, deployment->plan))
    return printError({ErrorKind::Cancelled, "not confirmed; nothing was changed", {}, {}});
  return report(options, carryOut(environment, options, place, *deployment, undoes));
}

// The plan that a journal's rollout carried out.
Result<Plan> planOf(const std::string& journalPath) {
  auto journal = JournalReader::open(journalPath);
  if (!journal)
    return failure(journal.error());
  while (auto record = journal->next())
    if (record->type == toString(EventType::RolloutStarted)) {
      auto event = eventOf(*record);
      return event ? planFromJson(memberAt(event->detail, "plan")) : failure(event.error());
    }
  return failure(ErrorKind::Input, "holds no started rollout", {}, {journalPath});
}

// The newest rollout that left its new version in place.
Result<std::string> lastSucceeded(const JournalStore& store, const std::string& stack) {
  auto journals = store.list(stack);
  if (!journals)
    return failure(journals.error());
  for (const auto& journal : *journals)
    if (journal.isClosed && journal.result == toString(RolloutResult::Succeeded))
      return journal.path;
  return failure(ErrorKind::NotFound,
                 "no rollout of this stack has succeeded, so there is nothing to roll back",
                 "`ratdeckctl history` lists what is recorded");
}

} // namespace

int runDeploy(const Environment& environment, const Options& options) {
  if (options.positionals.empty()) {
    auto place = Place::open(environment, options, true);
    if (!place)
      return printError(place.error());
    return deployTo(environment, options, *place, place->stack(), nullptr, {});
  }
  auto file = readPlanFile(options.positionals.front(), options);
  if (!file)
    return printError(file.error());
  auto place = Place::open(environment, file->inputs, true);
  if (!place)
    return printError(place.error());
  return deployTo(environment, file->inputs, *place, place->stack(), &file->plan, {});
}

int runRollback(const Environment& environment, const Options& options) {
  auto place = Place::open(environment, options, true);
  if (!place)
    return printError(place.error());
  if (options.toRevision) {
    auto revision = place->revisions().load(*options.toRevision);
    if (!revision)
      return printError(revision.error());
    return deployTo(environment, options, *place, revision->stack, nullptr, {});
  }
  SystemClock clock;
  JournalStore store(place->folders().journalRoot, clock);
  auto named = !options.toRollout.empty()    ? options.toRollout
               : options.positionals.empty() ? std::string()
                                             : options.positionals.front();
  auto path = named.empty() ? lastSucceeded(store, place->folders().stack) : store.find(named);
  if (!path)
    return printError(path.error());
  auto plan = planOf(*path);
  if (!plan)
    return printError(plan.error());
  if (!options.toRollout.empty()) { // the stack as that rollout left it
    auto revision = place->revisions().load(plan->revision);
    return revision ? deployTo(environment, options, *place, revision->stack, nullptr, {})
                    : printError(revision.error());
  }
  auto world = place->observe();
  if (!world)
    return printError(world.error());
  auto before = stackBefore(*plan, *world, place->revisions());
  if (!before)
    return printError(before.error());
  return deployTo(environment, options, *place, *before, nullptr, summaryOf(*path).header.rollout.value);
}

int runResumeUnfinished(const Environment& environment, const Options& options) {
  auto place = Place::open(environment, options, false);
  if (!place)
    return printError(place.error());
  SystemClock clock;
  JournalStore store(place->folders().journalRoot, clock);
  auto unfinished = store.unfinished(place->folders().stack);
  if (!unfinished)
    return printError(unfinished.error());
  if (!options.resume && !options.rollBack) {
    Json list = Json::array();
    Table table({"ROLLOUT", "STARTED", "BY", "NEXT"});
    for (const auto& journal : *unfinished) {
      auto id = journal.header.rollout.value;
      list.push_back({{"rollout", id}, {"started", toRfc3339(journal.started)}, {"journal", journal.path}});
      table.add({id, toRfc3339(journal.started).substr(0, 19) + "Z", journal.header.actor,
                 "resume-unfinished --rollout " + id + " --resume | --roll-back"});
    }
    if (options.output == OutputFormat::Json)
      printJson({{"format", "unfinished/1"}, {"rollouts", list}});
    else
      printText(table.toText("no rollout of this stack is unfinished"));
    return exitDone;
  }
  if (unfinished->empty())
    return printError({ErrorKind::NotFound, "no rollout of this stack is unfinished", {}, {}});
  if (options.rollout.empty() && unfinished->size() > 1)
    return printError({ErrorKind::Usage, "several rollouts are unfinished", "name one with --rollout", {}});
  auto path =
      options.rollout.empty() ? Result<std::string>(unfinished->front().path) : store.find(options.rollout);
  if (!path)
    return printError(path.error());
  ResumeRollout request;
  request.actor = environment.actor;
  request.undo = options.rollBack;
  RolloutSession session(environment, options, place->engineConfig());
  return report(options, session.resume(*path, request));
}

} // namespace ratdeck
