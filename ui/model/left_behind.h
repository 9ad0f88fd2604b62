// How far a rollout had come that an engine left behind, and what its undo would do. Pure.
#pragma once

#include "core/rollout/rollout_state.h"

#include <QString>

namespace ratdeck {

struct LeftBehind {
  QString progress; // "wave 2 of 3 · ratd 1.0.0 → 2.0.0 · 1 of 3 services done"
  QString undo;     // "restarts 2 copies, about 20 s"
  bool operator==(const LeftBehind&) const = default;
};

// `state`: the fold of its journal.
LeftBehind leftBehindOf(const RolloutState& state);

} // namespace ratdeck
