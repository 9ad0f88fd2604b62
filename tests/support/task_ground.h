// What tasks do to a virtual world: commands that run for a while, end well or badly, and add or take away
// schema versions. Its books are of what physically ran, whatever the engine believes.
#pragma once

#include "core/rollout/rollout.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ratdeck::test {

struct TaskFate {
  Duration takes = 1s;
  int exitCode = 0;
  int downExitCode = 0;
  bool addsAlthoughFailed = false;
  std::map<TaskStep, int> failures; // how many first attempts fail, with nothing done
  int lost = 0;                     // how many first attempts at its up get no answer, in a copy of its own
  bool beginsLost = false;          // those begin all the same
};

// One command of a task, physically.
struct TaskRun {
  int times = 0;
  bool isRunning = false;
  bool isThere = false; // a copy of its own: running, or ended and not removed
  std::optional<int> exitCode;
};

struct TaskBody {
  TaskRun up, down;
};

} // namespace ratdeck::test
