// How an instance is asked whether it is well. Plain values; core/runtime runs them.
#pragma once

#include "core/base/duration.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ratdeck {

enum class ProbeKind {
  Exec,       // a command inside the instance; exit code 0 passes
  Http,       // GET; the expected status passes
  Tcp,        // a connection is accepted
  GrpcHealth, // grpc.health.v1 Check: SERVING passes, UNIMPLEMENTED passes too (reachable, has no health
              // service)
};

struct ProbeSpec {
  ProbeKind kind = ProbeKind::Tcp;
  std::string name;                 // what people read: "healthcheck", "GET /health/ready"
  std::vector<std::string> command; // Exec: argv; {"/bin/sh", "-c", TEXT} for a shell form
  std::uint16_t port = 0;           // Http, Tcp, GrpcHealth: the port inside the instance
  std::string path = "/";           // Http
  int expectedStatus = 0;           // Http; 0 = any 2xx or 3xx
  std::string grpcService;          // GrpcHealth: the service asked for, "" = the server
  Duration timeout = 2s;
  bool operator==(const ProbeSpec&) const = default;
};

} // namespace ratdeck
