// Whether a stack's windows and freezes let a deploy begin at a moment, and when they next do.
//
// Local times are those of the zone's own rules: in the hour that summer time leaves out a window opens at
// its end, and in the hour that comes twice it is open both times. The time zone database of the machine is
// read, the clock is not. Any thread.
#pragma once

#include "core/base/clock.h"
#include "core/plan/plan.h"

#include <vector>

namespace ratdeck {

enum class Departure { Deploy, Rollback, Try };

// What stands against a departure at `now`, as problems of the plan: outside-window and freeze are warnings
// for a deploy, which a person may overrule, and notes for a rollback and a try, which may begin at any time.
// A time zone that the database does not have is an error (unknown-timezone) at its place in the file.
std::vector<Problem> closuresAt(const StackPolicy& policy, WallTime now, Departure departure);

} // namespace ratdeck
