// A fact of a rollout, in the past tense. The journal holds events and nothing else; the state is their fold.
// One shape for all kinds, so that journal, window and replay need no code per kind; which fields a kind uses
// is said beside it. New kinds are added at the end of a group; a kind is never renamed (it is a file
// format).
#pragma once

#include "core/base/clock.h"
#include "core/base/id.h"
#include "core/base/json.h"

#include <optional>
#include <string>

namespace ratdeck {

enum class EventType {
  // the rollout
  RolloutStarted, // detail {"plan": Plan, "has_person": bool, "approve": "ask|auto|wait", "undoes": ROLLOUT
  // or "", "boot_id", "bakes"}, actor, reason (may be empty); "took_over": whose lock of the stack was taken
  // over, if any; "window_override": why it began outside its windows or in a freeze, if it did
  RolloutResumed,   // a new engine took over; actor; detail {"boot_id","away_s","has_person"} and
                    // "approve" and "bakes" where they are not as before; "took_over" as above
  WaveStarted,      // detail {"wave"}
  WaveFinished,     // detail {"wave"}
  RolloutHeld,      // actor (empty: a failure, of service or of detail {"task"}), reason; detail
                    // {"stops_here": true} of a StopHere, or where nobody can be asked
  RolloutContinued, // actor
  UndoStarted,    // reason; actor empty = a gate; detail {"result": "rolled_back|aborted|rejected", "cause":
                  // SERVICE or ""}, "past_schema":[…] that was confirmed
  RolloutEnded,   // detail {"result","reason"}: the last event before JournalClosed
  CommandRefused, // actor, reason; detail {"command"}
  AwayNoticed,    // detail {"seconds"}
  ReturnNoticed,
  EngineFaulted, // a bug: reason
  PersonLeft,    // nobody can be asked any more; actor, reason
  BakeStarted,   // all is in place, and goes on being watched; detail {"for_s"}
  BakeFinished,  // actor (empty: its time was up)
  // approvals
  ApprovalRequested, // gate, service or detail {"wave"}; detail {"expires": RFC 3339, "for_s"}; reason: what
                     // came to no verdict, of one that is not in the plan
  ApprovalGranted,   // gate, actor, reason; detail {"plan_hash"}
  ApprovalRejected,  // likewise; detail {"past_schema"} as of UndoStarted
  ApprovalExpired,
  // a service
  ServiceStarted,  // service
  BatchStarted,    // service, detail {"batch","new":[…],"old":[…]}
  ServiceSwitched, // service: all its new copies serve
  ServiceFinished, // service: monitor over, old copies gone
  ServiceFailed,   // service, reason; detail {"undo": bool}: true = whatever its failureAction says
  ServiceUndoStarted,
  ServiceUndone,
  MonitorPassed,       // service; detail {"batch"}
  DrainStarted,        // service: of active runs; detail {"deadline_s"}
  RunsObserved,        // service; detail {"count","runs"}; "why" with count -1; "reaper_s": in how many
                       // seconds at most ratd marks runs failed that nobody follows, where it says so
  DrainFinished,       // service; detail {"took_s"}
  DrainDeadlinePassed, // service; detail {"action","runs"}; "for_s" of an extension
  DrainDecided,        // service, actor, reason; detail {"decision","runs"}; "for_s": until the new deadline
  BatchSwitched,       // service; detail {"batch"}: its new copies serve; the monitor's time begins
  ServiceUndoFailed,   // service, reason: a person is needed; what serves goes on serving
  ServiceTried,        // service: its new copies passed their gates; they go again (a try)
  AnalysisJudged,      // service, instance (empty: of all its copies), reason: in words; detail {"analysis",
                       // "verdict","value","limit","requests","failed"} as far as known
  // an instance (service and instance are set)
  StartRequested,         // phase Starting; detail {"revision","role"}
  InstanceStarted,        // detail {"address"}; phase Gating
  ProbeResultChanged,     // detail {"probe","passed","detail"}; a failing one in Ready: Gating again
  GatePassed,             // detail {"took_s"}, or {"as_before": true}: not asked; phase Ready
  GateFailed,             // reason; phase Failed
  JoinRequested,          // phase Joining
  TrafficSwitched,        // the router routes to it from here on; detail {"boot_ns"}: when; phase Verifying
  VerifyPassed,           // phase Serving; detail {"as_before": true}: not asked
  VerifyFailed,           // reason
  RouterDrainRequested,   // phase Draining
  RouterDrained,          // the router took it out of rotation
  InFlightObserved,       // detail {"count","requests","failed"}: the latter two since it joined
  InFlightDrained,        // phase Warm; detail {"took_s","requests","failed"}
  InFlightDeadlinePassed, // detail {"count"}
  ReturnRequested,        // phase Returning
  TrafficReturned,        // phase Serving; detail {"boot_ns"}
  LeaveRequested,         // phase Leaving
  LeftRouter,
  EvidenceRequested,
  EvidenceCaptured, // detail {"output":[…],"probe":…}
  StopRequested,    // phase Stopping
  InstanceStopped,  // detail {"exit_code","forced_kill","took_ms"}
  RemoveRequested,
  InstanceRetired, // phase Retired; detail {"kept": true} of a one-shot, {"leftover": true} and reason of one
                   // that could not be stopped or removed
  InstanceExited,  // by itself; detail {"exit_code","restarts"}
  ServingWentBad,  // reason; detail {"requests","failed"}
  EffectFailed,    // reason; detail {"effect","attempt","retry_s" (absent: given up)}
  ServingStarted,  // phase Serving of a copy that nothing routes to
  ReturnFailed,    // reason: the old copy could not take traffic again; another is started in its place
  // a task; detail {"task": ID}, service: that it stands before or after, if any
  TaskStarted,
  TaskLooked,      // which versions are applied; detail {"applied":[…]}, or {"unknown": true} and reason;
                   // {"put_back": true}: nothing may begin any more, it is pending again
  TaskDoubted,     // its command was lost from sight; reason
  TaskEnded,       // its command ended; detail {"exit_code","output":[…],"took_s"}, {"timed_out": true}
  TaskPassed,      // detail {"added":[…],"removed":[…]}, {"skipped": true}
  TaskFailed,      // reason; detail {"added","removed"}
  TaskAccepted,    // its failure is passed over; actor empty = as the plan says
  TaskUndoStarted, // its down begins
  TaskUndone,      // detail {"added","removed"}
  TaskUndoFailed,  // reason: a person is needed
  TaskCleared,     // the copy that was made for its command is gone; {"leftover": true} and reason: it is not
  TaskPutBack,     // its command was not begun, and may not begin any more: it is pending again
  TaskTried,   // its command is tried again; {"await": true}: what was begun of it is waited for, and no more
  TaskRetried, // reason; detail {"step","attempt","retry_s"}, {"not_begun": true}: no command ran in it
  // samples
  // what an old copy is told by a drain, beside its phase
  DrainHookRequested,  // it is to take no new work; detail {"by": "a command" or the signal}
  DrainHookDone,       // it was told
  DrainHookFailed,     // reason: it could not be told; the drain goes on without
  BackHookRequested,   // it is to take new work again; detail as DrainHookRequested
  BackHookDone,        // it was told
  DrainHealthObserved, // detail {"health"}: serving, not serving, unimplemented …, or why it could not be
                       // read
  Sampled,             // detail: see the journal's format page
};

struct Event {
  EventType type = EventType::Sampled;
  Instant at;
  std::string service;
  InstanceId instance;
  GateId gate;
  std::string actor;
  std::string reason;
  Json detail;

  bool operator==(const Event&) const = default;
};

const char* toString(EventType type);
std::optional<EventType> eventTypeFrom(const std::string& name);

// The record's "data": the fields that are set. `type` and `at` stand beside it in the journal.
Json dataOf(const Event& event);
// Errors (kind Input): an unknown type, a field of another type.
Result<Event> eventFrom(const std::string& type, Instant at, const Json& data);

} // namespace ratdeck
