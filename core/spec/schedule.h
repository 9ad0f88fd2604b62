// When a stack may be deployed: windows that recur each week, and freezes. As they are written, checked for
// form only; which moment of the world they mean, a time zone says (core/engine/deploy_schedule.h).
#pragma once

#include "core/base/error.h"

#include <array>
#include <optional>
#include <string>

namespace ratdeck {

// It opens on each of its days at `from` and closes at `to`; where `to` is not later, on the day after.
struct DeployWindow {
  std::array<bool, 7> days = {true, true, true, true, true, true, true}; // from Monday
  int from = 0;                                                          // minutes after midnight, 0 to 1439
  int to = 24 * 60;                                                      // 1 to 1440
  std::string timezone = "UTC";                                          // as in the time zone database
  SourceLocation where = {};
  bool operator==(const DeployWindow&) const = default;
};

// A date, or a time on it; without an offset in the time zone that stands beside it.
struct CivilMoment {
  int year = 1970, month = 1, day = 1;
  std::optional<int> second = {}; // of the day; none: the whole day
  std::optional<int> offset = {}; // seconds east of UTC
  bool operator==(const CivilMoment&) const = default;
};

// From `from` on until `to`; a `to` without a time ends with its day.
struct DeployFreeze {
  CivilMoment from, to;
  std::string timezone = "UTC";
  std::string reason = {}; // for people
  SourceLocation where = {};
  bool operator==(const DeployFreeze&) const = default;
};

// "09:00" to "24:00"; minutes after midnight, nothing for any other text.
std::optional<int> parseMinuteOfDay(const std::string& text);
// "mon", "Monday" or "mon-fri"; a range may go over the end of the week. Nothing for any other text.
std::optional<std::array<bool, 7>> parseDays(const std::string& text);
// RFC 3339: "2026-12-20", "2026-12-20T18:00:00Z", "…+01:00"; seconds and offset may be left out. Nothing for
// any other text, and for a day that no calendar has.
std::optional<CivilMoment> parseMoment(const std::string& text);

} // namespace ratdeck
