// What a single answer of a copy comes to, whoever asked it from wherever. Pure.
#pragma once

#include "core/remote/grpc/health_client.h"
#include "core/remote/http/http_message.h"
#include "core/runtime/runtime.h"

#include <string>

namespace ratdeck {

// Errors: Input (an Exec probe without a command, a port 0, no address).
Status checkProbe(const ProbeSpec& spec, const std::string& address);
// `address` as it stands where it is HOST:PORT, else with the probe's port.
std::string endpointOf(std::uint16_t port, const std::string& address);
std::string endpointOf(const ProbeSpec& spec, const std::string& address);
// Text from outside on one line, 200 bytes at most, cut between characters.
std::string evidence(const std::string& text);

// Any 2xx or 3xx where no status is expected. The detail is the status, the readiness word where the body has
// one, and the body's first 200 bytes on one line.
ProbeResult judgeHttp(const ProbeSpec& spec, const HttpResponse& response);
ProbeResult judgeHealth(GrpcHealth health, Duration took);
// The copy did not answer, or not in a way that says anything.
ProbeResult unanswered(const Error& error);

} // namespace ratdeck
