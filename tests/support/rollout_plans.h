// Plans written by hand: services named a, b, … of the project "rat", with the copies rat-SERVICE-1 … as old
// ones and the next numbers as new ones.
#pragma once

#include "core/plan/plan.h"

#include <string>
#include <vector>

namespace ratdeck::test {

// Start-first, routed, one copy at a time, no monitor, a gate of 30 s at most. No old copies: it is created.
ServicePlan servicePlan(const std::string& name, int wave, int oldCopies = 1, int newCopies = 1);
Plan planOf(std::vector<ServicePlan> services);
// One service, a, that waits 120 s for its active runs and then asks a person; 10 min more when extended.
Plan planWithRuns();
// Services a and b; `gate` is asked before the second wave, or before a where both are in the first.
Plan planWithWaveGate(const std::string& gate);
Plan planWithServiceGate(const std::string& gate);
// Without looking at versions; a migration has a down, both run in a copy of their own. 30 s at most.
TaskPlan taskPlan(TaskSpec::Kind kind, const std::string& id, TaskSpec::When when,
                  const std::string& service = {});
void sign(Plan& plan); // after a change: sets the hash

} // namespace ratdeck::test
