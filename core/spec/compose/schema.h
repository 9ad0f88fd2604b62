// Which keys a Compose model may have and of what kinds their values are: the rules of the Compose
// Specification's schema, as a table.
#pragma once

#include "core/spec/compose/report.h"

namespace ratdeck::compose {

// Reports the first key that is not known or whose value is of a wrong kind.
void checkSchema(const Node& root, Report& report);

} // namespace ratdeck::compose
