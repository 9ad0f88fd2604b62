// A normalised model -> JSON in the shape in which the reference prints it: numbers, sizes, durations,
// command lines and maps typed, empty values left out.
#pragma once

#include "core/base/json.h"
#include "core/spec/compose/report.h"

namespace ratdeck::compose {

// The value as it stands, untyped.
Json toJson(const Node& node);

// One service ("web"). Reports bad durations, sizes, numbers and command lines with their place.
Json serviceJson(const std::string& name, const Node& service, Report& report);

// One network, volume, secret or config; `section` is the key it stands under.
Json resourceJson(const std::string& section, const Node& resource);

} // namespace ratdeck::compose
