// Reads the windows and freezes of x-ratdeck.
#pragma once

#include "core/spec/compose/policy_values.h"

namespace ratdeck::compose {

DeployWindow readWindow(PolicyReader& in, const Node& node);
DeployFreeze readFreeze(PolicyReader& in, const Node& node);

} // namespace ratdeck::compose
