// sandbox up|down|status|fault|load.
#include "app/ratdeckctl/commands.h"
#include "app/ratdeckctl/output.h"
#include "app/ratdeckctl/sandbox_session.h"
#include "app/ratdeckctl/table.h"
#include "app/stack/await.h"
#include "core/base/file.h"
#include "core/rollout/outcome.h"

namespace ratdeck {

namespace {

int up(SandboxSession& session, const Options& options) {
  auto result = session.up();
  if (!result || !result->journal.empty())
    return printResult(options, result);
  printOutcome(options, emptyOutcome(result->state.plan));
  return exitDone;
}

int down(SandboxSession& session, const Options& options) {
  if (auto ended = session.sandbox().down(); !ended)
    return printError(ended.error());
  if (options.output == OutputFormat::Json)
    printJson({{"format", "sandbox/1"}, {"name", options.sandbox}, {"up", false}});
  else
    printText("sandbox " + options.sandbox + " is down\n");
  return exitDone;
}

int status(SandboxSession& session, const Options& options) {
  auto answer = await<SandboxStatus>(
      [&](Callback<SandboxStatus> done) { session.sandbox().admin().status(std::move(done)); });
  if (!answer)
    return printError(answer.error());
  Json faults = Json::array();
  Table table({"SERVICE", "FAULT", "VALUE", "SCOPE"});
  for (const auto& fault : answer->faults) {
    faults.push_back(
        {{"service", fault.service}, {"kind", fault.kind}, {"value", fault.value}, {"scope", fault.scope}});
    table.add({fault.service, fault.kind, fault.value, fault.scope});
  }
  if (options.output == OutputFormat::Json)
    printJson({{"format", "sandbox/1"},
               {"name", options.sandbox},
               {"up", true},
               {"pid", answer->info.pid},
               {"router_pid", answer->info.routerPid},
               {"subnet", answer->info.subnet},
               {"folder", answer->info.dir},
               {"instances", answer->instances.size()},
               {"faults", faults}});
  else
    printText("sandbox " + options.sandbox + " is up: process " + std::to_string(answer->info.pid) +
              ", addresses " + answer->info.subnet + ".x.y, " + std::to_string(answer->instances.size()) +
              " copies\n" + table.toText("no faults"));
  return exitDone;
}

int fault(SandboxSession& session, const Options& options) {
  const auto& words = options.positionals;
  bool clears = words[1] == "clear";
  Result<Done> done = Done{};
  if (clears) {
    done = await<Done>(
        [&](Callback<Done> answer) { session.sandbox().admin().clearFaults(words[0], std::move(answer)); });
  } else {
    auto fault = parseFault(words[0], words[1]);
    if (!fault)
      return printError(fault.error());
    fault->scope = options.faultScope;
    done = await<Done>(
        [&](Callback<Done> answer) { session.sandbox().admin().setFault(*fault, std::move(answer)); });
  }
  if (!done)
    return printError(done.error());
  if (options.output == OutputFormat::Json)
    printJson({{"format", "sandbox/1"}, {"service", words[0]}, {"fault", clears ? "" : words[1]}});
  else
    printText(words[0] + (clears ? ": no faults any more\n" : ": " + words[1] + "\n"));
  return exitDone;
}

int load(SandboxSession& session, const Options& options) {
  const auto& verb = options.positionals.front();
  if (verb == "start") {
    auto started = session.sandbox().startLoad(options.loadRate);
    return started ? exitDone : printError(started.error());
  }
  auto raw = verb == "stop" ? session.sandbox().stopLoad() : session.sandbox().readLoad();
  auto report = raw ? LoadReport::fromJson(*raw) : failure(raw.error());
  if (!report)
    return printError(report.error());
  if (!options.outFile.empty())
    if (auto written = writeFile(options.outFile, dumpJson(*raw) + "\n"); !written)
      return printError(written.error());
  Json failures = Json::array();
  for (const auto& failure : report->failures())
    failures.push_back({{"boot_ms", failure.bootMs},
                        {"kind", failure.kind},
                        {"target", failure.target},
                        {"status", failure.status},
                        {"detail", failure.detail},
                        {"version", failure.version}});
  if (options.output == OutputFormat::Json)
    printJson({{"format", "load/1"},
               {"requests", report->requests()},
               {"failed", report->failed()},
               {"posts",
                {{"acknowledged", report->postsAcknowledged()},
                 {"lost", countOrNull(report->postsLost())},
                 {"doubled", countOrNull(report->postsDoubled())}}},
               {"streams_completed", report->streamsCompleted()},
               {"p99_ms", report->percentileMs(0.99)},
               {"failures", failures}});
  else
    printText(std::to_string(report->failed()) + " of " + std::to_string(report->requests()) +
              " requests failed, " + std::to_string(report->streamsCompleted()) + " streams completed" +
              (verb == "stop" && !report->postsLost()
                   ? "; NO DATA on lost writes: the store's ledger could not be read\n"
                   : "\n"));
  return exitDone;
}

} // namespace

int runSandbox(const Environment& environment, const Options& options) {
  SandboxSession session(environment, options);
  if (options.subcommand == "up")
    return up(session, options);
  if (options.subcommand == "down")
    return down(session, options);
  if (options.subcommand == "status")
    return status(session, options);
  if (options.subcommand == "fault")
    return fault(session, options);
  return load(session, options);
}

} // namespace ratdeck
