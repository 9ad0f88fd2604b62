// config, plan, status, runs, history: they change nothing.
#include "app/ratdeckctl/commands.h"
#include "app/ratdeckctl/deploy.h"
#include "app/ratdeckctl/output.h"
#include "app/ratdeckctl/plan_file.h"
#include "app/ratdeckctl/table.h"
#include "app/stack/await.h"
#include "app/stack/place.h"
#include "app/stack/stack_source.h"
#include "core/base/file.h"
#include "core/base/wording.h"
#include "core/plan/plan_page.h"
#include "core/plan/plan_text.h"
#include "core/spec/compose/loader.h"
#include "core/spec/stack_choice.h"

#include <filesystem>

namespace ratdeck {

namespace {

const char* toString(Health health) {
  switch (health) {
  case Health::Unknown:
    return "unknown";
  case Health::Healthy:
    return "healthy";
  case Health::Unhealthy:
    return "unhealthy";
  }
  return "unknown";
}

const char* toString(Routing routing) {
  switch (routing) {
  case Routing::None:
    return "-";
  case Routing::Maintenance:
    return "out";
  case Routing::Serving:
    return "serving";
  case Routing::Draining:
    return "draining";
  case Routing::Down:
    return "down";
  }
  return "-";
}

Json toJson(const InstanceInfo& instance) {
  return {{"id", instance.id.value},
          {"service", instance.service},
          {"number", instance.number},
          {"image", instance.image},
          {"version", versionOf(instance.image)},
          {"revision", instance.revision},
          {"rollout", instance.rollout.value},
          {"state", instance.state == InstanceState::Running ? "running" : "exited"},
          {"exit_code", instance.exitCode},
          {"restarts", instance.restarts},
          {"address", instance.address},
          {"health", toString(instance.health)},
          {"health_detail", instance.healthDetail},
          {"routing", toString(instance.routing)}};
}

// A page for people where its name says so, else the plan as `deploy` reads it.
std::string fileTextOf(const Plan& plan, const std::string& path) {
  const auto extension = std::filesystem::path(path).extension();
  return extension == ".html" || extension == ".htm" || extension == ".xhtml" ? toPage(plan)
                                                                              : dumpJson(toJson(plan)) + "\n";
}

// A name that nothing there has is more likely mistyped than meant.
std::optional<Error> missingProject(const World& world, const Place& place, const Options& options) {
  if (!world.otherProjects || !world.instances.empty())
    return std::nullopt;
  return Error{ErrorKind::Refused,
               "there is no container of the project " + place.stack().project + " on " + place.title() +
                   (world.otherProjects->empty() ? std::string(", and no other project runs there")
                                                 : ", where these run: " + listed(*world.otherProjects)),
               "name another with -p, or start this one with `" + commandLine(options, "deploy") + "`",
               {}};
}

} // namespace

int runConfig(const Environment& environment, const Options& options) {
  auto loaded = loadStack(environment, options);
  if (!loaded)
    return printError(loaded.error());
  for (const auto& warning : loaded->warnings)
    printError(warning);
  for (const auto& service : options.services)
    if (!loaded->stack.find(service))
      return printError({ErrorKind::Usage,
                         "the stack has no service named " + service,
                         "see its services with: " + commandLine(options, "config"),
                         {}});
  auto config = compose::toConfigJson(loaded->stack);
  printText((options.output == OutputFormat::Json ? dumpJson(config) : config.dump(2)) + "\n");
  return exitDone;
}

int runPlan(const Environment& environment, const Options& options) {
  auto place = openPlace(environment, options, false);
  if (!place)
    return printError(place.error());
  auto deployment = place->prepare(place->stack(), options, {environment.hasTerminal, options.isTry});
  if (!deployment)
    return printError(deployment.error());
  auto& plan = deployment->plan;
  plan.inputs = inputsOf(options, environment);
  if (!options.outFile.empty())
    if (auto written = writeFile(options.outFile, fileTextOf(plan, options.outFile), 0600); !written)
      return printError(written.error());
  if (options.output == OutputFormat::Json)
    printJson(toJson(plan));
  else
    printText(toText(plan));
  return options.detailedExitCode && !plan.isEmpty() ? exitChanges : exitDone;
}

int runStatus(const Environment& environment, const Options& options) {
  auto place = openPlace(environment, options, true);
  if (!place)
    return printError(place.error());
  auto world = place->observe();
  if (!world)
    return printError(world.error());
  if (const auto missing = missingProject(*world, *place, options))
    return printError(*missing);
  Json instances = Json::array();
  Table table({"SERVICE", "COPY", "VERSION", "HEALTH", "TRAFFIC", "RESTARTS", "REVISION"});
  for (const auto& instance : world->instances) {
    instances.push_back(toJson(instance));
    bool hasExited = instance.state == InstanceState::Exited;
    table.add({instance.service, std::to_string(instance.number), versionOf(instance.image),
               hasExited ? "exited " + std::to_string(instance.exitCode) : toString(instance.health),
               toString(instance.routing), std::to_string(instance.restarts),
               std::to_string(instance.revision)});
  }
  if (options.output == OutputFormat::Json)
    printJson({{"format", "status/1"},
               {"project", place->stack().project},
               {"runtime", world->runtime},
               {"instances", instances}});
  else
    printText(
        table.toText("nothing runs here; start the stack with `" + commandLine(options, "deploy") + "`"));
  return exitDone;
}

int runRuns(const Environment& environment, const Options& options) {
  auto place = openPlace(environment, options, true);
  if (!place)
    return printError(place.error());
  auto* feed = place->target()->target().runs;
  if (!feed)
    return printError({ErrorKind::Refused,
                       "this stack does not say where its active runs are read",
                       "set x-ratdeck.active_runs in the Compose file",
                       {}});
  const auto world = place->observe(); // it finds the router, too
  if (!world)
    return printError(world.error());
  if (const auto missing = missingProject(*world, *place, options))
    return printError(*missing);
  auto runs = await<ActiveWork>([&](Callback<ActiveWork> done) { feed->activeRuns(done); });
  if (!runs)
    return printError(runs.error());
  Json list = Json::array();
  Table table({"RUN", "STATUS", "AGE"});
  for (const auto& run : runs->runs) {
    list.push_back({{"id", run.id}, {"status", run.status}, {"age_s", run.ageSeconds}});
    table.add(
        {run.id, run.status,
         run.ageSeconds < 0 ? "?" : toHumanString(std::chrono::seconds(static_cast<long>(run.ageSeconds)))});
  }
  if (options.output == OutputFormat::Json)
    printJson({{"format", "runs/1"}, {"active", runs->count}, {"runs", list}});
  else
    printText(table.toText("no active runs"));
  return exitDone;
}

int runHistory(const Environment& environment, const Options& options) {
  auto place = openPlace(environment, options, false);
  if (!place)
    return printError(place.error());
  auto journals = place->journals().list(place->folders().stack);
  if (!journals)
    return printError(journals.error());
  Json list = Json::array();
  Table table({"ROLLOUT", "RESULT", "STARTED", "TOOK", "BY", "CHANGES"});
  for (const auto& journal : *journals) {
    std::string changes;
    for (const auto& change : journal.header.changes)
      changes += (changes.empty() ? "" : ", ") + change.service + " " +
                 (change.from.empty() ? "" : change.from + " -> ") + change.to;
    std::string result = !journal.isReadable() ? "unreadable"
                         : journal.isClosed    ? journal.result
                         : journal.hasWriter   ? "running"
                                               : "unfinished";
    list.push_back({{"rollout", journal.header.rollout.value},
                    {"result", result},
                    {"try", journal.header.isTry},
                    {"started", toRfc3339(journal.started)},
                    {"ended", toRfc3339(journal.ended)},
                    {"by", journal.header.actor},
                    {"changes", changes},
                    {"window_override", journal.header.windowOverride},
                    {"journal", journal.path},
                    {"problem", journal.problem}});
    if (!journal.header.windowOverride.empty())
      changes += " (outside its window: " + journal.header.windowOverride + ")";
    table.add({journal.isReadable() ? journal.header.rollout.value : journal.path,
               (journal.header.isTry ? "try " : "") + result, toRfc3339(journal.started).substr(0, 19) + "Z",
               toHumanString(journal.ended - journal.started), journal.header.actor, changes});
  }
  if (options.output == OutputFormat::Json)
    printJson({{"format", "history/1"}, {"rollouts", list}, {"revisions", place->revisions().numbers()}});
  else
    printText(table.toText("no rollout of this stack is recorded here"));
  return exitDone;
}

} // namespace ratdeck
