// What the sandbox's load generator counted. Pure: reads its JSON and answers questions about windows of
// time.
#pragma once

#include "core/base/clock.h"
#include "core/base/json.h"

#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

struct LoadFailure {
  long long bootMs = 0;
  std::string kind, target, detail, version;
  int status = 0;
};

class LoadReport {
public:
  // Errors (kind Input): not a report, or samples of different lengths.
  static Result<LoadReport> fromJson(const Json& value);

  long long requests() const { return m_requests; }
  long long failed() const { return m_failed; }
  long long postsAcknowledged() const { return m_acknowledged; }
  // Absent where the ledger was not read: what is not known is no zero.
  std::optional<long long> postsLost() const { return m_lost; }
  std::optional<long long> postsDoubled() const { return m_doubled; }
  long long streamsCompleted() const { return m_streamsCompleted; }
  const std::vector<LoadFailure>& failures() const { return m_failures; }

  // Latencies in milliseconds of the requests that began in [from, to); `share` 0.5 = the median. 0 where
  // there is none in the window.
  double percentileMs(double share, BootTime from, BootTime to) const;
  double percentileMs(double share) const;
  double maxMs() const;
  // Requests that began within `distance` of one of the moments.
  long long near(const std::vector<BootTime>& moments, Duration distance) const;

private:
  long long m_requests = 0, m_failed = 0, m_acknowledged = 0, m_streamsCompleted = 0;
  std::optional<long long> m_lost, m_doubled;
  std::vector<LoadFailure> m_failures;
  std::vector<long long> m_bootMs, m_latencyUs;
};

// null where there is no count.
Json countOrNull(std::optional<long long> count);

} // namespace ratdeck
