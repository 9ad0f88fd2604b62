// What a service may do beyond an ordinary container, as people read it: what a plan compares.
#pragma once

#include "core/spec/service_spec.h"

#include <string>
#include <vector>

namespace ratdeck {

// "is privileged", "has the capability NET_ADMIN", "writes to / of the host" …, sorted, each once. More
// rights never mean fewer lines. Pure.
std::vector<std::string> privilegesOf(const ServiceSpec& service);
// Of the normalised form alone; that of an adopted container is read too.
std::vector<std::string> privilegesOf(const Json& normalised);

// Those that `now` has and `before` lacked.
std::vector<std::string> gainedPrivileges(const Json& before, const Json& now);

} // namespace ratdeck
