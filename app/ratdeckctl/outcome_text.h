// The outcome of a rollout as lines for people: what became of each service, what users saw, where the
// journal is. Pure.
#pragma once

#include "core/base/json.h"

#include <string>

namespace ratdeck {

// `outcome` is the interface's object (core/rollout/outcome.h). What was not measured is never shown as zero.
std::string summaryOf(const Json& outcome);

} // namespace ratdeck
