// Rollouts that go on without a window: an unfinished one is handed to a headless engine (ratdeckctl) of its
// own, which outlives the window, and taken back from it.
//
// Nobody can be asked there: an approval that somebody was to be asked for waits until its deadline, and what
// a person would decide at the end of a drain or after a failure is decided as the plan says for nobody. To
// decide, take it back.
//
// Waits for answers in an event loop of the calling thread.
#pragma once

#include "app/stack/environment.h"
#include "app/stack/place.h"
#include "core/engine/past_rollout.h"

#include <string>

namespace ratdeck {

// Returns once the headless engine has taken the rollout over. The caller's engine was shut down, and nothing
// holds the stack. The program's words go to the log that backgroundLog names. Errors: the program's own
// words where it ends at once; Refused (it is over, or an engine has it in hand); Timeout (30 s: it may still
// take it over); Internal (it cannot be started).
Status startBackground(const Environment& environment, const StackChoice& choice, const PastRollout& past);

std::string backgroundLog(const Environment& environment, const std::string& rollout);

// Ends the headless engine that carries the rollout out: at rest where it comes to rest within 3 s, at once
// otherwise. Its journal stays unfinished. Errors: NotFound (nobody holds the stack), Refused (somebody does
// whom no window has started), Timeout.
Status endBackground(const Place& place, const std::string& rollout);

} // namespace ratdeck
