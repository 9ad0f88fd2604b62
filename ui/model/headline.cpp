#include "ui/model/headline.h"

#include "core/rollout/service_view.h"
#include "ui/model/countdown.h"
#include "ui/model/interruption.h"
#include "ui/model/plain.h"
#include "ui/model/tr.h"

#include <QStringList>

#include <algorithm>
#include <set>

namespace ratdeck {

namespace {

const QString separator = QStringLiteral(" · ");

QString waveText(const RolloutState& state) {
  if (state.wave < 1 || state.plan.waves.empty())
    return {};
  return tr("wave %1 of %2").arg(state.wave).arg(state.plan.waves.size());
}

bool isInHand(const ServiceRollout& service) {
  return service.phase == ServicePhase::Rolling || service.phase == ServicePhase::Watching ||
         service.phase == ServicePhase::AwaitingApproval ||
         service.phase == ServicePhase::AwaitingApprovalAfter;
}

// The services that are being worked on, three at most.
QString inHand(const RolloutState& state) {
  QStringList names;
  for (const auto& [name, service] : state.services) {
    const auto plan = state.plan.services.find(name);
    if (!isInHand(service) || plan == state.plan.services.end())
      continue;
    const auto &from = plan->second.fromVersion, &to = plan->second.toVersion;
    const bool isChange = !from.empty() && from != to;
    names << plain(name + " " + (isChange ? from + " → " + to : to));
  }
  if (names.size() > 3)
    return names.mid(0, 3).join(QStringLiteral(", ")) + tr(" and %1 more").arg(names.size() - 3);
  return names.join(QStringLiteral(", "));
}

QString joined(QStringList parts) {
  parts.removeAll(QString());
  return parts.join(separator);
}

QString soFar(const RolloutState& state, Instant now) {
  return tr("%1 so far").arg(durationText(now.boot - state.startedAt.boot));
}

QString doneText(const RolloutState& state) {
  return tr("%1 of %2 services done").arg(finishedCount(state)).arg(changedCount(state));
}

bool isAwaitingApproval(const RolloutState& state) {
  return std::any_of(state.approvals.begin(), state.approvals.end(),
                     [](const auto& entry) { return entry.second.state == GateState::Waiting; });
}

bool isAwaitingDecision(const RolloutState& state) {
  return state.hasPerson && std::any_of(state.services.begin(), state.services.end(),
                                        [](const auto& entry) { return entry.second.drainAwaitsDecision; });
}

// What users feel, and on the way forward how long the plan said that it may last; "" if there is nothing.
QString interruptedText(const RolloutState& state) {
  QStringList names;
  for (const auto& [name, service] : state.services) {
    if (!isInterrupted(state, name))
      continue;
    const auto planned = state.plan.services.at(name).secondsWithout;
    names << (planned > Duration::zero() && service.phase == ServicePhase::Rolling
                  ? tr("%1 (planned, at most %2)").arg(plain(name), durationText(planned))
                  : plain(name));
  }
  return names.isEmpty() ? QString() : tr("nobody serves %1").arg(names.join(QStringLiteral(", ")));
}

StatusLine rolling(const RolloutState& state, Instant now) {
  const auto interrupted = interruptedText(state);
  const auto rest = joined({interrupted, progressText(state), soFar(state, now)});
  if (state.isAway)
    return {Mood::Unknown, tr("TARGET AWAY"), rest};
  if (!interrupted.isEmpty())
    return {Mood::Failed, tr("SERVICE INTERRUPTED"), rest};
  if (state.isBaking && !state.isHeld)
    return {Mood::Ok, tr("ON %1, UNDER WATCH").arg(versionsOf(state.plan, true)),
            joined({doneText(state), soFar(state, now)})};
  if (state.isHeld)
    return {Mood::Waiting, state.stopsHere ? tr("STOPPING HERE") : tr("HELD"), rest};
  if (isAwaitingApproval(state))
    return {Mood::Waiting, tr("WAITING FOR APPROVAL"), rest};
  if (isAwaitingDecision(state))
    return {Mood::Waiting, tr("WAITING FOR A DECISION"), rest};
  return {Mood::Running, state.plan.isTry ? tr("TRYING") : tr("ROLLING"), rest};
}

// Who serves a service whose old version could not be brought back.
QString servedText(const RolloutState& state, const std::string& name) {
  const auto& plan = state.plan.services.at(name);
  for (const auto& [id, copy] : state.instances)
    if (copy.service == name && serves(copy))
      return copy.role == InstanceRole::New
                 ? tr("%1 goes on with %2").arg(plain(name), plain(plan.toVersion))
                 : tr("%1 has fewer copies of %2 than before").arg(plain(name), plain(plan.fromVersion));
  return tr("nobody serves %1").arg(plain(name));
}

// Which services could not be brought back, and what serves them now; "" if there are none.
QString brokenText(const RolloutState& state) {
  QStringList broken;
  for (const auto& [name, service] : state.services)
    if (service.hasUndoFailed && state.plan.services.contains(name))
      broken << servedText(state, name) +
                    (service.failure.empty() ? QString() : QStringLiteral(": ") + plain(service.failure));
  return broken.isEmpty() ? QString() : tr("a person is needed: %1").arg(broken.join(QStringLiteral("; ")));
}

QString because(const RolloutState& state) {
  return state.undoReason.empty() ? QString() : tr("undone because %1").arg(plain(state.undoReason));
}

StatusLine undoing(const RolloutState& state, Instant now) {
  if (const auto broken = brokenText(state); !broken.isEmpty())
    return {Mood::Failed, tr("UNDO FAILED"), joined({broken, because(state), backText(state)})};
  const auto interrupted = interruptedText(state);
  return {interrupted.isEmpty() ? Mood::Running : Mood::Failed, tr("UNDOING"),
          joined({interrupted, tr("back to %1").arg(versionsOf(state.plan, false)), backText(state),
                  because(state), tr("%1 so far").arg(durationText(now.boot - state.undoStartedAt.boot))})};
}

// Copies that could not be stopped or removed; "" if there are none.
QString leftOverText(const RolloutState& state) {
  const auto count = std::count_if(state.instances.begin(), state.instances.end(),
                                   [](const auto& entry) { return entry.second.isLeftover; });
  return count == 0 ? QString() : count == 1 ? tr("1 copy left over") : tr("%1 copies left over").arg(count);
}

QString unchangedText(const RolloutState& state) {
  QStringList names;
  for (const auto& [name, service] : state.services)
    if (service.phase == ServicePhase::Pending || service.phase == ServicePhase::AwaitingApproval)
      names << plain(name + " " + state.plan.services.at(name).fromVersion);
  if (names.size() > 3)
    return tr("%1 services stay as they were").arg(names.size());
  return names.isEmpty() ? QString() : tr("unchanged: %1").arg(names.join(QStringLiteral(", ")));
}

// "ratd 1.0.0 → 2.0.0 and 2 more".
QString changesText(const PastFacts& past) {
  if (past.changes.empty())
    return tr("nothing");
  const auto first = plain(past.changes.front());
  return past.changes.size() == 1 ? first : tr("%1 and %2 more").arg(first).arg(past.changes.size() - 1);
}

// What was broken before the rollout: mended by it, or as before; "" if nothing was.
QString brokenBeforeText(const RolloutState& state) {
  std::set<std::string> mended, left;
  for (const auto& problem : state.plan.baseline) {
    const auto service = state.services.find(problem.service);
    if (problem.severity == Severity::Info || service == state.services.end())
      continue;
    (service->second.phase == ServicePhase::Finished ? mended : left).insert(problem.service);
  }
  const auto listed = [](const std::set<std::string>& names) {
    QStringList list;
    for (const auto& name : names)
      list << plain(name, 100);
    return list.join(QStringLiteral(", "));
  };
  return joined({mended.empty() ? QString() : tr("mended: %1").arg(listed(mended)),
                 left.empty() ? QString() : tr("as broken as before: %1").arg(listed(left))});
}

StatusLine ended(const RolloutState& state) {
  const auto took = tr("took %1").arg(durationText(state.endedAt.boot - state.startedAt.boot));
  const auto progress = tr("%1 of %2 services").arg(finishedCount(state)).arg(changedCount(state));
  const auto left = leftOverText(state);
  switch (state.result) {
  case RolloutResult::Succeeded:
    if (state.plan.isTry)
      return {Mood::Ok, tr("TRIED %1").arg(versionsOf(state.plan, true)),
              joined({tr("every gate passed"), left, took})};
    return {Mood::Ok, tr("ON %1").arg(versionsOf(state.plan, true)),
            joined({progress, brokenBeforeText(state), left, took})};
  case RolloutResult::RolledBack:
  case RolloutResult::Aborted:
  case RolloutResult::Rejected:
    return {Mood::Ok, tr("BACK ON %1").arg(versionsOf(state.plan, false)),
            joined({backText(state), brokenBeforeText(state), because(state), left, took})};
  case RolloutResult::Failed:
    return {Mood::Failed, tr("FAILED"),
            joined({tr("every service is as it was before"), plain(state.endReason), left, took})};
  case RolloutResult::RollbackFailed:
    return {Mood::Failed, tr("UNDO FAILED"),
            joined({brokenText(state).isEmpty() ? tr("a person is needed: %1").arg(plain(state.endReason))
                                                : brokenText(state),
                    because(state), backText(state), left, took})};
  case RolloutResult::PausedMixed:
    return {Mood::Caution, tr("MIXED ON PURPOSE"),
            joined({progress + tr(" on %1").arg(versionsOf(state.plan, true)), unchangedText(state),
                    plain(state.heldReason), left, took})};
  case RolloutResult::None:
    break;
  }
  return {Mood::Unknown, tr("ENDED"), took};
}

} // namespace

int changedCount(const RolloutState& state) {
  return static_cast<int>(state.plan.services.size());
}

int finishedCount(const RolloutState& state) {
  return static_cast<int>(std::count_if(state.services.begin(), state.services.end(), [](const auto& entry) {
    const auto phase = entry.second.phase;
    return phase == ServicePhase::Finished || phase == ServicePhase::AwaitingApprovalAfter;
  }));
}

QString backText(const RolloutState& state) {
  int back = 0, begun = 0;
  for (const auto& [name, service] : state.services) {
    back += service.phase == ServicePhase::Undone ? 1 : 0;
    begun +=
        service.phase == ServicePhase::Pending || service.phase == ServicePhase::AwaitingApproval ? 0 : 1;
  }
  return begun == 0 ? QString() : tr("%1 of %2 services back").arg(back).arg(begun);
}

QString progressText(const RolloutState& state) {
  return joined({waveText(state), inHand(state), doneText(state)});
}

QString versionsOf(const Plan& plan, bool isNew) {
  std::set<std::string> versions;
  QStringList each;
  for (const auto& [name, service] : plan.services) {
    const auto& version = isNew ? service.toVersion : service.fromVersion;
    if (version.empty())
      continue;
    versions.insert(version);
    each << plain(name + " " + version);
  }
  if (versions.empty())
    return tr("what was before");
  if (versions.size() == 1)
    return plain(*versions.begin());
  if (each.size() > 3)
    return isNew ? tr("the new versions") : tr("the old versions");
  return each.join(QStringLiteral(", "));
}

StatusLine headlineOf(const RolloutState& state, Instant now) {
  switch (state.phase) {
  case RolloutPhase::New:
    return {Mood::Running, tr("STARTING"), tr("the first event is not written yet")};
  case RolloutPhase::Rolling:
    return rolling(state, now);
  case RolloutPhase::Undoing:
    return undoing(state, now);
  case RolloutPhase::Ended:
    return ended(state);
  }
  return {};
}

StatusLine idleHeadline(const StackFacts& stack, WallTime now, bool isUtc) {
  if (!stack.world.isReachable)
    return {Mood::Unknown, tr("NOT REACHED"), tr("the target has not answered yet")};
  if (stack.running)
    return {Mood::Running, tr("ROLLING ELSEWHERE"),
            tr("rollout %1 by %2, for %3 · Rollout → Take it back brings it here")
                .arg(plain(stack.running->rollout), plain(stack.running->actor),
                     durationText(now - stack.running->started))};
  if (!stack.unfinished.empty()) {
    const auto* fit = resumable(stack);
    const auto& left = fit ? *fit : stack.unfinished.front();
    return {Mood::Waiting, tr("UNFINISHED"),
            joined({left.left ? left.left->progress : QString(),
                    tr("rollout %1 by %2, begun %3 ago, was left · Resume, Undo or Inspect it")
                        .arg(plain(left.rollout), plain(left.actor), durationText(now - left.started))})};
  }
  const auto running =
      std::count_if(stack.world.instances.begin(), stack.world.instances.end(),
                    [](const InstanceInfo& copy) { return copy.state == InstanceState::Running; });
  if (running == 0)
    return {Mood::Idle, tr("NOTHING RUNS"),
            tr("no copy of this stack runs here yet · Plan… shows what would start")};
  const auto copies = running == 1 ? tr("1 copy runs") : tr("%1 copies run").arg(running);
  if (!stack.lastChange)
    return {Mood::Idle, tr("NOTHING ROLLS"), joined({copies, tr("ratdeck has not changed this stack yet")})};
  const auto& last = *stack.lastChange;
  const auto when = last.ended.value_or(last.started);
  return {Mood::Idle, tr("NOTHING ROLLS"),
          joined({copies, tr("last change: %1 %2 by %3, %4 ago (%5)")
                              .arg(changesText(last), plain(last.result), plain(last.actor),
                                   durationText(now - when), dateText(when, isUtc))})};
}

} // namespace ratdeck
