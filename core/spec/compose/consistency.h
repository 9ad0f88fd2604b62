// What must hold between the parts of a model: references that exist, no circles, values that do not
// contradict.
#pragma once

#include "core/spec/compose/report.h"

#include <string>
#include <vector>

namespace ratdeck::compose {

// Rules on single values of the merged model, before names are given: secrets and configs have one source,
// external resources nothing else, addresses are addresses.
void checkValues(const Node& model, Report& report);

// Rules between the active services and the resources of a normalised model. Dependencies on inactive
// services that are not required are removed.
void checkConsistency(Node& model, const std::vector<std::string>& profiles, Report& report);

} // namespace ratdeck::compose
