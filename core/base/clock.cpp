#include "core/base/clock.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>

namespace ratdeck {

namespace {

Duration read(clockid_t id) {
  timespec ts{};
  clock_gettime(id, &ts);
  return std::chrono::seconds(ts.tv_sec) + std::chrono::nanoseconds(ts.tv_nsec);
}

} // namespace

Instant SystemClock::now() const {
  return {BootTime(read(CLOCK_BOOTTIME)), WallTime(read(CLOCK_REALTIME))};
}

std::string toRfc3339(WallTime time) {
  auto ns = time.time_since_epoch().count();
  auto seconds = static_cast<std::time_t>(ns / 1000000000);
  auto rest = ns % 1000000000;
  if (rest < 0) {
    rest += 1000000000;
    --seconds;
  }
  std::tm tm{};
  gmtime_r(&seconds, &tm);
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ", tm.tm_year + 1900,
                tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, static_cast<long>(rest));
  return text.data();
}

WallTime fromRfc3339(const std::string& text) {
  constexpr size_t wholeSeconds = 19; // 2026-07-01T12:00:00
  std::tm tm{};
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
                  &tm.tm_min, &tm.tm_sec) != 6)
    return {};
  if (tm.tm_year < 1678 || tm.tm_year > 2261) // what 64 bits of nanoseconds surely hold
    return {};
  tm.tm_year -= 1900;
  tm.tm_mon -= 1;
  auto time = WallTime(std::chrono::seconds(timegm(&tm)));
  // sscanf and timegm take more than RFC 3339 does: only what is written back the same was a time.
  if (toRfc3339(time).compare(0, wholeSeconds, text, 0, wholeSeconds) != 0)
    return {};
  auto rest = std::string_view(text).substr(wholeSeconds);
  if (rest.size() > 2 && rest.front() == '.') {
    long scale = 100000000;
    for (rest.remove_prefix(1); !rest.empty() && rest.front() >= '0' && rest.front() <= '9';
         rest.remove_prefix(1), scale /= 10)
      time += std::chrono::nanoseconds((rest.front() - '0') * scale);
  }
  return rest == "Z" ? time : WallTime{};
}

std::string bootId() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string id;
  return std::getline(in, id) && !id.empty() ? id : "unknown";
}

} // namespace ratdeck
