// The outcome of a rollout as others read it: the interface's "outcome" object. Pure.
#pragma once

#include "core/rollout/rollout_state.h"

#include <string>

namespace ratdeck {

// What clients saw while it went on, measured by a load or at the router.
struct Traffic {
  bool isMeasured = false;
  std::string noData; // what about it is not known, and why; "" = all is known
  long long requests = 0;
  long long failed = 0;
  double p50Ms = 0, p99Ms = 0, maxMs = 0, steadyP99Ms = 0;
  long long nearSwitch = 0;    // requests that began within one second of a switch
  long long routerRetries = 0; // retries and redispatches; must be 0
};

// `rollout` and `journal` name the record. Fields as in the interface; "traffic" only where it was measured.
// Where runs were ended: "runs_reaped_within_s" and "runs_reaped_by" (RFC 3339), when ratd's reaper has
// marked them failed at the latest. Of a try: "try": true, "excluded" with the reasons, "left_over" (copies
// that could not be removed), and for each service that failed its "evidence"; a service is tried, failed or
// unchanged. "broken_before": what the plan's baseline said, each with "now": mended (its service was
// updated), still (as before), unchanged (left alone, and not looked at again).
Json outcomeOf(const RolloutState& state, const RolloutId& rollout, const std::string& journal,
               const Traffic& traffic = {});

// The upper bound of the failure rate that n requests with 0 failures prove at 95 % (the rule of three): 3 /
// n.
double boundAt95(long long requests);

} // namespace ratdeck
