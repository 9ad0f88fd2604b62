// The checks of a service that its own specification names.
#pragma once

#include "core/spec/service_spec.h"

#include <string_view>
#include <vector>

namespace ratdeck {

inline constexpr std::string_view healthCheckName = "healthcheck";

// Its healthcheck, unless it is disabled or the image's own, and then `x-ratdeck: ready`; each with the name
// that people read, which no other of the service has. Pure.
std::vector<ProbeSpec> ownChecks(const ServiceSpec& service);

// What people read for a probe that was given no name.
std::string nameOfProbe(const ProbeSpec& probe);

} // namespace ratdeck
