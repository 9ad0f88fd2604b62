// The words of the enums. Results are the contract's; the others are read by people and by the journal.
#include "core/rollout/command.h"
#include "core/rollout/observation.h"
#include "core/rollout/rollout_state.h"

namespace ratdeck {

const char* toString(RolloutPhase phase) {
  switch (phase) {
  case RolloutPhase::New:
    return "new";
  case RolloutPhase::Rolling:
    return "rolling";
  case RolloutPhase::Undoing:
    return "undoing";
  case RolloutPhase::Ended:
    return "ended";
  }
  return "unknown";
}

const char* toString(RolloutResult result) {
  switch (result) {
  case RolloutResult::None:
    return "none";
  case RolloutResult::Succeeded:
    return "succeeded";
  case RolloutResult::Failed:
    return "failed";
  case RolloutResult::RolledBack:
    return "rolled_back";
  case RolloutResult::RollbackFailed:
    return "rollback_failed";
  case RolloutResult::Aborted:
    return "aborted";
  case RolloutResult::Rejected:
    return "rejected";
  case RolloutResult::PausedMixed:
    return "paused_mixed";
  }
  return "unknown";
}

const char* toString(ServicePhase phase) {
  switch (phase) {
  case ServicePhase::Pending:
    return "pending";
  case ServicePhase::AwaitingApproval:
    return "awaiting approval";
  case ServicePhase::Rolling:
    return "rolling";
  case ServicePhase::Watching:
    return "watching";
  case ServicePhase::AwaitingApprovalAfter:
    return "awaiting approval after";
  case ServicePhase::Finished:
    return "finished";
  case ServicePhase::Failed:
    return "failed";
  case ServicePhase::Undoing:
    return "undoing";
  case ServicePhase::Undone:
    return "undone";
  }
  return "unknown";
}

const char* toString(InstancePhase phase) {
  switch (phase) {
  case InstancePhase::Pending:
    return "pending";
  case InstancePhase::Starting:
    return "starting";
  case InstancePhase::Gating:
    return "gating";
  case InstancePhase::Ready:
    return "ready";
  case InstancePhase::Joining:
    return "joining";
  case InstancePhase::Verifying:
    return "verifying";
  case InstancePhase::Serving:
    return "serving";
  case InstancePhase::Draining:
    return "draining";
  case InstancePhase::Warm:
    return "warm";
  case InstancePhase::Returning:
    return "returning";
  case InstancePhase::Evidence:
    return "evidence";
  case InstancePhase::Leaving:
    return "leaving";
  case InstancePhase::Stopping:
    return "stopping";
  case InstancePhase::Removing:
    return "removing";
  case InstancePhase::Retired:
    return "retired";
  }
  return "unknown";
}

const char* toString(InstanceRole role) {
  switch (role) {
  case InstanceRole::Old:
    return "old";
  case InstanceRole::New:
    return "new";
  case InstanceRole::Restored:
    return "restored";
  }
  return "unknown";
}

const char* toString(Verdict verdict) {
  switch (verdict) {
  case Verdict::Pending:
    return "pending";
  case Verdict::Passing:
    return "passing";
  case Verdict::Failing:
    return "failing";
  case Verdict::Inconclusive:
    return "inconclusive";
  case Verdict::Error:
    return "error";
  }
  return "unknown";
}

const char* toString(CommandKind kind) {
  switch (kind) {
  case CommandKind::FinishBake:
    return "finish-bake";
  case CommandKind::Approve:
    return "approve";
  case CommandKind::Reject:
    return "reject";
  case CommandKind::Hold:
    return "hold";
  case CommandKind::Continue:
    return "continue";
  case CommandKind::Abort:
    return "abort";
  case CommandKind::StopHere:
    return "stop-here";
  case CommandKind::Leave:
    return "leave";
  case CommandKind::DecideDrain:
    return "decide-drain";
  }
  return "unknown";
}

const char* toString(ObservationKind kind) {
  switch (kind) {
  case ObservationKind::EffectDone:
    return "effect-done";
  case ObservationKind::EffectFailed:
    return "effect-failed";
  case ObservationKind::ProbeChanged:
    return "probe-changed";
  case ObservationKind::GateStreak:
    return "gate-streak";
  case ObservationKind::RunsChanged:
    return "runs-changed";
  case ObservationKind::RunsQuiet:
    return "runs-quiet";
  case ObservationKind::InFlightChanged:
    return "in-flight-changed";
  case ObservationKind::AnalysisJudged:
    return "analysis judged";
  case ObservationKind::ServingBad:
    return "serving-bad";
  case ObservationKind::InstanceExited:
    return "instance-exited";
  case ObservationKind::Sampled:
    return "sampled";
  case ObservationKind::Away:
    return "away";
  case ObservationKind::Returned:
    return "returned";
  case ObservationKind::DrainHealthChanged:
    return "drain-health-changed";
  }
  return "unknown";
}

} // namespace ratdeck
