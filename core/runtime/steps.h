// Steps that answer later, run one after another up to the first that fails, or side by side.
#pragma once

#include "core/runtime/runtime.h"

#include <functional>
#include <vector>

namespace ratdeck {

using Step = std::function<void(Callback<Done>)>;

// The steps live until the last one has answered or the first has failed.
void runSteps(std::vector<Step> steps, Callback<Done> done);

// All begin at once; answers when all have, with the error of the earliest step that failed.
void runTogether(std::vector<Step> steps, Callback<Done> done);

} // namespace ratdeck
