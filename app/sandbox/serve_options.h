// What one stand-in is told on its command line.
#pragma once

#include "app/sandbox/fault.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ratdeck::sandbox {

// How long an answer takes, health pages apart.
struct WorkTime {
  Duration usual{};
  Duration longest{}; // of every `every`th
  int every = 0;      // 0: none
};

struct ServeOptions {
  std::string plays; // "" = as the service is called
  std::string service;
  std::string version = "0";
  std::string address = "127.0.0.1";
  std::string instance;
  std::vector<std::uint16_t> ports; // besides the role's own
  std::optional<Duration> start;    // not given: 1 to 2 s, by a hash of the instance
  WorkTime work;                    // of the HTTP stand-ins
  bool isOneShot = false;
  int controlFd = -1; // the supervisor's channel; -1 = none
  std::vector<Fault> faults;
  std::map<std::string, std::string> environment;
};

// Runs until it is told to leave, and answers the exit code.
int serve(ServeOptions options);

} // namespace ratdeck::sandbox
