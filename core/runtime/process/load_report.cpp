#include "core/runtime/process/load_report.h"

#include <algorithm>
#include <cmath>

namespace ratdeck {

namespace {

long long toMs(BootTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::vector<long long> integersAt(const Json& value, const char* key) {
  std::vector<long long> numbers;
  for (const auto& item : memberAt(value, key))
    if (item.is_number())
      numbers.push_back(item.get<long long>());
  return numbers;
}

std::optional<long long> countAt(const Json& value, const char* key) {
  const auto& count = memberAt(value, key);
  return count.is_number_integer() ? std::optional(count.get<long long>()) : std::nullopt;
}

double percentile(std::vector<long long> latencies, double share) {
  if (latencies.empty())
    return 0;
  auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(latencies.size())));
  auto at =
      latencies.begin() + static_cast<std::ptrdiff_t>(std::clamp<size_t>(rank, 1, latencies.size()) - 1);
  std::nth_element(latencies.begin(), at, latencies.end());
  return static_cast<double>(*at) / 1000;
}

} // namespace

Result<LoadReport> LoadReport::fromJson(const Json& value) {
  if (!memberAt(value, "requests").is_number_integer())
    return failure(ErrorKind::Input, "not a report of the load generator");
  LoadReport report;
  report.m_requests = integerAt(value, "requests");
  report.m_failed = integerAt(value, "failed");
  const auto& posts = memberAt(value, "posts");
  report.m_acknowledged = integerAt(posts, "acknowledged");
  report.m_lost = countAt(posts, "lost");
  report.m_doubled = countAt(posts, "doubled");
  report.m_streamsCompleted = integerAt(memberAt(value, "streams"), "completed");
  for (const auto& item : memberAt(value, "failures"))
    report.m_failures.push_back({integerAt(item, "boot_ns") / 1000000, textAt(item, "kind"),
                                 textAt(item, "target"), textAt(item, "detail"), textAt(item, "version"),
                                 static_cast<int>(integerAt(item, "status"))});
  const auto& samples = memberAt(value, "samples");
  report.m_bootMs = integersAt(samples, "boot_ms");
  report.m_latencyUs = integersAt(samples, "latency_us");
  if (report.m_bootMs.size() != report.m_latencyUs.size())
    return failure(ErrorKind::Input, "the load generator's samples do not match");
  return report;
}

double LoadReport::percentileMs(double share, BootTime from, BootTime to) const {
  std::vector<long long> window;
  for (size_t i = 0; i < m_bootMs.size(); ++i)
    if (m_bootMs[i] >= toMs(from) && m_bootMs[i] < toMs(to))
      window.push_back(m_latencyUs[i]);
  return percentile(std::move(window), share);
}

double LoadReport::percentileMs(double share) const {
  return percentile(m_latencyUs, share);
}

Json countOrNull(std::optional<long long> count) {
  return count ? Json(*count) : Json();
}

double LoadReport::maxMs() const {
  return percentile(m_latencyUs, 1);
}

long long LoadReport::near(const std::vector<BootTime>& moments, Duration distance) const {
  auto reach = std::chrono::duration_cast<std::chrono::milliseconds>(distance).count();
  return std::count_if(m_bootMs.begin(), m_bootMs.end(), [&](long long ms) {
    return std::any_of(moments.begin(), moments.end(),
                       [&](BootTime moment) { return std::abs(ms - toMs(moment)) <= reach; });
  });
}

} // namespace ratdeck
