// Services for tests of the graph and its table.
#pragma once

#include "core/base/duration.h"
#include "ui/model/service_row.h"

#include <random>

namespace ratdeck {

inline Instant aMoment() {
  return {BootTime(1h), WallTime(24h * 365 * 56)};
}

// RAT in the middle of its third wave: ratd drains until 14 s after aMoment(), portal waits, a plugin failed.
inline ServiceRows ratRows() {
  const auto now = aMoment().boot;
  const auto row = [](const char* name, int wave, Mood mood, const char* status, QStringList dependsOn) {
    ServiceRow made;
    made.name = QLatin1String(name);
    made.wave = wave;
    made.oldVersion = QStringLiteral("2.3.0");
    made.newVersion = QStringLiteral("2.4.0");
    made.copies = QStringLiteral("1 of 1 new");
    made.health = QStringLiteral("healthy");
    made.mood = mood;
    made.status = QLatin1String(status);
    made.dependsOn = std::move(dependsOn);
    return made;
  };
  const QString postgres = QStringLiteral("postgres"), minio = QStringLiteral("minio"),
                nessie = QStringLiteral("nessie"), ratq = QStringLiteral("ratq"),
                runner = QStringLiteral("runner"), plugins = QStringLiteral("plugins"),
                ratd = QStringLiteral("ratd");
  ServiceRows rows = {row("postgres", 0, Mood::Ok, "serving", {}),
                      row("minio", 0, Mood::Ok, "serving", {}),
                      row("nessie", 0, Mood::Ok, "serving", {postgres}),
                      row("ratq", 1, Mood::Ok, "serving", {minio, nessie}),
                      row("runner", 1, Mood::Ok, "serving", {minio, nessie}),
                      row("plugins", 2, Mood::Failed, "failed", {postgres}),
                      row("ratd", 3, Mood::Running, "draining", {postgres, ratq, runner, plugins}),
                      row("portal", 4, Mood::Waiting, "waiting", {ratd})};
  const char* infrastructure[] = {"15.4", "RELEASE.2023-09", "0.76.0"};
  for (int i = 0; i < 3; ++i) {
    rows[i].oldVersion = QLatin1String(infrastructure[i]);
    rows[i].newVersion.clear();
    rows[i].copies = QStringLiteral("1 of 1");
  }
  rows[3].inFlight = 2;
  rows[3].requestRate = 84;
  rows[4].inFlight = 3;
  rows[5].copies = QStringLiteral("0 of 1 new · 1 old");
  rows[5].health = QStringLiteral("connection refused");
  rows[6].copies = QStringLiteral("1 of 1 new · 1 old");
  rows[6].inFlight = 3;
  rows[6].requestRate = 212;
  rows[6].waitingFor = QStringLiteral("3 runs of the old copy");
  rows[6].then = QStringLiteral("end 3 runs");
  rows[6].since = now - 16s;
  rows[6].until = now + 14s;
  rows[7].copies = QStringLiteral("1 old");
  rows[7].inFlight = 12;
  rows[7].requestRate = 36;
  rows[7].waitingFor = QStringLiteral("approval “gateway”");
  return rows;
}

// The same ones each time: `count` services in waves of about twelve, each with up to three dependencies.
inline ServiceRows manyRows(int count) {
  std::minstd_rand random(7);
  const auto below = [&random](int end) {
    return static_cast<int>(random() % static_cast<unsigned>(end));
  };
  const auto name = [](int i) {
    return QStringLiteral("service-%1").arg(i, 3, 10, QLatin1Char('0'));
  };
  ServiceRows rows;
  for (int i = 0; i < count; ++i) {
    ServiceRow row;
    row.name = name(i);
    row.wave = 1 + i / 12;
    row.oldVersion = QStringLiteral("1.%1.0").arg(below(30));
    row.newVersion = QStringLiteral("2.%1.0").arg(below(30));
    const bool isDone = row.wave < 3, isNow = row.wave == 3;
    row.mood = isDone ? Mood::Ok : isNow ? Mood::Running : Mood::Idle;
    row.status = isDone  ? QStringLiteral("serving")
                 : isNow ? QStringLiteral("starting")
                         : QStringLiteral("not begun");
    row.health = QStringLiteral("%1 of 3 probes pass").arg(below(4));
    row.copies = QStringLiteral("%1 of 2 new · 2 old").arg(below(3));
    row.inFlight = below(40);
    row.requestRate = below(3000) / 10.0;
    for (int k = below(4); k > 0 && row.wave > 1; --k)
      row.dependsOn += name(std::max(0, i - 6 - below(30)));
    rows.push_back(row);
  }
  if (count > 3)
    rows[3].mood = Mood::Failed;
  return rows;
}

} // namespace ratdeck
