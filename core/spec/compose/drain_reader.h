// What is drained before a switch, of x-ratdeck: `drain` of a service, and `active_runs` of the stack.
// Described in resources/x-ratdeck.md, which must stay in step.
#pragma once

#include "core/spec/compose/policy_values.h"

namespace ratdeck::compose {

DrainPolicy readDrain(PolicyReader& in, const Node& node);
ActiveRunsSpec readActiveRuns(PolicyReader& in, const Node& node);

} // namespace ratdeck::compose
