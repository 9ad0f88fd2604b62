#include "core/base/duration.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace ratdeck {

namespace {

struct Unit {
  std::string_view name;
  long double nanoseconds;
};

constexpr std::array<Unit, 9> units{{{"ns", 1.0L},
                                     {"us", 1e3L},
                                     {"\xc2\xb5s", 1e3L},
                                     {"\xce\xbcs", 1e3L},
                                     {"ms", 1e6L},
                                     {"s", 1e9L},
                                     {"m", 60e9L},
                                     {"h", 3600e9L},
                                     {"d", 86400e9L}}};

tl::unexpected<Error> bad(std::string_view text, const std::string& why) {
  return failure(ErrorKind::Input, "invalid duration \"" + std::string(text.substr(0, 60)) + "\": " + why,
                 "write it like 1m30s, 10s or 500ms");
}

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

// Reads digits with at most one point off the front; -1 where there is none.
long double takeNumber(std::string_view& rest) {
  long double value = 0, scale = 0;
  bool any = false;
  while (!rest.empty() && (isDigit(rest.front()) || (rest.front() == '.' && scale == 0))) {
    if (rest.front() == '.') {
      scale = 1;
    } else {
      any = true;
      if (scale == 0)
        value = value * 10 + (rest.front() - '0');
      else
        value += (rest.front() - '0') * (scale /= 10);
    }
    rest.remove_prefix(1);
  }
  return any ? value : -1;
}

const Unit* takeUnit(std::string_view& rest) {
  size_t length = 0;
  while (length < rest.size() && rest[length] != '.' && !isDigit(rest[length]))
    ++length;
  auto name = rest.substr(0, length);
  static constexpr Unit week{"w", 604800e9L};
  if (name == week.name) {
    rest.remove_prefix(length);
    return &week;
  }
  for (const auto& unit : units)
    if (unit.name == name) {
      rest.remove_prefix(length);
      return &unit;
    }
  return nullptr;
}

} // namespace

Result<Duration> parseDuration(std::string_view text) {
  auto rest = text;
  bool negative = false;
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) {
    negative = rest.front() == '-';
    rest.remove_prefix(1);
  }
  if (rest == "0")
    return Duration::zero();
  if (rest.empty())
    return bad(text, "it is empty");
  long double total = 0;
  while (!rest.empty()) {
    auto value = takeNumber(rest);
    if (value < 0)
      return bad(text, "a number is missing");
    if (rest.empty())
      return bad(text, "the unit is missing");
    const auto* unit = takeUnit(rest);
    if (!unit)
      return bad(text, "unknown unit");
    total += value * unit->nanoseconds;
    if (total > 9.2e18L)
      return bad(text, "it is longer than 292 years");
  }
  auto ns = static_cast<Duration::rep>(std::llroundl(total));
  return Duration(negative ? -ns : ns);
}

std::string toGoString(Duration duration) {
  auto ns = duration.count();
  if (ns == 0)
    return "0s";
  std::string sign = ns < 0 ? "-" : "";
  auto rest = ns < 0 ? 0ULL - static_cast<unsigned long long>(ns) : static_cast<unsigned long long>(ns);
  auto decimal = [](unsigned long long value, unsigned long long unit, const char* name) {
    std::string text = std::to_string(value / unit);
    if (auto fraction = value % unit) {
      std::string digits = std::to_string(unit + fraction).substr(1);
      digits.erase(digits.find_last_not_of('0') + 1);
      text += "." + digits;
    }
    return text + name;
  };
  if (rest < 1000)
    return sign + std::to_string(rest) + "ns";
  if (rest < 1000000)
    return sign + decimal(rest, 1000, "\xc2\xb5s");
  if (rest < 1000000000)
    return sign + decimal(rest, 1000000, "ms");
  std::string text = sign;
  auto hours = rest / 3600000000000ULL;
  auto minutes = rest / 60000000000ULL % 60;
  if (hours)
    text += std::to_string(hours) + "h";
  if (hours || minutes)
    text += std::to_string(minutes) + "m";
  return text + decimal(rest % 60000000000ULL, 1000000000ULL, "s");
}

std::string toHumanString(Duration duration) {
  auto ms = std::llround(seconds(duration) * 1000);
  if (ms < 0)
    return "-" + toHumanString(-duration);
  std::array<char, 48> text{};
  if (ms < 1000)
    std::snprintf(text.data(), text.size(), "%lld ms", ms);
  else if (ms < 60000)
    std::snprintf(text.data(), text.size(), ms % 1000 < 50 ? "%.0f s" : "%.1f s",
                  static_cast<double>(ms) / 1000);
  else if (ms < 3600000)
    std::snprintf(text.data(), text.size(), ms / 1000 % 60 ? "%lld min %lld s" : "%lld min", ms / 60000,
                  ms / 1000 % 60);
  else
    std::snprintf(text.data(), text.size(), ms / 60000 % 60 ? "%lld h %lld min" : "%lld h", ms / 3600000,
                  ms / 60000 % 60);
  return text.data();
}

} // namespace ratdeck
