// Counts the requests in a service's log: one JSON object a line, as Go's slog writes it. ratd logs each
// request with `status` and `duration` (Go's text), except /health and /health/live; lines without a status
// are about something else.
#pragma once

#include "core/base/json.h"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace ratdeck {

struct RequestLogFormat {
  std::string status = "status";     // the field of the HTTP status: a number, or its digits
  std::string duration = "duration"; // the field of the time: a duration as Go writes it, or a number …
  double numberIs = 1e-9;            // … of so many seconds
  std::string path = "path";         // the field of the path; "" = requests are not told apart by it
  std::set<std::string> ignored;     // paths whose requests do not count
};

// By its upper bound in seconds, how many requests took longer than the next lower one; the last is +Inf.
using LatencyCounts = std::map<double, long long>;

struct RequestTally {
  std::array<long long, 6> byClass = {}; // [2] = the 2xx …; [0] is not used
  LatencyCounts latencies;               // of the requests with a time
  long long untimed = 0;                 // requests without one that can be read
  long long ignored = 0;                 // requests of ignored paths
  long long others = 0;                  // lines about something else
  long long malformed = 0;               // no JSON object, too long, or a status that is none

  long long requests() const;
  long long errors() const { return byClass[5]; }
};

inline constexpr std::size_t maxLogLine = 64u << 10; // bytes; a longer one is malformed and not read

class RequestLog {
public:
  explicit RequestLog(RequestLogFormat format) : m_format(std::move(format)) {}
  // One line, without its newline.
  void take(std::string_view line);
  const RequestTally& tally() const { return m_tally; }

private:
  std::optional<double> secondsIn(const Json& entry) const;

  RequestLogFormat m_format;
  RequestTally m_tally;
};

// The bound of RequestTally::latencies that a time belongs to: from half a millisecond up, each 2^(1/4) times
// the one below, to about two minutes, then +Inf.
double latencyBound(double seconds);

} // namespace ratdeck
