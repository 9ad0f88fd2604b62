// Which processes a sandbox owns, as files: DIR/pids/NAME.json with {"pid","start_time"}. What `down` goes by
// when the supervisor is dead; a pid that was reused has another start time and is left alone.
#pragma once

#include "core/base/duration.h"
#include "core/base/result.h"

#include <string>
#include <vector>

namespace ratdeck::sandbox {

class ProcessTable {
public:
  explicit ProcessTable(std::string folder) : m_folder(std::move(folder)) {}

  Status add(const std::string& name, int pid);
  void remove(const std::string& name);

  struct Ended {
    std::string name;
    int pid = 0;
    bool killed = false; // it lived, and SIGKILL was needed
  };
  // SIGTERM to those that live, SIGKILL to those that still do after `grace`; empties the table.
  std::vector<Ended> endAll(Duration grace);

private:
  std::string m_folder;
};

// Clock ticks since boot at which the process began; 0 if there is no such process, or it is only waiting to
// be reaped.
unsigned long long startTimeOf(int pid);

} // namespace ratdeck::sandbox
