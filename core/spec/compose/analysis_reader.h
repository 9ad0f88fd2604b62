// The keys of x-ratdeck that say what the answers of a new version are judged by.
#pragma once

#include "core/spec/compose/policy_values.h"

namespace ratdeck::compose {

// error_gate: the part of requests that fail; latency_gate: the time to an answer. Each is one mapping, or a
// list of them.
std::vector<AnalysisSpec> readErrorGates(PolicyReader& in, const Node& node);
std::vector<AnalysisSpec> readLatencyGates(PolicyReader& in, const Node& node);

} // namespace ratdeck::compose
