#include "app/ratdeckctl/commands.h"
#include "app/ratdeckctl/output.h"

#include <curl/curl.h>
#include <QCoreApplication>

#include <cstdio>
#include <exception>
#include <map>
#include <string>

namespace {

int dispatch(const ratdeck::Environment& environment, const ratdeck::Options& options) {
  using Command = int (*)(const ratdeck::Environment&, const ratdeck::Options&);
  static const std::map<std::string, Command> commands = {
      {"config", ratdeck::runConfig},   {"plan", ratdeck::runPlan},
      {"deploy", ratdeck::runDeploy},   {"rollback", ratdeck::runRollback},
      {"status", ratdeck::runStatus},   {"runs", ratdeck::runRuns},
      {"history", ratdeck::runHistory}, {"resume-unfinished", ratdeck::runResumeUnfinished},
      {"sandbox", ratdeck::runSandbox}, {"demo", ratdeck::runDemo},
  };
  return commands.at(options.command)(environment, options);
}

} // namespace

int main(int argc, char** argv) {
  auto parsed = ratdeck::parseOptions(argc, argv);
  if (parsed.exitCode)
    return *parsed.exitCode;
  QCoreApplication application(argc, argv);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  int code = ratdeck::exitFailed;
  try {
    code = dispatch(ratdeck::Environment::read(), parsed.options);
  } catch (const std::exception& bug) {
    std::fprintf(
        stderr,
        "ratdeckctl: a bug: %s; a rollout in hand can be resumed with `ratdeckctl resume-unfinished`\n",
        bug.what());
  }
  curl_global_cleanup();
  return code;
}
