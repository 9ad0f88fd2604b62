// What a person (or a script for one) asks of a running rollout. A command that cannot be obeyed becomes the
// event CommandRefused with the reason, never silence.
#pragma once

#include "core/base/id.h"
#include "core/spec/policy.h"

#include <string>

namespace ratdeck {

enum class CommandKind {
  Approve,     // gate + planHash must name the waiting gate
  Reject,      // gate + planHash; the rollout is undone
  Hold,        // finish the swaps in hand, start nothing new
  Continue,    // end a hold
  Abort,       // undo this rollout
  StopHere,    // end now with versions mixed, after the swaps in hand
  Leave,       // the person at the terminal is gone: nothing waits for a decision of theirs any more
  FinishBake,  // the release needs no more watching: end now
  DecideDrain, // for `service`, whose drain of runs is past its deadline or near it: `decision`
};

struct Command {
  CommandKind kind = CommandKind::Hold;
  std::string actor; // who: "uid 0", later uid and key
  std::string reason;
  GateId gate;
  std::string planHash;
  std::string service;
  DeadlineAction decision = DeadlineAction::Wait;
  Duration extendBy = 0s; // of Extend; 0 = the plan's extension
};

const char* toString(CommandKind kind);

} // namespace ratdeck
