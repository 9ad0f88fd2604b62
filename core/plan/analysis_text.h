// An analysis in words for people, without its verdict.
#pragma once

#include "core/spec/analysis_spec.h"

#include <string>

namespace ratdeck {

// "bad above 1 % errors of at least 20 requests in 30 s".
std::string textOf(const AnalysisSpec& analysis);
// A measured value or a limit: "20 %", "340 ms".
std::string valueText(MeasuredQuantity quantity, double value);

} // namespace ratdeck
