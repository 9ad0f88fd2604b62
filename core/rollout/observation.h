// What the engine saw. Plain facts without judgement; decide() turns them into events.
#pragma once

#include "core/base/id.h"
#include "core/base/json.h"

#include <string>

namespace ratdeck {

enum class ObservationKind {
  EffectDone,      // effect = key; detail: what the call returned ({"address"},
                   // {"exit_code","forced_kill","took_ms"}, …)
  EffectFailed,    // effect = key; detail {"message","unreachable"}
  ProbeChanged,    // instance, detail {"probe","passed","detail"}: first result and each change
  GateStreak,      // instance passed all probes the needed times in a row
  RunsChanged,     // detail {"count","runs":[{"id","status","age_s"}]}; count -1 = could not be read: "why";
                   // "reaper_s" as in the event
  RunsQuiet,       // three zeros over 3 s
  InFlightChanged, // instance, detail {"count"}; count 0 = drained
  ServingBad,      // instance in its monitor time went bad: detail {"why","requests","failed"}
  InstanceExited,  // instance, detail {"exit_code","signal","restarts"}
  Sampled,         // detail: one record a second for all services (charts), journaled as it is
  Away,            // the engine did not run, or could not reach the target, for detail {"seconds"}
  AnalysisJudged,  // of the service, or of the instance; detail as the event's, and "text"
  Returned,        // the target answers again after Away; detail: the observed world in short
  DrainHealthChanged, // instance, detail {"health"}: its grpc.health, or why it could not be read
};

struct Observation {
  ObservationKind kind = ObservationKind::Sampled;
  std::string effect;
  std::string service;
  InstanceId instance;
  Json detail;
};

const char* toString(ObservationKind kind);

} // namespace ratdeck
