// A normalised service and its JSON -> ServiceSpec.
#pragma once

#include "core/spec/compose/report.h"
#include "core/spec/service_spec.h"

namespace ratdeck::compose {

// `json` is what serviceJson made of `service`. The policy is not filled in, nor isOneShot.
ServiceSpec buildService(const std::string& name, const Node& service, Json json, Report& report);

// Sets isOneShot on services that run to their end.
void markOneShots(std::map<std::string, ServiceSpec>& services);

} // namespace ratdeck::compose
