// The x-ratdeck keys -> StackPolicy and ServicePolicy. Described in resources/x-ratdeck.md, which must stay
// in step.
#pragma once

#include "core/spec/compose/report.h"
#include "core/spec/policy.h"

namespace ratdeck::compose {

// `model`: the whole model; its top-level x-ratdeck.
StackPolicy readStackPolicy(const Node& model, Report& report);

// x-ratdeck of one service. Approvals found on it are added to `stack`.
ServicePolicy readServicePolicy(const std::string& name, const Node& service, StackPolicy& stack,
                                Report& report);

// Names that the policy uses must exist, approval ids must be unique. Places are those of x-ratdeck itself.
void checkPolicy(const Node& model, const StackPolicy& policy, Report& report);

} // namespace ratdeck::compose
