#include "app/sandbox/command_line.h"

#include "app/sandbox/health_probe.h"
#include "app/sandbox/load_service.h"
#include "app/sandbox/serve_options.h"
#include "app/sandbox/supervisor.h"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <cstdio>

extern char** environ;

namespace ratdeck::sandbox {

namespace {

constexpr int exitUsage = 2;

int complain(const Error& error) {
  std::fprintf(stderr, "ratdeck-sandbox: %s\n", error.toString().c_str());
  return exitUsage;
}

std::map<std::string, std::string> environmentOfProcess() {
  std::map<std::string, std::string> map;
  for (char** entry = environ; *entry; ++entry) {
    std::string text = *entry;
    if (auto equals = text.find('='); equals != text.npos)
      map[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return map;
}

std::string ownPath() {
  char path[4096];
  auto size = ::readlink("/proc/self/exe", path, sizeof path - 1);
  return size > 0 ? std::string(path, static_cast<size_t>(size)) : "ratdeck-sandbox";
}

int report(const ExecAnswer& answer) {
  std::fputs(answer.output.c_str(), stdout);
  std::fflush(nullptr);
  return answer.exitCode;
}

struct Supervise {
  SupervisorOptions options;
  long long startMs = -1;
  bool daemonize = false;

  void declare(CLI::App& app) {
    app.add_option("--dir", options.folder, "Folder of the sandbox")->required();
    app.add_option("--name", options.name, "Name of the sandbox")->required();
    app.add_option("--subnet", options.subnet, "First two numbers of its loopback addresses");
    app.add_option("--start-ms", startMs, "Start time of every stand-in instead of its own 1 to 2 s");
    app.add_flag("--daemonize", daemonize, "Return when the socket answers, and print the pid");
  }
  int run() {
    options.program = ownPath();
    if (startMs >= 0)
      options.start = std::chrono::milliseconds(startMs);
    return supervise(std::move(options), daemonize);
  }
};

struct Serve {
  ServeOptions options;
  std::vector<std::string> faults;
  long long startMs = -1, workMs = 0, longWorkMs = 0;

  void declare(CLI::App& app) {
    app.add_option("--plays", options.plays, "Which service of the platform it plays");
    app.add_option("--service", options.service, "The service's name")->required();
    app.add_option("--version", options.version, "The version it says it is");
    app.add_option("--address", options.address, "The address it listens on");
    app.add_option("--instance", options.instance, "The instance's id");
    app.add_option("--port", options.ports, "A port besides the role's own")
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_option("--fault", faults, "KIND or KIND=VALUE, several times");
    app.add_option("--start-ms", startMs, "Its start time instead of 1 to 2 s");
    app.add_option("--work-ms", workMs, "How long an answer takes");
    app.add_option("--long-work-ms", longWorkMs, "How long every so-manyth takes instead");
    app.add_option("--long-work-every", options.work.every, "Which one: every Nth; 0: none");
    app.add_option("--control-fd", options.controlFd, "The supervisor's channel");
    app.add_flag("--one-shot", options.isOneShot, "Work for half a second and exit 0");
  }
  int run() {
    for (const auto& text : faults) {
      auto fault = parseFaultText(text);
      if (!fault)
        return complain(fault.error());
      options.faults.push_back(*fault);
    }
    if (startMs >= 0)
      options.start = std::chrono::milliseconds(startMs);
    options.work.usual = std::chrono::milliseconds(workMs);
    options.work.longest = std::chrono::milliseconds(longWorkMs);
    options.environment = environmentOfProcess();
    return serve(std::move(options));
  }
};

struct Exec {
  ExecOptions options;
  long long timeoutMs = 5000;

  void declare(CLI::App& app) {
    app.add_option("--address", options.address, "The instance's address")->required();
    app.add_option("--plays", options.plays, "Which service it plays");
    app.add_option("--port", options.ports, "A port besides the role's own")
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_option("--timeout-ms", timeoutMs, "Of the whole command");
    app.add_option("argv", options.argv, "The health command")->required();
  }
  int run() {
    options.timeout = std::chrono::milliseconds(timeoutMs);
    options.environment = environmentOfProcess();
    return report(runHealthCommand(options));
  }
};

struct Load {
  std::map<std::string, std::string> targets{{"portal", ""}, {"ratd", ""}, {"ledger", ""}, {"web", ""}};
  double rate = 300;
  int streams = 8;
  long long durationMs = 10000;
  bool samples = false;
  bool newConnections = false;
  bool letStreamsGo = false;

  void declare(CLI::App& app) {
    for (auto& [name, address] : targets)
      app.add_option("--" + name, address, "HOST:PORT of " + name);
    app.add_option("--rate", rate, "Requests a second");
    app.add_option("--streams", streams, "Streams of each kind, all the time");
    app.add_option("--duration-ms", durationMs, "0: until a signal");
    app.add_flag("--new-connections", newConnections, "No keep-alive: a connection each request");
    app.add_flag("--samples", samples, "Print every sample too");
    app.add_flag("--let-streams-go", letStreamsGo, "Do not wait for open streams at the end");
  }
  int run() {
    auto options = readLoadOptions({{"rate", rate},
                                    {"streams", streams},
                                    {"targets", targets},
                                    {"duration_ms", durationMs},
                                    {"new_connections", newConnections},
                                    {"finish_streams", !letStreamsGo}});
    return options ? runLoad(*options, samples) : complain(options.error());
  }
};

constexpr std::string_view ownName = "ratdeck-sandbox";

std::string nameOf(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

int runAsHealthCommand(int argc, char** argv) {
  ExecOptions options;
  options.environment = environmentOfProcess();
  options.plays = options.environment["STAND_IN_PLAYS"];
  options.address = "127.0.0.1";
  options.argv.assign(argv, argv + argc);
  return report(runHealthCommand(options));
}

} // namespace

int runCommandLine(int argc, char** argv) {
  if (argc > 0 && nameOf(argv[0]) != ownName)
    return runAsHealthCommand(argc, argv);
  CLI::App app{"The stand-in platform, its supervisor and its load", "ratdeck-sandbox"};
  app.require_subcommand(1);
  Supervise superviseCommand;
  Serve serveCommand;
  Exec execCommand;
  Load loadCommand;
  std::string folder;
  auto* supervise = app.add_subcommand("supervise", "Own the instances of one sandbox");
  auto* serve = app.add_subcommand("serve", "Be one stand-in");
  auto* exec = app.add_subcommand("exec", "Ask a stand-in what a health command means");
  auto* load = app.add_subcommand("load", "Send traffic and count what fails");
  auto* down = app.add_subcommand("down", "End what a sandbox owns, its supervisor alive or dead");
  superviseCommand.declare(*supervise);
  serveCommand.declare(*serve);
  execCommand.declare(*exec);
  loadCommand.declare(*load);
  down->add_option("--dir", folder, "Folder of the sandbox")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exitUsage;
  }
  if (*supervise)
    return superviseCommand.run();
  if (*serve)
    return serveCommand.run();
  if (*exec)
    return execCommand.run();
  if (*load)
    return loadCommand.run();
  return bringDown(folder);
}

} // namespace ratdeck::sandbox
