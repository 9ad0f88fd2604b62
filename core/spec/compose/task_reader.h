// Hooks, migrations and the schema that a service migrates itself, of x-ratdeck. Described in
// resources/x-ratdeck.md, which must stay in step.
#pragma once

#include "core/spec/compose/policy_values.h"

namespace ratdeck::compose {

// `service`: on which they stand, "" = at the top level. Of the stack, an `exec` names its service.
void readHooks(PolicyReader& in, const Node& node, const std::string& service, std::vector<TaskSpec>& tasks);
void readMigrations(PolicyReader& in, const Node& node, std::vector<TaskSpec>& tasks);
void readSchema(PolicyReader& in, const Node& node, std::vector<TaskSpec>& tasks);

} // namespace ratdeck::compose
