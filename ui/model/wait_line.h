// What the rollout waits for, why, and what happens when the countdown ends. Pure.
#pragma once

#include "core/rollout/rollout_state.h"

#include <QString>

#include <vector>

namespace ratdeck {

struct WaitLine {
  QString code;      // as WaitReason
  QString service;   // may be empty
  QString text;      // "waiting for approval "gateway""
  QString since;     // "for 12 s"
  QString countdown; // "in 14:32 → nobody decided: undo"; "until somebody decides"
  bool isNear =
      false; // the countdown ends within half a minute, or nothing goes on without a person or the target
  bool operator==(const WaitLine&) const = default;
};

// The most urgent first.
std::vector<WaitLine> waitLinesOf(const RolloutState& state, Instant now);

} // namespace ratdeck
