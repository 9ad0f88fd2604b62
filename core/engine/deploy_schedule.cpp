#include "core/engine/deploy_schedule.h"

#include <QDateTime>
#include <QLocale>
#include <QTimeZone>

#include <algorithm>
#include <map>

namespace ratdeck {

namespace {

using Msecs = qint64; // since 1970, UTC

constexpr int daysAhead = 9; // a weekly window opens within eight days
constexpr int mostSteps = 500;

Msecs msecsOf(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

// The zones of a schedule, each looked up once.
class Zones {
public:
  const QTimeZone& at(const std::string& name) {
    auto known = m_zones.find(name);
    if (known == m_zones.end()) {
      const auto id = QByteArray::fromStdString(name);
      known = m_zones.emplace(name, name == "UTC" ? QTimeZone::utc() : QTimeZone(id)).first;
    }
    return known->second;
  }
  QDateTime local(Msecs time, const std::string& name) {
    return QDateTime::fromMSecsSinceEpoch(time, at(name));
  }
  // A time that its zone leaves out is the first one after it.
  Msecs instant(const QDate& date, int secondOfDay, const std::string& name) {
    const auto day = date.addDays(secondOfDay / 86400);
    const auto clock = QTime::fromMSecsSinceStartOfDay(secondOfDay % 86400 * 1000);
    const QDateTime local(day, clock, at(name));
    const auto asked = QDateTime::fromMSecsSinceEpoch(local.toMSecsSinceEpoch(), at(name));
    if (asked.time() == clock && asked.date() == day)
      return local.toMSecsSinceEpoch();
    constexpr int longestGap = 4 * 3600; // seconds
    const auto change = at(name).nextTransition(asked.addSecs(-longestGap));
    return (change.atUtc.isValid() ? change.atUtc : local).toMSecsSinceEpoch();
  }

private:
  std::map<std::string, QTimeZone> m_zones;
};

Msecs momentOf(const CivilMoment& moment, const std::string& zone, bool isEnd, Zones& zones) {
  const QDate date(moment.year, moment.month, moment.day);
  const int second = moment.second.value_or(isEnd ? 86400 : 0);
  if (!moment.offset)
    return zones.instant(date, second, zone);
  return QDateTime(date, QTime(0, 0), Qt::UTC).toMSecsSinceEpoch() + (second - *moment.offset) * Msecs(1000);
}

class Schedule {
public:
  explicit Schedule(const StackPolicy& policy) : m_policy(policy) {}

  // The freeze that lasts longest of those that hold; null: none does.
  const DeployFreeze* freezeAt(Msecs time, Msecs& until) {
    const DeployFreeze* found = nullptr;
    for (const auto& freeze : m_policy.freezes) {
      const auto from = momentOf(freeze.from, freeze.timezone, false, m_zones);
      const auto to = momentOf(freeze.to, freeze.timezone, true, m_zones);
      if (from <= time && time < to && (!found || to > until)) {
        found = &freeze;
        until = to;
      }
    }
    return found;
  }

  bool isInWindow(Msecs time) {
    return m_policy.windows.empty() || std::any_of(m_policy.windows.begin(), m_policy.windows.end(),
                                                   [&](const auto& window) { return isOpen(window, time); });
  }

  // The window that opens next after `time`; null: none does.
  const DeployWindow* nextWindow(Msecs time, Msecs& opens) {
    const DeployWindow* found = nullptr;
    for (const auto& window : m_policy.windows) {
      const auto today = m_zones.local(time, window.timezone).date();
      for (int ahead = 0; ahead < daysAhead; ++ahead) {
        const auto day = today.addDays(ahead);
        const auto at = m_zones.instant(day, window.from * 60, window.timezone);
        if (!isDayOf(window, day) || at <= time)
          continue;
        if (!found || at < opens) {
          found = &window;
          opens = at;
        }
        break;
      }
    }
    return found;
  }

  // The first moment, from `time` on, at which nothing stands against a deploy; nothing where there is none.
  std::optional<Msecs> nextOpening(Msecs time) {
    for (int step = 0; step < mostSteps; ++step) {
      if (freezeAt(time, time))
        continue;
      if (isInWindow(time))
        return time;
      if (!nextWindow(time, time))
        return {};
    }
    return {};
  }

  // In the words of the zone: "Mon 2026-11-30 09:00 (Europe/Berlin)".
  std::string textOf(Msecs time, const std::string& zone) {
    const auto local = m_zones.local(time, zone);
    return QLocale::c().toString(local, QStringLiteral("ddd yyyy-MM-dd HH:mm")).toStdString() + " (" + zone +
           ")";
  }

  std::vector<Problem> unknownZones() {
    std::vector<Problem> problems;
    const auto check = [&](const std::string& zone, const SourceLocation& where) {
      if (!m_zones.at(zone).isValid())
        problems.push_back(
            {Severity::Error, "unknown-timezone", "",
             "the time zone \"" + zone +
                 "\" is not in this machine's database; write one such as Europe/Berlin or UTC",
             where});
    };
    for (const auto& window : m_policy.windows)
      check(window.timezone, window.where);
    for (const auto& freeze : m_policy.freezes)
      check(freeze.timezone, freeze.where);
    return problems;
  }

private:
  static bool isDayOf(const DeployWindow& window, const QDate& day) {
    return window.days[static_cast<std::size_t>(day.dayOfWeek() - 1)];
  }

  bool isOpen(const DeployWindow& window, Msecs time) {
    const auto local = m_zones.local(time, window.timezone);
    const int minute = local.time().msecsSinceStartOfDay() / 60000;
    if (window.from < window.to)
      return isDayOf(window, local.date()) && minute >= window.from && minute < window.to;
    return (isDayOf(window, local.date()) && minute >= window.from) ||
           (isDayOf(window, local.date().addDays(-1)) && minute < window.to);
  }

  const StackPolicy& m_policy;
  Zones m_zones;
};

std::string whatToDo(Departure departure) {
  switch (departure) {
  case Departure::Deploy:
    return "; a rollback may begin at any time";
  case Departure::Rollback:
    return "; going back is allowed at any time";
  case Departure::Try:
    return "; a try changes nothing, and is allowed at any time";
  }
  return {};
}

} // namespace

std::vector<Problem> closuresAt(const StackPolicy& policy, WallTime now, Departure departure) {
  Schedule schedule(policy);
  auto problems = schedule.unknownZones();
  if (!problems.empty())
    return problems;
  const auto severity = departure == Departure::Deploy ? Severity::Warning : Severity::Info;
  const auto time = msecsOf(now);
  const auto opening = schedule.nextOpening(time);
  const auto next = [&](const std::string& zone) {
    return opening ? "the next deploy may begin on " + schedule.textOf(*opening, zone)
                   : std::string("no later window opens");
  };
  Msecs until = 0;
  if (const auto* freeze = schedule.freezeAt(time, until))
    problems.push_back({severity, "freeze", "",
                        "deploys are frozen until " + schedule.textOf(until, freeze->timezone) +
                            (freeze->reason.empty() ? "" : ": " + freeze->reason) +
                            (opening == until ? "" : "; " + next(freeze->timezone)) + whatToDo(departure),
                        freeze->where});
  if (!schedule.isInWindow(time)) {
    Msecs opens = 0;
    const auto* window = schedule.nextWindow(time, opens);
    const auto& shown = window ? *window : policy.windows.front();
    problems.push_back({severity, "outside-window", "",
                        "it is " + schedule.textOf(time, shown.timezone) +
                            ", outside the windows in which this stack is deployed: " + next(shown.timezone) +
                            whatToDo(departure),
                        shown.where});
  }
  return problems;
}

} // namespace ratdeck
