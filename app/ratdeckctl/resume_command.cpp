// resume-unfinished: lists what an engine left behind, goes on with one, or undoes it.
#include "app/ratdeckctl/commands.h"
#include "app/ratdeckctl/deploy.h"
#include "app/ratdeckctl/output.h"
#include "app/ratdeckctl/table.h"
#include "app/stack/unfinished.h"
#include "core/engine/past_rollout.h"
#include "core/journal/event_record.h"
#include "core/journal/reader.h"
#include "core/rollout/past_schema.h"
#include "core/spec/stack_choice.h"

#include <algorithm>
#include <filesystem>

namespace ratdeck {

namespace {

int list(const Options& options, const std::vector<Unfinished>& unfinished) {
  Json rollouts = Json::array();
  Table table({"ROLLOUT", "STARTED", "BY", "NEXT"});
  for (const auto& [journal, refusal] : unfinished) {
    const auto& id = journal.header.rollout.value;
    rollouts.push_back({{"rollout", id},
                        {"try", journal.header.isTry},
                        {"started", toRfc3339(journal.started)},
                        {"journal", journal.path},
                        {"problem", refusal ? refusal->toString() : ""}});
    table.add({id + (journal.header.isTry ? " (a try)" : ""), toRfc3339(journal.started).substr(0, 19) + "Z",
               journal.header.actor,
               refusal
                   ? refusal->toString()
                   : commandLine(options, "resume-unfinished --rollout " + id) + " --resume | --roll-back"});
  }
  if (options.output == OutputFormat::Json)
    printJson({{"format", "unfinished/1"}, {"rollouts", rollouts}});
  else
    printText(table.toText("no rollout of this stack is unfinished"));
  return exitDone;
}

// The one that is meant where none is named.
Result<std::string> onlyOne(const Options& options, const std::vector<Unfinished>& unfinished) {
  std::vector<const Unfinished*> fits;
  for (const auto& one : unfinished)
    if (!one.refusal)
      fits.push_back(&one);
  if (fits.size() == 1)
    return fits.front()->journal.path;
  if (fits.empty() && !unfinished.empty())
    return failure(*unfinished.front().refusal);
  if (fits.empty())
    return failure(ErrorKind::NotFound, "no rollout of this stack is unfinished");
  return failure(ErrorKind::Usage, "several rollouts are unfinished",
                 "name one with --rollout; `" + commandLine(options, "resume-unfinished") + "` lists them");
}

// As far as the journal can be read: what is wrong with it the engine says better.
RolloutState stateOf(const std::string& path) {
  RolloutState state;
  if (auto journal = JournalReader::open(path))
    while (auto record = journal->next())
      if (auto event = eventOf(*record))
        apply(state, *event);
  return state;
}

// An undo that is refused where nobody can be asked would never end.
Status checkNamed(const ResumeRollout& request, const std::string& path) {
  if (!request.undo || request.hasPerson)
    return Done{};
  const auto state = stateOf(path);
  const auto past = pastSchemaOf(state);
  const auto names = past.names();
  if (state.phase != RolloutPhase::Rolling ||
      std::includes(request.pastSchema.begin(), request.pastSchema.end(), names.begin(), names.end()))
    return Done{};
  return failure(ErrorKind::Usage, toText(past) + ", though the code goes back",
                 "add" + pastSchemaOptions({names.begin(), names.end()}) +
                     " if that may be, and the old version works so");
}

Result<SessionResult> resume(const Environment& environment, const Options& options, Place& place,
                             const std::string& path) {
  ResumeRollout request;
  request.actor = environment.actor;
  request.undo = options.rollBack;
  request.pastSchema.insert(options.pastSchema.begin(), options.pastSchema.end());
  request.hasPerson = hasPerson(environment, options);
  if (options.isApproveNamed)
    request.approve = options.approve;
  request.bakes = options.waitsForBake;
  auto past = readPastRollout(path, place.folders().stack); // what is wrong with it the engine says better
  if (past && past->plan && !request.undo) {
    auto approve = options.isApproveNamed ? options.approve : past->approve;
    if (auto approvable = checkApprovable(environment, options, *past->plan, approve); !approvable)
      return failure(approvable.error());
  }
  if (auto named = checkNamed(request, path); !named)
    return failure(named.error());
  const RolloutId rollout(std::filesystem::path(path).stem().string());
  if (auto held = place.hold({rollout, place.folders().lock, environment.actor, options.takesOver}); !held)
    return failure(held.error());
  auto result = [&] {
    RolloutSession session(environment, options, place.engineConfig());
    return session.resume(path, request);
  }();
  if (!result)
    place.letGo();
  return result;
}

} // namespace

int runResumeUnfinished(const Environment& environment, const Options& options) {
  auto place = openPlace(environment, options, false);
  if (!place)
    return printError(place.error());
  auto unfinished = unfinishedOf(*place);
  if (!unfinished)
    return printError(unfinished.error());
  if (!options.resume && !options.rollBack)
    return list(options, *unfinished);
  auto path =
      options.rollout.empty() ? onlyOne(options, *unfinished) : place->journals().find(options.rollout);
  if (!path)
    return printError(path.error());
  return printResult(options, resume(environment, options, *place, *path));
}

} // namespace ratdeck
