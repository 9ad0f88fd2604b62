// Asks an instance what a health command meant. Blocking, for the short-lived `exec` process alone.
#pragma once

#include "app/sandbox/health_command.h"
#include "core/base/clock.h"

#include <map>
#include <string>
#include <vector>

namespace ratdeck::sandbox {

struct ExecOptions {
  std::string address;
  std::string plays;
  std::vector<std::uint16_t> ports;
  Duration timeout = std::chrono::seconds(5);
  std::vector<std::string> argv;
  std::map<std::string, std::string> environment;
};

struct ExecAnswer {
  int exitCode = 0;
  std::string output; // why, one line a question
};

ExecAnswer runHealthCommand(const ExecOptions& options);

} // namespace ratdeck::sandbox
