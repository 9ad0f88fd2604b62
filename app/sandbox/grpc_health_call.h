// One blocking grpc.health.v1 Check. Apart from health_probe.cpp so that only this file includes gRPC.
#pragma once

#include "core/base/clock.h"

#include <string>

namespace ratdeck::sandbox {

// Exit code 0: SERVING, or reachable without the health service. `detail` says which.
int callGrpcHealth(const std::string& target, const std::string& service, Duration timeout,
                   std::string& detail);

} // namespace ratdeck::sandbox
