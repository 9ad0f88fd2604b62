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
  std::tm tm{};
  long ns = 0;
  int used = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                  &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) != 6)
    return {};
  auto rest = std::string_view(text).substr(static_cast<size_t>(used));
  if (!rest.empty() && rest.front() == '.') {
    long scale = 100000000;
    for (rest.remove_prefix(1); !rest.empty() && rest.front() >= '0' && rest.front() <= '9';
         rest.remove_prefix(1), scale /= 10)
      ns += (rest.front() - '0') * scale;
  }
  if (rest != "Z")
    return {};
  tm.tm_year -= 1900;
  tm.tm_mon -= 1;
  return WallTime(std::chrono::seconds(timegm(&tm)) + std::chrono::nanoseconds(ns));
}

std::string bootId() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string id;
  return std::getline(in, id) && !id.empty() ? id : "unknown";
}

} // namespace ratdeck
