// One grpc.health.v1.Health/Check over HTTP/2 in the clear, without a gRPC library.
//
// It sends one request on one stream and reads what comes back of it: as much of HTTP/2 (RFC 9113) as that
// takes, flow control included only in that the answer is smaller than the smallest window.
#pragma once

#include "app/relay/line.h"

#include <string>

namespace ratdeck::relay {

// "serving", "not serving", "unknown", "service unknown", "unimplemented" (reachable, has no health service).
// `service`: its full name, "" = the server. Errors: those of Line, Refused (credentials are wanted),
// Internal (not HTTP/2, another failure of the call).
Result<std::string> askGrpcHealth(const std::string& place, const std::string& service, Duration timeout);

} // namespace ratdeck::relay
