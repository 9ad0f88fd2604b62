// What the engine must do to the world because of the state a rollout is in. One effect is one remote call
// with a timeout, idempotent: the adapter looks before it acts. Effects and watches are functions of the
// state alone, so a recovered rollout asks for exactly what the killed one had in hand.
#pragma once

#include "core/base/duration.h"
#include "core/base/id.h"

#include <compare>
#include <string>

namespace ratdeck {

enum class EffectKind {
  StartInstance,   // create and start the copy, if it does not exist yet
  JoinRouter,      // add to the router in maintenance, then enable: THE SWITCH; read back
  Verify,          // the plan's checks through the router, once
  DrainRouter,     // no new requests; what is in flight goes on
  ReturnRouter,    // a drained copy takes traffic again (undo)
  LeaveRouter,     // maintenance, then delete; read back that it is out
  CaptureEvidence, // before a failed copy is removed: its last output and the probe's answer
  StopInstance,    // signal, and SIGKILL at the grace's end
  RemoveInstance,  // delete what is left of a stopped copy
  DrainHook,       // tell an old copy to take no new work
  BackHook,        // … to take new work again
  RunTask,         // one step of a task
};

enum class TaskStep {
  Look,    // read which versions are applied
  Run,     // its command; one in a copy of its own that was begun already is waited for
  Await,   // its command, if it was begun: nothing begins
  Undo,    // its down, likewise
  Clear,   // end and remove the copy that was made for its command
  Confirm, // read once more, after the command
};

struct Effect {
  EffectKind kind = EffectKind::StartInstance;
  std::string service;
  InstanceId instance;
  int attempt = 1;                    // counted up by each retry, so that a retry is another effect
  BootTimeline::time_point notBefore; // of a retry
  std::string task = {};              // of RunTask
  TaskStep step = TaskStep::Look;     // of RunTask

  // "start rat-ratd-2 #1", "task run add-email #1": what it is known by in observations.
  std::string key() const;
  bool operator==(const Effect&) const = default;
};

// Something the engine goes on looking at as long as the state asks for it.
enum class WatchKind {
  Gate,        // run the gate's probes each interval; report changes and the streak that passes
  Runs,        // active runs; report changes and "quiet": three zeros over 3 s
  InFlight,    // requests in flight at the router on a draining copy; report changes and zero
  Serving,     // a new copy that serves: probes, exits, analyses by its own requests
  Analysis,    // analyses that are judged for the service as a whole; by the service alone
  DrainHealth, // grpc.health of an old copy while its active work is drained; report changes
};

struct Watch {
  WatchKind kind = WatchKind::Gate;
  std::string service;
  InstanceId instance; // empty for Runs and Analysis
  auto operator<=>(const Watch&) const = default;
};

const char* toString(EffectKind kind);
const char* toString(WatchKind kind);
const char* toString(TaskStep step);

} // namespace ratdeck
