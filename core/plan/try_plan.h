// A plan that tries another one on the target: the new copies start beside what runs, pass their gates, get
// no traffic and are removed, each service's as soon as they have passed or failed. Pure.
//
// Each service is tried by itself and leaves before the next wave starts: there are never more copies beside
// production than the deploy has there, one failure does not hide the next, and a try that is held or killed
// half way keeps little that must be removed.
#pragma once

#include "core/plan/plan.h"

namespace ratdeck {

// As many new copies of each service as the deploy starts at a time, under the names and with the gates they
// have there. Excluded, with the reason: jobs, services that start no new copy, and those that must not run
// twice (stop-first), for a copy without traffic works all the same where nothing routes to its service.
Plan tryPlan(const Plan& plan);

} // namespace ratdeck
