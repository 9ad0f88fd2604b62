#include "core/remote/rat/request_log.h"

#include "core/base/duration.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

namespace ratdeck {

namespace {

constexpr double lowestBound = 0.0005; // seconds
constexpr int boundsInADoubling = 4;
constexpr int bounds = 18 * boundsInADoubling; // the highest: 131 s

int statusIn(const Json& value) {
  long long status = 0;
  if (value.is_number_integer())
    status = value.get<long long>();
  else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const auto end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, status);
    if (error != std::errc() || stop != end)
      return 0;
  }
  return status >= 100 && status <= 599 ? static_cast<int>(status) : 0;
}

} // namespace

double latencyBound(double seconds) {
  if (seconds <= lowestBound)
    return lowestBound;
  const double steps = std::ceil(std::log2(seconds / lowestBound) * boundsInADoubling - 1e-9);
  return steps > bounds ? std::numeric_limits<double>::infinity()
                        : lowestBound * std::exp2(steps / boundsInADoubling);
}

long long RequestTally::requests() const {
  return std::accumulate(byClass.begin(), byClass.end(), 0LL);
}

std::optional<double> RequestLog::secondsIn(const Json& entry) const {
  const Json& value = memberAt(entry, m_format.duration.c_str());
  double took = -1;
  if (value.is_number())
    took = value.get<double>() * m_format.numberIs;
  else if (value.is_string())
    if (const auto duration = parseDuration(value.get_ref<const std::string&>()))
      took = seconds(*duration);
  return std::isfinite(took) && took >= 0 ? std::optional(took) : std::nullopt;
}

void RequestLog::take(std::string_view line) {
  const auto entry = line.size() <= maxLogLine ? parseJson(line) : failure(ErrorKind::Input, "too long");
  if (!entry || !entry->is_object()) {
    ++m_tally.malformed;
    return;
  }
  const Json& said = memberAt(*entry, m_format.status.c_str());
  const int status = statusIn(said);
  if (status == 0) {
    ++(said.is_null() ? m_tally.others : m_tally.malformed);
    return;
  }
  if (!m_format.path.empty() && m_format.ignored.contains(textAt(*entry, m_format.path.c_str()))) {
    ++m_tally.ignored;
    return;
  }
  ++m_tally.byClass[static_cast<std::size_t>(status / 100)];
  if (const auto took = secondsIn(*entry))
    ++m_tally.latencies[latencyBound(*took)];
  else
    ++m_tally.untimed;
}

} // namespace ratdeck
