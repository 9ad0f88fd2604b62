#include "tests/bench/docker/answers.h"

#include <algorithm>
#include <cmath>

namespace ratdeck {

Answers::Answers(const Json& report, const Json& samples)
    : m_first(memberAt(report, "first_answer_boot_ms")) {
  const auto& due = memberAt(samples, "boot_ms");
  const auto& took = memberAt(samples, "latency_us");
  const auto& failed = memberAt(samples, "failed");
  for (size_t i = 0; i < due.size(); ++i) {
    const BootTime at{std::chrono::milliseconds(due[i].get<long long>())};
    m_samples.push_back({at, at + std::chrono::microseconds(took[i].get<long long>()), failed[i] != 0});
  }
}

long long Answers::failed(BootTime from, BootTime to) const {
  return std::count_if(m_samples.begin(), m_samples.end(), [&](const Sample& sample) {
    return sample.hasFailed && sample.due >= from && sample.due < to;
  });
}

double Answers::percentileMs(double share, BootTime from, BootTime to) const {
  std::vector<double> took;
  for (const Sample& sample : m_samples)
    if (!sample.hasFailed && sample.due >= from && sample.due < to)
      took.push_back(std::chrono::duration<double, std::milli>(sample.over - sample.due).count());
  if (took.empty())
    return 0;
  std::sort(took.begin(), took.end());
  return took[static_cast<size_t>(std::ceil(share * static_cast<double>(took.size()))) - 1];
}

double Answers::longestGapMs(BootTime from, BootTime to) const {
  std::vector<BootTime> moments = {from, to};
  for (const Sample& sample : m_samples)
    if (!sample.hasFailed && sample.over >= from && sample.over < to)
      moments.push_back(sample.over);
  std::sort(moments.begin(), moments.end());
  Duration longest{};
  for (size_t i = 1; i < moments.size(); ++i)
    longest = std::max(longest, moments[i] - moments[i - 1]);
  return std::chrono::duration<double, std::milli>(longest).count();
}

std::optional<BootTime> Answers::firstOf(const std::string& who) const {
  const auto& at = memberAt(m_first, who.c_str());
  if (!at.is_number_integer())
    return std::nullopt;
  return BootTime(std::chrono::milliseconds(at.get<long long>()));
}

} // namespace ratdeck
