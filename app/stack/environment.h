// The one place that reads the process's environment: folders by the XDG rules, variables for Compose files,
// and whether people are watching.
#pragma once

#include <map>
#include <string>

namespace ratdeck {

struct Environment {
  std::map<std::string, std::string> variables; // the whole environment, for interpolation
  std::string stateFolder;                      // $XDG_STATE_HOME/ratdeck
  std::string configFolder;                     // $XDG_CONFIG_HOME/ratdeck
  std::string
      runtimeFolder; // $XDG_RUNTIME_DIR/ratdeck, else /run/ratdeck for root, else a folder of the state
  std::string workingFolder;
  std::string programFolder; // where this program lies: its companions are beside it
  std::string actor;         // "uid 0 (root)"
  bool hasTerminal = false;  // both stdin and stdout are one
  bool isStdoutTerminal = false;

  static Environment read();
};

} // namespace ratdeck
