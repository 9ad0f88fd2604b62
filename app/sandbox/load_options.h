// What the load is told: where, how much, how long. Plain values.
#pragma once

#include "app/sandbox/endpoint.h"
#include "core/base/duration.h"
#include "core/base/json.h"

#include <optional>

namespace ratdeck::sandbox {

struct LoadOptions {
  double rate = 300;              // requests a second, 1 to 5000
  int streams = 8;                // of each kind, SSE and WebSocket, all the time; 0 to 200; a web has none
  std::optional<Endpoint> portal; // a target that is missing leaves its requests out
  std::optional<Endpoint> ratd;
  std::optional<Endpoint> ledger; // the postgres stand-in; without it lost and doubled stay unknown
  std::optional<Endpoint> web;    // one service of any kind, asked for "/"
  bool newConnections = false;    // a connection each request; else so for half of each class
  std::chrono::milliseconds timeout = std::chrono::seconds(5); // of one request
  Duration duration{};                                         // 0: until it is stopped
  bool finishStreams =
      true; // at the end wait for open streams' end markers (up to 12 s); else let them go uncounted
};

// {"rate","streams","targets":{"portal","ratd","ledger","web"},"new_connections","timeout_ms","duration_ms","finish_streams"}
Result<LoadOptions> readLoadOptions(const Json& json);

} // namespace ratdeck::sandbox
