// Writes HAProxy's configuration file from a value: what a router needs so that a swap loses nothing.
//
// Pure; it knows nothing of stacks. Each routed port is one `listen` section, so its frontend and its backend
// carry the same name. Run it as `haproxy -db -f FILE`. The reasons for each line stand in
// haproxy_config.cpp.
#pragma once

#include "core/remote/haproxy/server.h"

#include <string>
#include <vector>

namespace ratdeck {

enum class HaproxyMode {
  Http, // HTTP/1.1 on both sides
  H2,   // HTTP/2 without TLS on both sides: gRPC
  Tcp,
};

struct HaproxyConfigServer {
  std::string name;
  std::string address; // HOST:PORT
};

struct HaproxyBackend {
  std::string name;
  std::vector<std::string> binds; // HOST:PORT
  HaproxyMode mode = HaproxyMode::Http;
  std::vector<HaproxyConfigServer>
      servers;                  // those that take traffic from the start; the others are added later
  HaproxyServerOptions options; // of these servers; isH2 follows the mode
  std::string checkPath;        // Http only: GET this path, any 2xx or 3xx passes; empty: a connection
};

struct HaproxyTimeouts {
  Duration connect = 2s;
  Duration check = 2s;        // of HAProxy's own check of a server; without it, as long as its interval
  Duration queue = 5s;        // while every server is at its limit
  Duration httpRequest = 10s; // until a client's headers are complete
  // Silence on either side. Long, since event streams and gRPC streams may be silent for long, and since
  // closing a client's idle connection can cross its next request: a service's own limits are the service's
  // to set.
  Duration idle = 1h;
  Duration tunnel = 1h; // WebSocket
};

struct HaproxyConfig {
  std::string statsSocket;    // an absolute path, or HOST:PORT
  unsigned socketMode = 0600; // of a stats socket that is a path
  std::string healthBind;     // HOST:PORT where GET /health answers 200 while it works; "" = nowhere
  std::vector<HaproxyBackend> backends;
  HaproxyTimeouts timeouts;
  int maxConnections = 4096; // of all frontends; two descriptors each
  Duration hardStopAfter =
      1h; // bounds a soft stop; as long as a connection may be idle, so a reload cuts none
};

// The file's text. Errors (Input): a name, address, path or number that HAProxy would refuse or read
// otherwise, two backends or servers of one name.
Result<std::string> writeHaproxyConfig(const HaproxyConfig& config);

} // namespace ratdeck
