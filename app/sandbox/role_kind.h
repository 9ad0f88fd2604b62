// Which service of the platform a stand-in plays, and what follows from that: its ports and its health page.
// Shared by the stand-in and by the health command. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ratdeck::sandbox {

enum class RoleKind { Ratd, Ratq, Runner, Portal, Plugin, Postgres, Minio, Nessie, OneShot, Generic };

// An unknown name plays a generic HTTP server.
RoleKind roleOf(const std::string& plays);
bool speaksGrpc(RoleKind role);
// Where an HTTP role says whether it is well.
std::string healthPathOf(RoleKind role);
// The ports to listen on: the role's own (moved by GRPC_PORT, RAT_LISTEN_ADDR, INTERNAL_LISTEN_ADDR), then
// those given. Never empty but for one-shots.
std::vector<std::uint16_t> portsOf(const std::string& plays, const std::vector<std::uint16_t>& given,
                                   const std::map<std::string, std::string>& environment);

} // namespace ratdeck::sandbox
