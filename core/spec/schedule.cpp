#include "core/spec/schedule.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <string_view>

namespace ratdeck {

namespace {

// The number at the front, of exactly `digits` digits; nothing if it is none.
std::optional<int> takeNumber(std::string_view& text, std::size_t digits) {
  const auto number = text.substr(0, digits);
  const auto isDigit = [](char c) {
    return c >= '0' && c <= '9';
  };
  if (number.size() < digits || !std::all_of(number.begin(), number.end(), isDigit))
    return {};
  text.remove_prefix(digits);
  int value = 0;
  for (const char c : number)
    value = value * 10 + (c - '0');
  return value;
}

bool take(std::string_view& text, std::string_view mark) {
  if (!text.starts_with(mark))
    return false;
  text.remove_prefix(mark.size());
  return true;
}

// "09:30" in minutes.
std::optional<int> takeClock(std::string_view& text) {
  const auto hour = takeNumber(text, 2);
  if (!hour || !take(text, ":"))
    return {};
  const auto minute = takeNumber(text, 2);
  if (!minute || *hour > 24 || *minute > 59 || (*hour == 24 && *minute > 0))
    return {};
  return *hour * 60 + *minute;
}

std::optional<int> takeSecondOfDay(std::string_view& text) {
  const auto clock = takeClock(text);
  if (!clock || *clock == 24 * 60)
    return {};
  if (!take(text, ":"))
    return *clock * 60;
  const auto second = takeNumber(text, 2);
  if (!second || *second > 59)
    return {};
  if (take(text, ".")) // parts of a second decide nothing
    text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
  return *clock * 60 + *second;
}

// True with nothing where no offset stands there; false where what stands there is none.
bool takeOffset(std::string_view text, std::optional<int>& offset) {
  if (text.empty())
    return true;
  if (text == "Z" || text == "z") {
    offset = 0;
    return true;
  }
  const int sign = text.front() == '-' ? -1 : 1;
  if (!take(text, "+") && !take(text, "-"))
    return false;
  const auto minutes = takeClock(text);
  if (!minutes || !text.empty() || *minutes > 14 * 60)
    return false;
  offset = sign * *minutes * 60;
  return true;
}

std::optional<std::size_t> dayOf(std::string text) {
  constexpr std::string_view names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (std::size_t i = 0; i < std::size(names); ++i)
    if (text == names[i] || text == names[i].substr(0, 3))
      return i;
  return {};
}

} // namespace

std::optional<int> parseMinuteOfDay(const std::string& text) {
  std::string_view rest = text;
  const auto minutes = takeClock(rest);
  return rest.empty() ? minutes : std::nullopt;
}

std::optional<std::array<bool, 7>> parseDays(const std::string& text) {
  const auto dash = text.find('-');
  const auto first = dayOf(text.substr(0, dash));
  const auto last = dash == std::string::npos ? first : dayOf(text.substr(dash + 1));
  if (!first || !last)
    return {};
  std::array<bool, 7> days{};
  for (auto day = *first;; day = (day + 1) % days.size()) {
    days[day] = true;
    if (day == *last)
      return days;
  }
}

std::optional<CivilMoment> parseMoment(const std::string& text) {
  std::string_view rest = text;
  CivilMoment moment;
  const auto year = takeNumber(rest, 4);
  const auto month = year && take(rest, "-") ? takeNumber(rest, 2) : std::nullopt;
  const auto day = month && take(rest, "-") ? takeNumber(rest, 2) : std::nullopt;
  if (!day || *year < 1970 || *year > 2261)
    return {};
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok())
    return {};
  moment.year = *year;
  moment.month = *month;
  moment.day = *day;
  if (rest.empty())
    return moment;
  if (!take(rest, "T") && !take(rest, "t") && !take(rest, " "))
    return {};
  moment.second = takeSecondOfDay(rest);
  return moment.second && takeOffset(rest, moment.offset) ? std::optional(moment) : std::nullopt;
}

} // namespace ratdeck
