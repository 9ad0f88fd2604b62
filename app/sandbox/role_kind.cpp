#include "app/sandbox/role_kind.h"

#include "app/sandbox/endpoint.h"

#include <algorithm>
#include <array>

namespace ratdeck::sandbox {

namespace {

struct RoleRow {
  const char* name;
  RoleKind kind;
  std::uint16_t port;
  std::uint16_t second;
};

constexpr std::array roles{
    RoleRow{"ratd", RoleKind::Ratd, 8080, 8090},
    RoleRow{"ratq", RoleKind::Ratq, 50051, 0},
    RoleRow{"runner", RoleKind::Runner, 50052, 0},
    RoleRow{"portal", RoleKind::Portal, 3000, 0},
    RoleRow{"auth-keycloak", RoleKind::Plugin, 50060, 0},
    RoleRow{"executor-container", RoleKind::Plugin, 50070, 0},
    RoleRow{"enforcement", RoleKind::Plugin, 50080, 0},
    RoleRow{"acl", RoleKind::Plugin, 50080, 0},
    RoleRow{"cloud-aws", RoleKind::Plugin, 50090, 0},
    RoleRow{"postgres", RoleKind::Postgres, 5432, 0},
    RoleRow{"minio", RoleKind::Minio, 9000, 9001},
    RoleRow{"nessie", RoleKind::Nessie, 19120, 0},
    RoleRow{"minio-init", RoleKind::OneShot, 0, 0},
    RoleRow{"nessie-init", RoleKind::OneShot, 0, 0},
};

constexpr std::uint16_t genericPort = 8080;

std::uint16_t portFrom(const std::map<std::string, std::string>& environment, const char* name,
                       std::uint16_t fallback) {
  auto it = environment.find(name);
  if (it == environment.end())
    return fallback;
  auto text = it->second.find(':') == std::string::npos ? "0:" + it->second : it->second;
  if (!text.empty() && text.front() == ':')
    text.insert(0, "0");
  auto endpoint = parseEndpoint(text);
  return endpoint ? endpoint->port : fallback;
}

} // namespace

RoleKind roleOf(const std::string& plays) {
  auto it = std::find_if(roles.begin(), roles.end(), [&](const RoleRow& row) { return plays == row.name; });
  return it == roles.end() ? RoleKind::Generic : it->kind;
}

bool speaksGrpc(RoleKind role) {
  return role == RoleKind::Ratq || role == RoleKind::Runner || role == RoleKind::Plugin;
}

std::string healthPathOf(RoleKind role) {
  switch (role) {
  case RoleKind::Portal:
    return "/";
  case RoleKind::Minio:
    return "/minio/health/ready";
  case RoleKind::Nessie:
    return "/q/health/ready";
  case RoleKind::Ratd:
  case RoleKind::Ratq:
  case RoleKind::Runner:
  case RoleKind::Plugin:
  case RoleKind::Postgres:
  case RoleKind::OneShot:
  case RoleKind::Generic:
    break;
  }
  return "/health";
}

std::vector<std::uint16_t> portsOf(const std::string& plays, const std::vector<std::uint16_t>& given,
                                   const std::map<std::string, std::string>& environment) {
  std::vector<std::uint16_t> ports;
  auto add = [&](std::uint16_t port) {
    if (port != 0 && std::find(ports.begin(), ports.end(), port) == ports.end())
      ports.push_back(port);
  };
  auto kind = roleOf(plays);
  auto it = std::find_if(roles.begin(), roles.end(), [&](const RoleRow& row) { return plays == row.name; });
  if (kind == RoleKind::OneShot)
    return ports;
  if (it != roles.end()) {
    auto first = speaksGrpc(kind) ? portFrom(environment, "GRPC_PORT", it->port) : it->port;
    add(kind == RoleKind::Ratd ? portFrom(environment, "RAT_LISTEN_ADDR", first) : first);
    add(kind == RoleKind::Ratd ? portFrom(environment, "INTERNAL_LISTEN_ADDR", it->second) : it->second);
  }
  for (auto port : given)
    add(port);
  if (ports.empty())
    add(genericPort);
  return ports;
}

} // namespace ratdeck::sandbox
