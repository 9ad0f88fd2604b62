// The state of one rollout: the fold of its events, and nothing else. Value type, no clock, no I/O.
//
//   new copy:  Pending -> Starting -> Gating -> Ready -> Joining -> Verifying -> Serving
//   old copy:  Serving -> Draining -> Warm -> Leaving -> Stopping -> Removing -> Retired
//   undo:      Draining|Warm -> Returning -> Serving (old);  any phase -> Leaving -> Stopping -> … (new)
//   An old copy that is gone already is restored: a new copy of the old revision with the role Restored.
//   A failed copy goes through Evidence before it leaves: Serving -> Draining -> Warm -> Evidence -> Leaving
//   (out of rotation first). Copies that nothing routes to skip Joining, Verifying, Draining, Leaving.
//   In a try: Ready -> Stopping, as soon as all of the service are ready.
//   One-shots: Gating -> Retired at exit code 0. Ready -> Gating when a probe fails before the switch.
//   A copy has at most one effect in hand, and nothing else is asked of it until that has answered.
#pragma once

#include "core/plan/plan.h"
#include "core/rollout/event.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ratdeck {

enum class RolloutPhase { New, Rolling, Undoing, Ended };
enum class RolloutResult {
  None,
  Succeeded,
  Failed,
  RolledBack,
  RollbackFailed,
  Aborted,
  Rejected,
  PausedMixed
};
enum class ServicePhase {
  Pending,
  AwaitingApproval,
  Rolling,
  Watching,
  AwaitingApprovalAfter,
  Finished,
  Failed,
  Undoing,
  Undone
};
enum class InstanceRole { Old, New, Restored };
enum class InstancePhase {
  Pending,
  Starting,
  Gating,
  Ready,
  Joining,
  Verifying,
  Serving,
  Draining,
  Warm,
  Returning,
  Evidence,
  Leaving,
  Stopping,
  Removing,
  Retired,
};
enum class GateState { Waiting, Granted, Rejected, Expired };
// Of an analysis. Inconclusive: there was something to judge, and too little of it; Error: it could not be
// read. Neither is a pass, nor a failure.
enum class Verdict { Pending, Passing, Failing, Inconclusive, Error };

struct AnalysisState {
  std::string name;
  InstanceId copy; // empty: of all new copies of the service
  Verdict verdict = Verdict::Pending;
  std::string text; // "12 of 40 requests failed in 30 s (at most 1 %)"
  Instant since;
  bool operator==(const AnalysisState&) const = default;
};

// Requests at the router, counted up from the samples.
struct RequestTally {
  long long requests = 0, failed = 0;
  double timeMs = 0;        // mean time to an answer …
  long long timedCount = 0; // … of so many requests
  bool operator==(const RequestTally&) const = default;
};

// Whether an old copy takes new work, as far as the hook of a drain says: Closing and Opening are in hand.
enum class NewWork { Open, Closing, Closed, Opening };
struct InstanceRollout {
  InstanceId id;
  std::string service;
  InstanceRole role = InstanceRole::New;
  InstancePhase phase = InstancePhase::Pending;
  int number = 0;
  int batch = 0;
  std::string address;
  bool isInRouter = false;      // joined, or an old one that serves
  bool isOutOfRotation = false; // Draining: the router confirmed it
  bool hasFailed = false;
  std::string failure; // why, for people
  bool wasForceKilled = false;
  int inFlight = -1;                         // -1 = not known
  int attempt = 1;                           // of the effect its phase implies
  BootTime retryAt;                          // not before
  std::map<std::string, std::string> probes; // probe name -> "" passing, else its last answer
  Instant phaseSince;
  Json evidence; // what was kept of a failed one

  bool hasExited = false;    // by itself
  bool hasEvidence = false;  // captured, or tried in vain
  bool isStopped = false;    // Stopping: the runtime said so
  bool isKept = false;       // a one-shot that is done: its exited copy stays
  bool isLeftover = false;   // could not be stopped or removed
  bool hasGivenUp = false;   // the effect its phase implies failed for good; nobody works on it
  int tries = 0;             // failures of that effect that count (not those while away)
  std::string effectError;   // what the last one said
  BootTime troubleDeadline;  // of a drain or leave that fails; the epoch = none
  BootTime gateDeadline;     // Gating
  BootTime inFlightDeadline; // Draining, once out of rotation
  RequestTally traffic;      // what it answered, as far as was seen

  NewWork newWork = NewWork::Open;
  std::string hookTrouble; // why it could not be told to take no new work; "" = it was, or was not tried
  std::string drainHealth; // what it last said by grpc.health in a drain; "" = nothing yet

  bool operator==(const InstanceRollout&) const = default;
};

struct ServiceRollout {
  std::string service;
  ServicePhase phase = ServicePhase::Pending;
  int batch = 0; // the batch in hand, from 1
  int batches = 0;
  int failures = 0; // copies that failed, for maxFailureRatio
  Instant startedAt, switchedAt, batchSwitchedAt, finishedAt;
  bool isDrainingRuns = false;
  bool runsDrained = false;
  int activeRuns = -1; // -1 = not known
  Json runs;           // what was last read
  Instant drainSince;
  BootTime drainDeadline;
  bool drainAwaitsDecision = false;
  Instant drainAskedAt;              // since when
  std::vector<std::string> lostRuns; // ended by a decision
  std::string failure;
  // what each stage took, for the report; negative = did not happen
  double startSeconds = -1, gateSeconds = -1, switchSeconds = -1, drainSeconds = -1, stopSeconds = -1;

  bool isBatchSwitched = false;  // all new copies of the batch in hand serve
  bool hasSwitched = false;      // of the last batch
  bool hasMonitorPassed = false; // of the batch in hand
  bool isDrainExtended = false;
  bool areRunsEnded = false; // somebody decided not to wait for the runs
  bool mustUndo = false;     // whatever its failureAction says
  int acceptedFailures = 0;  // a person saw them and went on
  bool isAsked = false;      // a person was asked about its failure
  int restoreFailures = 0;   // restored copies that failed
  bool hasUndoFailed = false;
  bool isTried = false; // all its new copies passed their gates, in a try
  // Of the batch in hand: by the analysis' name, and where it is judged copy by copy "NAME COPY".
  std::map<std::string, AnalysisState> analyses;

  Instant runsObservedAt;    // when `runs` was read, with the ages of then
  std::string runsTrouble;   // why the number of runs is not known
  double reaperSeconds = -1; // in which ratd marks runs failed that nobody follows; negative = not told
  Instant runsEndedAt;       // by a decision
  bool operator==(const ServiceRollout&) const = default;
};

// A task:  Pending -> Looking -> Running -> Confirming -> Done | Failed
//          Done, or Failed where its down is safe: -> Undoing -> Settling -> Undone | UndoFailed
//   Looking reads which versions are applied before it, Confirming and Settling after it; without a `status`
//   they are passed through. A schema that a service migrates itself: Looking -> Watching -> Confirming.
//   Looking -> Pending where nothing may begin any more when it was read; Running -> Pending likewise, where
//   it waits for another attempt and none before has begun.
enum class TaskPhase {
  Pending,
  Looking,
  Running,
  Watching,
  Confirming,
  Done,
  Failed,
  Undoing,
  Settling,
  Undone,
  UndoFailed,
};

struct TaskRollout {
  std::string id;
  TaskPhase phase = TaskPhase::Pending;
  Instant phaseSince, startedAt, finishedAt;
  BootTime deadline;       // of the command in hand; the epoch = none
  int attempt = 1;         // of the effect its phase implies
  int tries = 0;           // failures of that effect that count (not those while away)
  BootTime retryAt;        // not before
  std::string effectError; // what the last one said
  bool isInDoubt = false;  // nobody knows whether its command ran, or runs still
  bool isWaiting = false;  // Running: for the time of another attempt, with none in hand
  bool isAwaited = false;  // Running: what was begun is waited for, and nothing begins
  bool mayHaveRun = false; // the answer to an attempt at its command was lost
  bool isLeft = false;     // the copy made for its command is still there
  bool isDownLeft = false; // the same, of its down
  bool isLeftover = false; // it could not be removed
  bool wasSkipped = false; // what it adds was there
  bool wasTimedOut = false;
  bool isAccepted = false; // failed, and passed over
  bool isAsked = false;    // failed, and a person was asked
  bool hasBegun = false;   // its command, or the code that migrates: the schema may have changed
  bool isLooked = false;   // Confirming, Settling: read, or tried in vain
  int exitCode = -1;
  double tookSeconds = -1;
  Json output;                                           // the last lines of its command
  std::optional<std::vector<std::string>> before, after; // versions applied; absent = not known
  std::vector<std::string> added, removed;               // by its command; by its down
  std::string failure;

  bool operator==(const TaskRollout&) const = default;
};

struct ApprovalState {
  GateState state = GateState::Waiting;
  Instant since;
  BootTime expiresAt;
  std::string actor, reason;
  std::set<std::string> pastSchema; // of a rejected one: as Command's
  // Of one that is not in the plan, asked because something came to no verdict: about what, and why.
  std::string service, question;
  bool operator==(const ApprovalState&) const = default;
};

struct RolloutState {
  RolloutPhase phase = RolloutPhase::New;
  RolloutResult result = RolloutResult::None;
  RolloutResult undoResult = RolloutResult::None; // what a finished undo will be called
  Plan plan;
  bool hasPerson = true;
  std::string approve = "ask"; // ask, auto, wait
  int wave = 0;                // the one in hand, from 1
  std::map<std::string, ServiceRollout> services;
  std::map<InstanceId, InstanceRollout> instances;
  std::map<GateId, ApprovalState> approvals;
  bool isHeld = false;
  std::string heldBy, heldReason;
  Instant heldSince;
  bool stopsHere = false;
  bool isAway = false;
  Instant awaySince; // while it is: when the target answered last
  std::string undoReason;
  Instant startedAt, undoStartedAt, endedAt;
  Instant lastEventAt;
  long long events = 0;
  std::string endReason;

  std::string actor;          // who started it
  std::string undoes;         // the rollout that this one undoes
  std::string bootId;         // of the boot that the BootTimes here belong to; "" = not known
  int wavesFinished = 0;      // waves 1 to this one are over
  bool hasChanged = false;    // a copy was started, drained or stopped
  std::string undoActor;      // empty = a gate
  std::string windowOverride; // why it began outside its windows or in a freeze; "" = it did not
  std::string undoCause;      // the service whose failure it is; undone first; may be empty
  std::map<std::string, TaskRollout> tasks;
  std::set<std::string> pastConfirmed; // an undo: schema versions that a person named

  std::map<std::string, RequestTally> frontTraffic; // of each service, as its clients saw it
  bool bakes = false;                               // after its last step the release goes on being watched
  bool isBaking = false;                            // that is what it does now
  Instant bakeSince;                                // since when, or since when it did
  BootTime bakeDeadline;

  bool operator==(const RolloutState&) const = default;
};

// Why nothing seems to happen, with the time each reason began and what ends it.
struct WaitReason {
  std::string
      code; // approval, held, runs, in-flight, gate, monitor, keep-warm, delay, away, retry, bake, task
  std::string service; // may be empty
  std::string text;    // for people
  Instant since;
  std::optional<BootTime> until;       // absent: until somebody decides
  std::string then;                    // what happens at `until`
  std::optional<BootTime> oldest = {}; // when the oldest of what is waited for began, where that is known
  bool operator==(const WaitReason&) const = default;
};

const char* toString(RolloutPhase phase);
const char* toString(RolloutResult result); // succeeded, failed, rolled_back, …: the contract's words
const char* toString(ServicePhase phase);
const char* toString(InstancePhase phase);
const char* toString(InstanceRole role);
const char* toString(TaskPhase phase);
const char* toString(Verdict verdict); // passing, failing, …

} // namespace ratdeck
