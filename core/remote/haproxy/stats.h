// Reads the two tables of HAProxy's runtime API: `show stat` (CSV) and `show servers state`.
//
// Pure; it knows nothing of sockets. Columns are found by the names in the header line, so that other
// versions' extra columns do no harm. What HAProxy leaves empty is nullopt and never 0.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck {

enum class HaproxyRowKind { Frontend, Backend, Server, Listener };

// One row of `show stat`. Counters run since HAProxy started or the server was added.
struct HaproxyStat {
  using Count = std::optional<std::int64_t>;

  std::string backend; // pxname
  std::string server;  // svname; "FRONTEND" and "BACKEND" on those rows
  HaproxyRowKind kind = HaproxyRowKind::Server;
  std::string status;      // UP, "UP 1/2", DOWN, MAINT, DRAIN, NOLB, "no check", OPEN …
  std::string address;     // HOST:PORT of a server
  std::string checkStatus; // L4OK, L7OK, L4CON …; "* " before it while a check runs
  std::string lastCheck;   // its text

  Count queued;          // qcur
  Count inFlight;        // scur: sessions now; with h2 the streams
  Count sessions;        // stot
  Count idleConnections; // srv_icur: to the server, kept for reuse
  Count weight;          // as it counts now
  Count requests;        // req_tot
  Count responses1xx, responses2xx, responses3xx, responses4xx, responses5xx, responsesOther; // hrsp_…
  Count connectionErrors;   // econ: requests that could not be connected to the server
  Count responseErrors;     // eresp: broken or invalid answers
  Count requestErrors;      // ereq
  Count retries;            // wretr
  Count redispatches;       // wredis
  Count clientAborts;       // cli_abrt
  Count serverAborts;       // srv_abrt
  Count rate;               // sessions in the last second
  Count requestRate;        // requests in the last second
  Count checkFailures;      // chkfail
  Count timesDown;          // chkdown
  Count secondsSinceChange; // lastchg: since UP became DOWN or back
  // Milliseconds, the mean of the last 1,024 requests; 0 with TCP. The total holds the whole life of a
  // stream.
  Count queueTime, connectTime, responseTime, totalTime; // qtime, ctime, rtime, ttime
};

// Errors (Internal): no header, no newline at the end, a needed column missing, a row of another width, a
// quote that never ends, a count that is none, binary data.
Result<std::vector<HaproxyStat>> parseHaproxyStats(std::string_view csv);

// One row of `show servers state`.
struct HaproxyServerState {
  std::string backend;
  std::string server;
  std::string address; // without the port
  std::uint16_t port = 0;
  bool isRunning = false;     // its operational state: it would take traffic if nobody held it
  bool isMaintenance = false; // for whatever reason
  bool isDraining = false;
  int weight = 0;

  bool takesTraffic() const { return isRunning && !isMaintenance && !isDraining; }
};

// Errors (Internal): no newline at the end, another format than version 1, a needed column missing, a row cut
// short, binary data.
Result<std::vector<HaproxyServerState>> parseHaproxyServers(std::string_view table);

} // namespace ratdeck
