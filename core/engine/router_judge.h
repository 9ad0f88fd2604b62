// Judges one analysis by what the router counts: of one copy, or of a whole service as its clients see it.
#pragma once

#include "core/rollout/rollout.h"
#include "core/runtime/runtime.h"

#include <deque>
#include <optional>
#include <string>

namespace ratdeck {

// What an analysis says now, for people and for the record.
struct Judgement {
  Verdict verdict = Verdict::Pending;
  std::string text;
  Json detail; // "analysis", "verdict", "value", "limit", "requests", "failed", as far as known
};

// The most that the new version may show, given what the old one did before the switch: see AnalysisSpec.
double limitOf(const AnalysisSpec& spec, const RequestTally& old);

// A ratio is that of the spec's window, which slides; until as much has passed, that since the switch. A
// latency is the router's mean of the last 1,024 requests.
class RouterJudge {
public:
  // `old`: what the old version answered up to here. `isFromZero`: the counters began with the copy, so that
  // the first reading counts in full; else it is the base line.
  RouterJudge(AnalysisSpec spec, const RequestTally& old, bool isFromZero);

  // A judgement where the verdict is another than before.
  std::optional<Judgement> read(const RouterSample& sample, BootTime now);

private:
  struct Reading {
    BootTime at;
    long long requests = 0, failed = 0;
  };
  Reading inWindow(const Reading& now);
  Judgement judge(const RouterSample& sample, const Reading& counted) const;

  AnalysisSpec m_spec;
  double m_limit;
  std::deque<Reading> m_readings; // the first: at the window's edge, or at the beginning
  Verdict m_verdict = Verdict::Pending;
};

} // namespace ratdeck
