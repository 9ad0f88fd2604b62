#include "ui/model/decision_request.h"

#include "core/rollout/rollout.h"
#include "core/rollout/task_view.h"
#include "ui/model/countdown.h"
#include "ui/model/headline.h"
#include "ui/model/plain.h"
#include "ui/model/tr.h"

#include <algorithm>

namespace ratdeck {

namespace {

// A drain is shown to be decided this long before its deadline.
constexpr Duration nearDeadline = std::chrono::seconds(30);

QString changeOf(const ServicePlan& plan) {
  const bool isChange = !plan.fromVersion.empty() && plan.fromVersion != plan.toVersion;
  return plain(plan.service + " " + (isChange ? plan.fromVersion + " → " + plan.toVersion : plan.toVersion));
}

QString namesOf(const RolloutState& state, const std::vector<std::string>& services) {
  QStringList names;
  for (const auto& service : services)
    if (const auto plan = state.plan.services.find(service); plan != state.plan.services.end())
      names << changeOf(plan->second);
  return names.join(QStringLiteral(", "));
}

QString afterGrant(const RolloutState& state, const ApprovalSpec& spec) {
  const bool isAfter = spec.when == ApprovalSpec::When::After;
  if (!spec.service.empty()) {
    const auto names = namesOf(state, {spec.service});
    return isAfter ? tr("end the old copies of %1 and go on").arg(names) : tr("roll %1").arg(names);
  }
  for (const auto& wave : state.plan.waves)
    if (wave.index == spec.wave + (isAfter ? 1 : 0))
      return tr("wave %1 of %2: roll %3")
          .arg(wave.index)
          .arg(state.plan.waves.size())
          .arg(namesOf(state, wave.services));
  return tr("the rollout goes on to its end");
}

QString changedSoFar(const RolloutState& state) {
  QStringList done;
  for (const auto& [name, service] : state.services)
    if (service.hasSwitched)
      if (const auto plan = state.plan.services.find(name); plan != state.plan.services.end())
        done << changeOf(plan->second);
  if (done.isEmpty())
    return tr("nothing so far");
  if (done.size() > 2)
    return tr("%1 of %2 services").arg(done.size()).arg(state.plan.services.size());
  return done.join(QStringLiteral(", "));
}

const ApprovalSpec* specOf(const RolloutState& state, const GateId& gate) {
  const auto it = std::find_if(state.plan.approvals.begin(), state.plan.approvals.end(),
                               [&](const ApprovalSpec& spec) { return spec.id == gate.value; });
  return it == state.plan.approvals.end() ? nullptr : &*it;
}

DecisionRequest approvalRequest(const RolloutState& state, const GateId& gate,
                                const ApprovalState& approval) {
  DecisionRequest request;
  request.kind = DecisionRequest::Kind::Approval;
  request.gate = gate;
  request.planHash = state.plan.hash;
  request.title = tr("Approval “%1”").arg(plain(gate.value));
  if (!approval.question.empty()) {
    request.title = tr("%1: no verdict").arg(plain(approval.service));
    request.service = approval.service;
    request.needsReason = true;
    request.next = tr("%1. Go on all the same? A reason is needed").arg(plain(approval.question));
  }
  if (const auto* spec = specOf(state, gate)) {
    request.service = spec->service;
    request.next = afterGrant(state, *spec);
  }
  request.since = approval.since;
  if (!state.isAway && mayExpire(state))
    request.until = approval.expiresAt;
  request.then = mayExpire(state) || state.stopsHere ? tr("nobody decided: undo") : QString();
  return request;
}

QStringList runsOf(const ServiceRollout& service, Instant now) {
  QStringList lines;
  const auto sinceRead =
      service.runsObservedAt == Instant() ? 0 : seconds(now.boot - service.runsObservedAt.boot);
  for (const auto& run : service.runs) {
    const auto status = textAt(run, "status");
    QStringList parts{status == "running" ? QString() : plain(status)};
    if (const auto age = numberAt(run, "age_s", -1); age >= 0)
      parts << durationText(
          std::chrono::duration_cast<Duration>(std::chrono::duration<double>(age + sinceRead)));
    parts.removeAll(QString());
    const auto id = plain(textAt(run, "id"));
    lines << (parts.isEmpty() ? id : QStringLiteral("%1 (%2)").arg(id, parts.join(QStringLiteral(", "))));
  }
  return lines;
}

DecisionRequest drainRequest(const RolloutState& state, const ServicePlan& plan,
                             const ServiceRollout& service, const std::vector<WaitReason>& reasons,
                             Instant now) {
  DecisionRequest request;
  request.kind = DecisionRequest::Kind::Drain;
  request.planHash = state.plan.hash;
  request.service = plan.service;
  request.isOverdue = service.drainAwaitsDecision;
  const auto count = service.activeRuns < 0    ? tr("an unknown number of runs")
                     : service.activeRuns == 1 ? tr("1 active run")
                                               : tr("%1 active runs").arg(service.activeRuns);
  request.title = request.isOverdue ? tr("%1: %2 at the deadline").arg(plain(plan.service), count)
                                    : tr("%1: %2, the deadline is near").arg(plain(plan.service), count);
  request.next = request.isOverdue ? tr("switch %1 if the runs end first").arg(changeOf(plan))
                                   : tr("switch %1 once no run is active").arg(changeOf(plan));
  request.activeRuns = service.activeRuns;
  request.runs = runsOf(service, now);
  for (const auto& run : service.runs)
    request.runIds << plain(textAt(run, "id"));
  request.extensionTime = plan.drain ? plan.drain->extension : Duration();
  request.extension = plan.drain ? durationText(plan.drain->extension) : QString();
  request.since = service.drainSince;
  for (const auto& reason : reasons)
    if (reason.code == "runs" && reason.service == plan.service) {
      request.since = reason.since;
      request.until = reason.until;
      request.then = plain(reason.then);
    }
  return request;
}

bool isDrainDue(const ServiceRollout& service, Instant now) {
  if (!service.isDrainingRuns || service.runsDrained)
    return false;
  return service.drainAwaitsDecision || service.drainDeadline - now.boot <= nearDeadline;
}

} // namespace

std::vector<DecisionRequest> decisionRequestsOf(const RolloutState& state, Instant now) {
  std::vector<DecisionRequest> requests;
  if (state.phase != RolloutPhase::Rolling)
    return requests;
  for (const auto& [gate, approval] : state.approvals)
    if (approval.state == GateState::Waiting)
      requests.push_back(approvalRequest(state, gate, approval));
  const auto reasons = reasonsOf(state);
  for (const auto& [name, service] : state.services)
    if (const auto plan = state.plan.services.find(name);
        plan != state.plan.services.end() && isDrainDue(service, now))
      requests.push_back(drainRequest(state, plan->second, service, reasons, now));
  for (auto& request : requests) {
    request.changed = changedSoFar(state);
    request.startedBy = plain(state.actor);
  }
  std::stable_sort(requests.begin(), requests.end(), [](const DecisionRequest& a, const DecisionRequest& b) {
    return a.until && (!b.until || *a.until < *b.until);
  });
  return requests;
}

Command approving(const DecisionRequest& request, bool isGranted, const std::string& actor,
                  const std::string& reason) {
  Command command;
  command.kind = isGranted ? CommandKind::Approve : CommandKind::Reject;
  command.gate = request.gate;
  command.planHash = request.planHash;
  command.actor = actor;
  command.reason = reason;
  return command;
}

Command decidingDrain(const DecisionRequest& request, DeadlineAction decision, const std::string& actor,
                      const std::string& reason, Duration extendBy) {
  Command command;
  command.kind = CommandKind::DecideDrain;
  command.extendBy = extendBy;
  command.service = request.service;
  command.decision = decision;
  command.actor = actor;
  command.reason = reason;
  return command;
}

} // namespace ratdeck
