// What a person is asked for: an approval, or what becomes of runs at the end of a drain. Bound to one gate
// id and one plan hash, so that a late answer can never be taken for the next one. Pure.
#pragma once

#include "core/rollout/command.h"
#include "core/rollout/rollout_state.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace ratdeck {

struct DecisionRequest {
  enum class Kind { Approval, Drain };
  Kind kind = Kind::Approval;
  GateId gate;          // of an approval
  std::string planHash; // of an approval
  std::string service;  // of a drain
  QString title;        // "Approval "gateway""
  QString next;         // what happens next when it is granted
  QString changed;      // what changed so far
  QString startedBy;
  Instant since;
  std::optional<BootTime> until; // absent: until somebody decides
  QString then;                  // what happens at `until`
  bool needsReason = false;      // to approve it: something came to no verdict
  int activeRuns = -1;           // of a drain; -1 = not known
  QStringList runs;              // of a drain: "run-17 (42 s)", with its age
  QStringList runIds;            // their names alone
  QString extension;             // of a drain: "10 min"
  Duration extensionTime{};      // the same
  bool isOverdue = false;        // of a drain: its deadline has passed, somebody must decide
  bool operator==(const DecisionRequest&) const = default;
};

// Approvals that wait, then drains whose deadline is near or over; empty in an undo and after the end.
std::vector<DecisionRequest> decisionRequestsOf(const RolloutState& state, Instant now);

// The command that answers it. `actor` is who, `reason` why or under which change number.
Command approving(const DecisionRequest& request, bool isGranted, const std::string& actor,
                  const std::string& reason);
// `extendBy`: 0 = by the plan's extension.
Command decidingDrain(const DecisionRequest& request, DeadlineAction decision, const std::string& actor,
                      const std::string& reason, Duration extendBy = {});

} // namespace ratdeck
