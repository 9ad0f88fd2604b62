#include "app/ratdeckctl/options.h"

#include "core/base/plain_text.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>

namespace ratdeck {

namespace {

// The contract: bad usage is exit 2, help and version are 0.
constexpr int badUsage = 2;

void addOutput(CLI::App& command, Options& options) {
  command
      .add_option("--output", options.output,
                  "text, or json: one object on one line, the last line of stdout")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, OutputFormat>{{"text", OutputFormat::Text}, {"json", OutputFormat::Json}}));
  command.add_flag("--no-color", options.noColor, "no colours, whatever the terminal can do");
}

void addTarget(CLI::App& command, Options& options) {
  command.add_option("--runtime", options.runtime, "where the stack runs: sandbox or docker")
      ->check(CLI::IsMember({"sandbox", "docker"}))
      ->each([&options](const std::string&) { options.isRuntimeNamed = true; });
  command.add_option("--sandbox", options.sandbox, "name of the sandbox")->capture_default_str();
  command.add_option("--context", options.context,
                     "Docker context (default: DOCKER_HOST, DOCKER_CONTEXT, the current one)");
  command.add_option("--journal-dir", options.journalFolder, "where journals are kept");
}

// One value each time the option stands there: what follows it is the command's own again.
CLI::Option* addList(CLI::App& command, const char* name, std::vector<std::string>& values,
                     const char* text) {
  return command.add_option(name, values, text)->allow_extra_args(false);
}

// Which stack is meant.
void addStackName(CLI::App& command, Options& options) {
  addList(command, "-f,--file", options.files, "Compose file; several are merged in order")
      ->type_name("FILE");
  addList(command, "--env-file", options.envFiles, "variables for the Compose files")->type_name("FILE");
  addList(command, "--profile", options.profiles, "Compose profile to enable");
  command.add_option("-p,--project-name", options.projectName, "name of the project");
}

void addServices(CLI::App& command, Options& options, const char* text) {
  addList(command, "--service", options.services, text);
}

void addStack(CLI::App& command, Options& options) {
  addStackName(command, options);
  command
      .add_option_function<std::vector<std::string>>(
          "--set",
          [&options](const std::vector<std::string>& items) {
            for (const auto& item : items) {
              auto equals = item.find('=');
              if (equals == std::string::npos || equals == 0 || equals + 1 == item.size())
                throw CLI::ValidationError(
                    "--set", "\"" + item + "\" is not SERVICE=IMAGE, SERVICE=:TAG or SERVICE=@DIGEST");
              options.setImages[item.substr(0, equals)] = item.substr(equals + 1);
            }
          },
          "SERVICE=IMAGE, SERVICE=:TAG or SERVICE=@DIGEST")
      ->allow_extra_args(false);
  addServices(command, options, "only this service (running infrastructure: only if named)");
}

void addRollout(CLI::App& command, Options& options) {
  command.add_flag("-y,--yes", options.yes, "do not ask before starting");
  command
      .add_option("--approve", options.approve, "at an approval gate: ask here, grant it, or wait for others")
      ->check(CLI::IsMember({"ask", "auto", "wait"}))
      ->each([&options](const std::string&) { options.isApproveNamed = true; })
      ->capture_default_str();
  command
      .add_option_function<std::string>(
          "--timeout",
          [&options](const std::string& text) {
            auto duration = parseDuration(text);
            if (!duration || *duration <= Duration::zero())
              throw CLI::ValidationError("--timeout",
                                         duration ? "must be above zero" : duration.error().message);
            options.timeout = *duration;
          },
          "undo the rollout if it has not ended by then, e.g. 10m; where that would go past schema versions "
          "that --past-schema does not name, hold it instead and exit 130")
      ->type_name("DURATION");
  addList(command, "--past-schema", options.pastSchema,
          "go back although this schema version stays, since nothing takes it away; name each that does")
      ->type_name("VERSION");
  command.add_flag(
      "--wait-bake", options.waitsForBake,
      "after the last step, go on watching the release for its bake time before the rollout ends");
  command.add_flag(
      "--take-over", options.takesOver,
      "take over the stack's lock at its target if another console holds it and has given no sign of "
      "life for 60 s; see first that nobody works there any more");
}

CLI::App* add(CLI::App& app, const char* name, const char* text, Options& options) {
  auto* command = app.add_subcommand(name, text);
  command->callback([&options, name] { options.command = name; });
  addOutput(*command, options);
  return command;
}

void addStackCommands(CLI::App& app, Options& options) {
  auto* config = add(app, "config", "print what was understood of the Compose files, as JSON", options);
  addStack(*config, options);

  auto* plan =
      add(app, "plan", "what a deploy would change, in which waves, with which gates and problems", options);
  addStack(*plan, options);
  addTarget(*plan, options);
  plan->add_option("--out", options.outFile,
                   "write the plan to this file, for `ratdeckctl deploy FILE`; as FILE.html it is a page for "
                   "people, for a change ticket");
  plan->add_flag("--detailed-exitcode", options.detailedExitCode, "exit 10 if there is something to do");

  auto* deploy = add(app, "deploy", "roll the stack to what the Compose files or a plan file say", options);
  deploy->add_option("plan", options.positionals, "a plan file written by `plan --out`")->expected(0, 1);
  addStack(*deploy, options);
  addTarget(*deploy, options);
  addRollout(*deploy, options);
  deploy->add_flag("--replan", options.replan,
                   "plan anew if the world has moved since the plan file was written");
  deploy
      ->add_option_function<std::string>(
          "--override-window",
          [&options](const std::string& reason) {
            if (reason.find_first_not_of(" \t\n") == std::string::npos)
              throw CLI::ValidationError("--override-window", "say why");
            options.overrideWindow = reason;
          },
          "begin outside the windows of the stack or in a freeze, for this reason; it is kept in the journal "
          "and shown in the history (a rollback needs none)")
      ->type_name("REASON");
  deploy->add_flag("--try", options.isTry,
                   "start the new copies, wait for their gates, route nothing to them and remove them again: "
                   "users notice nothing, so it does not ask; exit 0 if every gate passed, 1 if not");
}

void addRolloutCommands(CLI::App& app, Options& options) {
  auto* rollback = add(app, "rollback", "bring an earlier revision back, as a new rollout", options);
  rollback->add_option("rollout", options.positionals, "the rollout to undo; without it, the last one")
      ->expected(0, 1);
  rollback->add_option_function<std::string>(
      "--to",
      [&options](const std::string& text) {
        bool isNumber =
            !text.empty() && text.find_first_not_of("0123456789") == std::string::npos && text.size() < 9;
        if (isNumber)
          options.toRevision = std::stoi(text);
        else
          options.toRollout = text;
      },
      "a revision's number, or the rollout whose result is wanted");
  addServices(*rollback, options, "only this service");
  addStackName(*rollback, options);
  addTarget(*rollback, options);
  addRollout(*rollback, options);

  auto* resume =
      add(app, "resume-unfinished", "after a crash: list unfinished rollouts, resume or undo one", options);
  resume->add_option("--rollout", options.rollout, "which one");
  auto* goOn = resume->add_flag("--resume", options.resume, "go on where it stopped");
  resume->add_flag("--roll-back", options.rollBack, "undo it: the old versions come back")->excludes(goOn);
  addStackName(*resume, options);
  addTarget(*resume, options);
  addRollout(*resume, options);
}

void addReadingCommands(CLI::App& app, Options& options) {
  for (auto [name, text] :
       {std::pair("status", "health, version and traffic of every copy"),
        std::pair("runs", "active runs: what a drain would wait for"),
        std::pair("history", "past rollouts and the revisions that can be brought back")}) {
    auto* command = add(app, name, text, options);
    addStackName(*command, options);
    addTarget(*command, options);
  }
}

void addSandboxCommands(CLI::App& app, Options& options) {
  auto* demo = add(
      app, "demo",
      "sandbox up, version 1 under load, roll the application services to version 2, report, down", options);
  demo->add_option("--rate", options.loadRate, "requests a second")->check(CLI::Range(1.0, 5000.0));
  demo->add_flag("--keep", options.keep, "leave the sandbox up afterwards");
  demo->add_option("--sandbox", options.sandbox, "name of the sandbox (default: demo)");
  demo->add_option("--journal-dir", options.journalFolder, "where journals are kept");

  auto* sandbox = app.add_subcommand("sandbox", "the embedded stand-in stack: up, down, status, fault, load");
  sandbox->require_subcommand(1);
  auto sub = [&](const char* name, const char* text) {
    auto* command = sandbox->add_subcommand(name, text);
    command->callback([&options, name] {
      options.command = "sandbox";
      options.subcommand = name;
    });
    addOutput(*command, options);
    command->add_option("--sandbox", options.sandbox, "name of the sandbox")->capture_default_str();
    return command;
  };
  auto* up = sub("up", "start it and bring the stack up (without -f: RAT Pro's own Compose files)");
  addStack(*up, options);
  up->add_option("--journal-dir", options.journalFolder, "where journals are kept");
  sub("down", "stop everything it started");
  sub("status", "is it up, where, with which faults");
  auto* fault = sub("fault", "SERVICE KIND[=VALUE] | SERVICE clear");
  fault
      ->add_option("fault", options.positionals,
                   "SERVICE KIND[=VALUE], e.g. ratd errors=0.2, or SERVICE clear")
      ->expected(2)
      ->required();
  auto scope = [&](const char* flag, const char* value, const char* text) {
    return fault->add_flag_callback(
        flag, [&options, value] { options.faultScope = value; }, text);
  };
  scope("--now", "now", "copies that run too")
      ->excludes(scope("--next", "next", "only copies started later"));
  auto* load = sub("load", "start|report|stop the load generator");
  load->add_option("verb", options.positionals, "start, report or stop")
      ->expected(1)
      ->required()
      ->check(CLI::IsMember({"start", "report", "stop"}));
  load->add_option("--out", options.outFile, "write the whole report with every sample to this file");
  load->add_option("--rate", options.loadRate, "requests a second")->check(CLI::Range(1.0, 5000.0));
}

// What CLI11 leaves unsaid: which word is no command.
std::string unknownWord(const CLI::App& app, int argc, char** argv) {
  const auto* command = &app;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    auto known = command->get_subcommands([](const CLI::App*) { return true; });
    if (known.empty() || word.empty() || word.front() == '-')
      return {};
    auto named = std::find_if(known.begin(), known.end(), [&](auto* one) { return one->get_name() == word; });
    if (named == known.end())
      return word;
    command = *named;
  }
  return {};
}

} // namespace

ParsedOptions parseOptions(int argc, char** argv) {
  ParsedOptions parsed;
  CLI::App app("ratdeckctl rolls a multi-service stack to a new version without one failed user request.",
               "ratdeckctl");
  app.set_version_flag("--version", "ratdeckctl " RATDECK_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 done, 1 failed with everything as before, 2 bad input, 3 rolled back or aborted,\n"
      "4 rollback failed, 5 approval rejected or expired, 6 target unreachable, 7 versions mixed on "
      "purpose,\n"
      "8 demo: updated, but requests failed or nobody knows, "
      "10 plan --detailed-exitcode: there are changes, 130 interrupted.");
  addStackCommands(app, parsed.options);
  addRolloutCommands(app, parsed.options);
  addReadingCommands(app, parsed.options);
  addSandboxCommands(app, parsed.options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {
    parsed.exitCode = app.exit(request);
  } catch (const CLI::ParseError& error) {
    auto word = unknownWord(app, argc, argv);
    std::cerr << "ratdeckctl: "
              << (word.empty() ? error.what() : "there is no command \"" + plainText(word) + "\"")
              << "; `ratdeckctl --help` lists the commands and options\n";
    parsed.exitCode = badUsage;
  }
  return parsed;
}

} // namespace ratdeck
