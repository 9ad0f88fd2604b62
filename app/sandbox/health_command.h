// What a health command means, so that a stand-in's container can be asked with the command of the real
// image:
// `/ratd healthcheck`, `wget …URL`, `curl …URL`, `grpc_health_probe -addr=…`, `python -c "…channel_ready…"`,
// `pg_isready`, `mc ready local`, `nc -z`, `true`, `false`, `exit N`, and shell lines of these with `||` and
// `&&`. Parsing only; health_probe.h asks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ratdeck::sandbox {

struct HealthQuestion {
  enum class Kind {
    HttpGet,      // path at port: 2xx or 3xx
    ChannelReady, // an HTTP/2 server at port greets
    GrpcHealth,   // grpc.health.v1 Check at port, for `path` as the service's name
    TcpConnect,   // port accepts
    Constant,     // `status` is the exit code
    Own,          // whatever the role's own health is
  };
  Kind kind = Kind::Own;
  std::string host; // "" and the loopback names mean the instance itself
  std::uint16_t port = 0;
  std::string path;
  int status = 0;
  bool operator==(const HealthQuestion&) const = default;
};

// A chain: each link runs if the exit code so far fits its operator.
struct HealthLink {
  enum class When { Always, AfterFailure, AfterSuccess };
  When when = When::Always;
  HealthQuestion question;
};

// Accepts Compose's form (CMD, CMD-SHELL first), {"/bin/sh", "-c", LINE} and a plain argv.
std::vector<HealthLink> understandHealthCommand(const std::vector<std::string>& argv);

} // namespace ratdeck::sandbox
