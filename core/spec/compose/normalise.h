// What Compose adds to a canonical model: the default network, dependencies that links and shared namespaces
// imply, names of resources, values of variables that are only named.
#pragma once

#include "core/spec/compose/dotenv.h"
#include "core/spec/compose/report.h"

namespace ratdeck::compose {

void normalise(Node& model, const std::string& project, const Variables& environment, Report& report);

// Whether the service takes part: it has no profiles, or one of them is active ("*" = all).
bool isActive(const Node& service, const std::vector<std::string>& profiles);

} // namespace ratdeck::compose
