// All that the window shows at one moment. A plain value: the widgets compare it with what they show.
#pragma once

#include "ui/model/decision_request.h"
#include "ui/model/headline.h"
#include "ui/model/service_row.h"
#include "ui/model/users_verdict.h"
#include "ui/model/verb.h"
#include "ui/model/wait_line.h"

namespace ratdeck {

enum class ConsoleMode {
  NoTarget,  // nothing is open
  Idle,      // the live stack, read-only
  Preparing, // images are pulled, the stack is held: a rollout is about to begin
  Live,      // a rollout goes on
  Ended,     // it is over, and its end is still shown
};

struct ConsoleView {
  ConsoleMode mode = ConsoleMode::NoTarget;
  QString band;    // "SANDBOX", "DOCKER"
  QString title;   // "rat · the sandbox default"
  QString rollout; // its id, or ""
  UsersVerdict users;
  StatusLine headline;
  std::vector<WaitLine> waits;
  std::vector<DecisionRequest> decisions;
  ServiceRows rows;
  Verb hold, undo, stopHere; // of a live rollout
  QString undoUnfinished;    // what the undo of an unfinished one would do; "" = not known
  QString rollBackTo;        // the version that Roll back leads to; "" = several, or not known
  QString stackNow;          // after an end: what runs since; "" = not looked at yet
  bool isOver = false;       // the rollout that is shown has come to its end
  bool hasUnfinished = false;
  bool canChange = false; // a person may plan, start and steer here
  bool operator==(const ConsoleView&) const = default;
};

} // namespace ratdeck
