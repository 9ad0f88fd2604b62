// What the command line said. Plain values, checked for form only.
#pragma once

#include "core/base/duration.h"
#include "core/spec/stack_choice.h"

#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

enum class OutputFormat { Text, Json };

struct Options : StackChoice {
  OutputFormat output = OutputFormat::Text;
  bool yes = false;
  std::string approve = "ask"; // ask, auto, wait
  bool isApproveNamed = false;
  std::optional<Duration> timeout;
  bool takesOver = false;    // --take-over
  bool waitsForBake = false; // --wait-bake
  bool noColor = false;

  // command by command
  std::string command, subcommand;
  std::vector<std::string> positionals;
  std::string outFile;                   // plan --out
  bool detailedExitCode = false;         // plan
  bool replan = false;                   // deploy
  bool isTry = false;                    // deploy --try
  std::string overrideWindow;            // deploy --override-window REASON
  std::optional<int> toRevision;         // rollback --to N
  std::string toRollout;                 // rollback --to ROLLOUT
  std::string rollout;                   // resume-unfinished --rollout
  bool resume = false, rollBack = false; // resume-unfinished
  double loadRate = 300;                 // demo, sandbox up --load
  std::string faultScope = "default";    // sandbox fault: default, now, next
  bool keep = false;                     // demo --keep: leave the sandbox up
};

struct ParsedOptions {
  Options options;
  std::optional<int> exitCode; // set: say nothing more and exit with it (--help, --version, bad usage)
};

// Reads the command line. Writes help to stdout, and bad usage with what to do next to stderr.
ParsedOptions parseOptions(int argc, char** argv);

} // namespace ratdeck
