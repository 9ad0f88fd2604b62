// The outcome of a try as lines for people: which gates passed, why the others did not, what was not tried.
// Pure.
#pragma once

#include "core/base/json.h"

#include <string>

namespace ratdeck {

// `outcome` is that of a try (core/rollout/outcome.h).
std::string trySummaryOf(const Json& outcome);

} // namespace ratdeck
