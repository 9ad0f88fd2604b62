#include "core/runtime/measure/log_follower.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace ratdeck {

namespace {

// How many lines at the front of `now` are those at the end of `before`: as many as possible.
std::size_t overlapOf(const std::vector<std::string>& before, const std::vector<std::string>& now) {
  std::vector<std::size_t> old, fresh; // hashes: logs of equal lines are compared often
  for (const std::string& line : before)
    old.push_back(std::hash<std::string>()(line));
  for (const std::string& line : now)
    fresh.push_back(std::hash<std::string>()(line));
  for (std::size_t length = std::min(old.size(), fresh.size()); length > 0; --length)
    if (std::equal(old.end() - static_cast<std::ptrdiff_t>(length), old.end(), fresh.begin()) &&
        std::equal(before.end() - static_cast<std::ptrdiff_t>(length), before.end(), now.begin()))
      return length;
  return 0;
}

std::string boundText(double bound) {
  if (std::isinf(bound))
    return "+Inf";
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, bound);
  return error == std::errc() ? std::string(text, end) : std::string();
}

CounterReading readingOf(const RequestTally& tally) {
  CounterReading reading;
  reading.errors[{"errors", {}}] = static_cast<double>(tally.errors());
  reading.requests[{"requests", {}}] = static_cast<double>(tally.requests());
  // Every bound there is, also the one below the first that was met: a quantile lies between two of them.
  long long sum = 0;
  const auto infinite = std::numeric_limits<double>::infinity();
  for (double bound = latencyBound(0);; bound = latencyBound(bound * 1.01)) {
    if (const auto found = tally.latencies.find(bound); found != tally.latencies.end())
      sum += found->second;
    reading.buckets[{"duration", {{"le", boundText(bound)}}}] = static_cast<double>(sum);
    if (bound == infinite)
      return reading;
  }
}

} // namespace

CounterReading LogFollower::look(std::vector<std::string> lines) {
  const bool isFull = static_cast<int>(lines.size()) >= m_asked;
  if (!lines.empty() && !lines.back().ends_with('}'))
    lines.pop_back();
  const std::size_t known = overlapOf(m_last, lines);
  const bool isLossy = m_hasLooked && known == 0 && (isFull || !m_last.empty());
  if (m_hasLooked)
    for (std::size_t at = known; at < lines.size(); ++at)
      m_log.take(lines[at]);
  m_hasLooked = true;
  if (!lines.empty() || isLossy)
    m_last = std::move(lines);
  CounterReading reading = readingOf(m_log.tally());
  reading.isLossy = isLossy;
  const RequestTally& tally = m_log.tally();
  if (tally.requests() == 0 && tally.malformed > 0)
    reading.missing = "no line of the log is a request, and " + std::to_string(tally.malformed) +
                      " are no JSON objects or have no status";
  else if (m_quantity == MeasuredQuantity::Latency && tally.latencies.empty() && tally.untimed > 0)
    reading.missing = "no request of the log has a time that can be read";
  return reading;
}

} // namespace ratdeck
