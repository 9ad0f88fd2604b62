// What a person can ask of a live rollout, with the consequence on the button and the reason where it is
// refused. Pure.
#pragma once

#include "core/rollout/command.h"
#include "core/rollout/rollout_state.h"

#include <QString>

#include <set>
#include <string>

namespace ratdeck {

struct Verb {
  CommandKind kind = CommandKind::Hold;
  QString label;       // "Undo now"; ends with "…" where a question comes first
  QString consequence; // "traffic back on 2.3.0 in about 2 s"
  bool isPossible = false;
  QString refusal;                       // why not
  QString question;                      // what the dialog says; "" = none is needed
  std::set<std::string> pastSchema = {}; // schema versions that must be typed in the dialog
  bool operator==(const Verb&) const = default;
};

// Hold, or Continue while it is held, or the end of the watch while the release bakes.
Verb holdVerb(const RolloutState& state, Instant now);
Verb undoVerb(const RolloutState& state, Instant now);
Verb stopHereVerb(const RolloutState& state, Instant now);
// Only while the release bakes.
Verb finishBakeVerb(const RolloutState& state, Instant now);

// Copies that an undo has to start again, because their old ones are gone.
int copiesToRestart(const RolloutState& state);

} // namespace ratdeck
