// Everything the window knows of one service: its copies, what its probes say, what it printed last, what
// differs between its versions, its steps. Pure.
#pragma once

#include "core/rollout/rollout_state.h"
#include "core/spec/world.h"
#include "ui/model/service_row.h"

namespace ratdeck {

struct CopyDetail {
  QString id;
  QString role;  // old, new, restored; "" where no rollout says it
  QString phase; // serving, draining, …
  QString address;
  QString since; // "for 12 s"
  QString inFlight;
  QString note; // why it failed, what is awaited
  Mood mood = Mood::Unknown;
  bool operator==(const CopyDetail&) const = default;
};

struct ProbeDetail {
  QString copy, probe, answer;
  Mood mood = Mood::Unknown;
  bool operator==(const ProbeDetail&) const = default;
};

// A step of the drain of active work: the hook, gRPC health, the runs.
struct DrainDetail {
  QString step, text; // "hook SIGUSR1", "took effect on 1 of 1 copy"
  Mood mood = Mood::Unknown;
  bool operator==(const DrainDetail&) const = default;
};

struct ServiceDetail {
  QString name, versions; // "2.3.0 → 2.4.0"
  std::vector<CopyDetail> copies;
  std::vector<ProbeDetail> probes;
  QStringList changes;            // "image", "environment.RATQ_ADDR" …
  QStringList steps;              // "start · at most 30 s", of the plan
  QStringList output;             // last lines of copies that failed, "id: line"
  std::vector<DrainDetail> drain; // while active work is drained, and after
  bool operator==(const ServiceDetail&) const = default;
};

// `rollout` and `world` may be null: then nothing is known from there.
ServiceDetail serviceDetailOf(const std::string& service, const RolloutState* rollout, const World* world,
                              Instant now);

} // namespace ratdeck
