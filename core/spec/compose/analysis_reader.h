// The keys of x-ratdeck that say what the answers of a new version are judged by.
#pragma once

#include "core/spec/compose/policy_values.h"

namespace ratdeck::compose {

// error_gate: the part of requests that fail, at the router.
AnalysisSpec readErrorGate(PolicyReader& in, const Node& node);
// latency_gate: the time to an answer, at the router.
AnalysisSpec readLatencyGate(PolicyReader& in, const Node& node);

} // namespace ratdeck::compose
