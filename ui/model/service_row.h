// One service as the window shows it: a node of the graph and a row of its table. Plain values for people;
// what is not known is absent and never zero.
#pragma once

#include "core/base/clock.h"

#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace ratdeck {

// Status is colour + shape + word; the theme knows colour and shape. Caution: to be known, and nothing waits.
enum class Mood { Idle, Ok, Running, Waiting, Caution, Failed, Unknown };

struct ServiceRow {
  QString name;
  int wave = 0;       // from 1; 0 = it takes no part in the rollout
  QString oldVersion; // that it has; "" = it does not run
  QString newVersion; // that it is on the way to; "" = it is not on the way
  QString copies;     // "1 of 1 new · 1 old"
  QString health;     // "healthy", "starting", "2 of 3 probes pass" …
  Mood mood = Mood::Unknown;
  QString status; // in one or two words: "serving", "draining", "waiting"
  std::optional<long long> inFlight;
  std::optional<double> requestRate; // requests a second at the router, old and new together
  QStringList dependsOn;             // names of other rows
  QString waitingFor;                // "" = for nothing
  QString then;                      // what happens at `until`
  std::optional<BootTime> until;     // absent: until somebody decides, or it waits for nothing
  std::optional<BootTime> since;     // when that waiting began; with `until` it makes the ring

  bool operator==(const ServiceRow&) const = default;
};

using ServiceRows = std::vector<ServiceRow>;

} // namespace ratdeck
