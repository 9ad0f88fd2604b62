#include "ui/model/next_step.h"

#include "core/rollout/past_schema.h"
#include "ui/model/plain.h"
#include "ui/model/tr.h"

#include <QSet>
#include <QStringList>

#include <algorithm>

namespace ratdeck {

namespace {

QString changeOf(const ServicePlan& plan) {
  const bool isChange = !plan.fromVersion.empty() && plan.fromVersion != plan.toVersion;
  return plain(plan.service + " " + (isChange ? plan.fromVersion + " → " + plan.toVersion : plan.toVersion));
}

QString joined(const QStringList& names) {
  constexpr int most = 4;
  if (names.size() <= most)
    return names.join(QStringLiteral(", "));
  return names.mid(0, most - 1).join(QStringLiteral(", ")) + tr(" and %1 more").arg(names.size() - most + 1);
}

// The approval that comes before the wave, if one does.
const ApprovalSpec* approvalBefore(const Plan& plan, const WavePlan& wave) {
  const auto isBefore = [&](const ApprovalSpec& spec) {
    const bool isOfService =
        std::find(wave.services.begin(), wave.services.end(), spec.service) != wave.services.end();
    return spec.when == ApprovalSpec::When::Before && (spec.wave == wave.index || isOfService);
  };
  const auto spec = std::find_if(plan.approvals.begin(), plan.approvals.end(), isBefore);
  return spec == plan.approvals.end() ? nullptr : &*spec;
}

// After the last wave: what runs before the rollout ends.
QString nextTask(const RolloutState& state) {
  for (const auto& plan : state.plan.tasks) {
    const auto task = state.tasks.find(plan.spec.id);
    if (plan.spec.when == TaskSpec::When::After && plan.spec.service.empty() && task != state.tasks.end() &&
        task->second.phase == TaskPhase::Pending)
      return tr("Next: %1").arg(plain(titleOf(plan.spec)));
  }
  return {};
}

// Its new copies are judged now.
bool isJudged(const RolloutState& state, const ServiceRollout& service) {
  return state.isBaking || service.phase == ServicePhase::Rolling || service.phase == ServicePhase::Watching;
}

QString afterFailureOf(const RolloutState& state, const ServicePlan& plan) {
  const auto asks = tr("it holds and asks");
  switch (plan.failureAction) {
  case FailureAction::Continue:
    return tr("the old copy serves");
  case FailureAction::Pause:
    if (state.hasPerson)
      return asks;
    break;
  case FailureAction::Rollback:
    break;
  }
  if (!pastSchemaThatBlocks(state).isEmpty())
    return state.hasPerson ? asks : tr("what serves goes on serving");
  return state.plan.onFailureScope == FailureScope::Service ? tr("%1 is undone").arg(plain(plan.service))
                                                            : tr("it is all undone");
}

// The other branch: what becomes of it where gates in hand fail; "" where none judges now, or where that
// depends on which one it is.
QString whereGatesFail(const RolloutState& state) {
  QSet<QString> ends;
  bool isOneEnough = true;
  for (const auto& [name, service] : state.services) {
    const auto plan = state.plan.services.find(name);
    if (plan == state.plan.services.end() || !isJudged(state, service))
      continue;
    ends << afterFailureOf(state, plan->second);
    isOneEnough = isOneEnough && plan->second.maxFailureRatio <= 0;
  }
  if (ends.size() != 1 || state.plan.isTry)
    return {};
  return (isOneEnough ? tr("; if a gate fails, %1") : tr("; if too many copies fail, %1")).arg(*ends.begin());
}

QString nextWave(const RolloutState& state) {
  const auto& plan = state.plan;
  const auto wave = std::find_if(plan.waves.begin(), plan.waves.end(),
                                 [&](const WavePlan& each) { return each.index > state.wave; });
  if (wave == plan.waves.end())
    if (const auto task = nextTask(state); !task.isEmpty())
      return task;
  if (wave == plan.waves.end())
    return plan.isTry ? tr("Next: what was tried is removed, and the try ends")
                      : tr("Next: the rollout ends, all is on the new versions");
  QStringList changes;
  for (const auto& service : wave->services)
    if (const auto found = plan.services.find(service); found != plan.services.end())
      changes << changeOf(found->second);
  const auto text =
      tr("Next: wave %1 of %2, %3").arg(wave->index).arg(plan.waves.size()).arg(joined(changes));
  const auto* approval = approvalBefore(plan, *wave);
  return approval ? text + tr(", after the approval “%1”").arg(plain(approval->id)) : text;
}

// An undo goes from the last wave to the first.
QString nextBack(const RolloutState& state) {
  for (auto wave = state.plan.waves.rbegin(); wave != state.plan.waves.rend(); ++wave) {
    QStringList names;
    for (const auto& name : wave->services) {
      const auto service = state.services.find(name);
      const auto phase = service == state.services.end() ? ServicePhase::Pending : service->second.phase;
      const bool isTouched = phase != ServicePhase::Pending && phase != ServicePhase::AwaitingApproval;
      if (isTouched && phase != ServicePhase::Undoing && phase != ServicePhase::Undone)
        names << changeOf(state.plan.services.at(name)).section(QLatin1Char(' '), 0, 1);
    }
    if (!names.isEmpty())
      return tr("Next: back to %1").arg(joined(names));
  }
  return tr("Next: the rollout ends, all is on the old versions");
}

// Nothing comes by itself any more: what a person can do.
QString afterEnd(const RolloutState& state) {
  if (state.plan.isTry)
    return tr("Nothing was changed · Plan… deploys it");
  switch (state.result) {
  case RolloutResult::Succeeded:
    return tr("Nothing more is done by itself · Roll back… shows its plan before anything changes");
  case RolloutResult::PausedMixed:
    return tr("Nothing more is done by itself · Plan… goes on with the rest, Roll back… goes back");
  case RolloutResult::RollbackFailed:
    return tr("What serves goes on, versions mixed · mend it, then Plan… or Roll back…");
  case RolloutResult::Failed:
  case RolloutResult::RolledBack:
  case RolloutResult::Aborted:
  case RolloutResult::Rejected:
    return tr("Nothing more is done by itself · Plan… tries it again");
  case RolloutResult::None:
    break;
  }
  return {};
}

} // namespace

QString nextStepText(const RolloutState& state) {
  switch (state.phase) {
  case RolloutPhase::New:
    return {};
  case RolloutPhase::Ended:
    return afterEnd(state);
  case RolloutPhase::Undoing:
    return nextBack(state);
  case RolloutPhase::Rolling:
    break;
  }
  if (state.isAway)
    return tr("Next: nothing, until the target answers again");
  if (state.stopsHere)
    return tr("Next: the rollout ends here, with versions mixed");
  return state.isHeld ? tr("Next: nothing, until somebody continues or undoes it")
                      : nextWave(state) + whereGatesFail(state);
}

} // namespace ratdeck
