// The second line of the window: what state this is, how far and for how long. Pure.
#pragma once

#include "core/rollout/rollout_state.h"
#include "ui/model/console_facts.h"
#include "ui/model/status_line.h"

namespace ratdeck {

// Of a rollout, live or over.
StatusLine headlineOf(const RolloutState& state, Instant now);
// Nothing is rolled out: what runs, and who changed it last.
StatusLine idleHeadline(const StackFacts& stack, WallTime now, bool isUtc);

// Of services that the plan changes.
int changedCount(const RolloutState& state);
int finishedCount(const RolloutState& state);
// "2 of 3 services back": of those that were begun; "" where none was.
QString backText(const RolloutState& state);
// "wave 2 of 3 · ratd 1.0.0 → 2.0.0 · 1 of 3 services done"
QString progressText(const RolloutState& state);
// "2.4.0", or "ratd 2.4.0, portal 3.1.0": what they change to (or from).
QString versionsOf(const Plan& plan, bool isNew);

} // namespace ratdeck
