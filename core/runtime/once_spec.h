// A service as it is made for one command alone: its image, environment, networks and mounts, and nothing by
// which others would find it or that two could not have.
#pragma once

#include "core/spec/service_spec.h"

#include <string>
#include <vector>

namespace ratdeck {

// Pure. The command takes the place of the service's `command`; an entrypoint of the image stays.
ServiceSpec onceSpec(const ServiceSpec& service, const std::vector<std::string>& argv);

} // namespace ratdeck
