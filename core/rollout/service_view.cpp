#include "core/rollout/service_view.h"

#include "core/rollout/effect_rules.h"

#include <algorithm>

namespace ratdeck {

using Phase = InstancePhase;
using Role = InstanceRole;

bool isIn(const InstanceRollout& copy, std::initializer_list<InstancePhase> phases) {
  return std::find(phases.begin(), phases.end(), copy.phase) != phases.end();
}

bool isResting(const InstanceRollout& copy, Instant now) {
  return copy.attempt > 1 && now.boot < copy.retryAt;
}

bool serves(const InstanceRollout& copy) {
  return copy.phase == Phase::Serving && !copy.hasFailed && (copy.role == Role::Old || !copy.hasExited);
}

bool isGone(const InstanceRollout& copy) {
  return copy.hasFailed || (copy.hasExited && copy.phase != Phase::Serving) ||
         isIn(copy, {Phase::Stopping, Phase::Removing, Phase::Retired});
}

bool isBeingTold(const InstanceRollout& copy) {
  return copy.newWork == NewWork::Closing || copy.newWork == NewWork::Opening;
}

bool canDestroy(const RolloutState& state) {
  return !state.isAway || state.plan.unattended;
}

bool hasBrokenUndo(const RolloutState& state) {
  return std::any_of(state.services.begin(), state.services.end(),
                     [](const auto& item) { return item.second.hasUndoFailed; });
}

bool isStuck(const RolloutState& state) {
  return state.stopsHere && state.heldBy.empty();
}

bool isInHandover(const RolloutState& state) {
  int last = 0;
  bool hasBegun = false;
  for (const auto& wave : state.plan.waves)
    if (wave.handsOverPorts) {
      last = std::max(last, wave.index);
      hasBegun = hasBegun || wave.index <= state.wave;
    }
  const int ofTheRouter = last + 1;
  return hasBegun && state.wavesFinished < ofTheRouter;
}

bool startsNothingNew(const RolloutState& state) {
  return ((state.isHeld || state.stopsHere) && !isInHandover(state)) || hasBrokenUndo(state);
}

bool ServiceView::isForward() const {
  switch (service.phase) {
  case ServicePhase::Rolling:
  case ServicePhase::Watching:
  case ServicePhase::AwaitingApprovalAfter:
  case ServicePhase::Finished:
    return rollout.phase == RolloutPhase::Rolling;
  case ServicePhase::Pending:
  case ServicePhase::AwaitingApproval:
  case ServicePhase::Failed:
  case ServicePhase::Undoing:
  case ServicePhase::Undone:
    return false;
  }
  return false;
}

bool ServiceView::drainsRuns() const {
  return plan.drain && plan.drain->waitForRuns && !plan.isOneShot && oldCount(service.batch) > 0;
}

int ServiceView::oldCount(int batch) const {
  return count([&](const auto& copy) { return copy.role == Role::Old && copy.batch == batch; });
}

int ServiceView::live() const {
  return count([](const auto& copy) { return !isIn(copy, {Phase::Pending, Phase::Retired}); });
}

int ServiceView::restoredOrOldServing() const {
  return count([](const auto& copy) {
    return copy.role != Role::New && serves(copy) && copy.newWork == NewWork::Open;
  });
}

bool ServiceView::isReplaced(int batch) const {
  return count([&](const auto& copy) {
           return copy.role != Role::New && copy.batch == batch && serves(copy) &&
                  copy.newWork == NewWork::Open;
         }) >= wantedBack(batch);
}

bool ServiceView::isBatchGating() const {
  return any([&](const auto& copy) {
    return copy.role == Role::New && copy.batch == service.batch && !copy.hasFailed &&
           isIn(copy, {Phase::Pending, Phase::Starting, Phase::Gating});
  });
}

bool ServiceView::staysInService(const InstanceRollout& copy) const {
  if (copy.role != Role::Old || !serves(copy))
    return false;
  if (isUndoing() || service.hasUndoFailed)
    return true;
  auto isSwitched = copy.batch < service.batch || (copy.batch == service.batch && service.isBatchSwitched);
  return isForward() && isSwitched && comingBack(copy.batch) <= wantedBack(copy.batch);
}

// What did not run again as the version that served nobody is no worse than before.
bool ServiceView::areOldOnesBack() const {
  return plan.isOneShot || (wasDown() && service.restoreFailures > 0) || restoredOrOldServing() >= oldCount();
}

int ServiceView::wantedBack(int batch) const {
  auto old = wasDown() && service.restoreFailures > 0 ? 0 : oldCount(batch);
  if (isUndoing() || service.hasUndoFailed || service.phase == ServicePhase::Undone)
    return old;
  auto failed = count(
      [&](const auto& copy) { return copy.role == Role::New && copy.batch == batch && copy.hasFailed; });
  return std::min(failed, old);
}

int ServiceView::comingBack(int batch) const {
  return count([&](const auto& copy) {
    if (copy.batch != batch || copy.role == Role::New)
      return false;
    if (copy.role == Role::Restored)
      return !copy.hasFailed && copy.phase != Phase::Retired;
    return !isGone(copy) && isIn(copy, {Phase::Serving, Phase::Returning});
  });
}

bool ServiceView::isBatchAtWork() const {
  return any([&](const auto& copy) {
    return copy.role == Role::New && copy.batch == service.batch && !copy.hasFailed && !serves(copy) &&
           copy.phase != Phase::Retired;
  });
}

bool ServiceView::areFailedOnesReplaced() const {
  if (plan.isOneShot)
    return true;
  for (int batch = 1; batch <= service.batch; ++batch) {
    auto back = count(
        [&](const auto& copy) { return copy.role != Role::New && copy.batch == batch && serves(copy); });
    if (back < wantedBack(batch))
      return false;
  }
  return true;
}

bool ServiceView::areOldOnesDrained() const {
  auto inTraffic = count([&](const auto& copy) {
    return copy.role == Role::Old && copy.batch <= service.batch &&
           isIn(copy, {Phase::Serving, Phase::Draining, Phase::Returning});
  });
  int wanted = 0;
  for (int batch = 1; batch <= service.batch; ++batch)
    wanted += wantedBack(batch);
  return inTraffic <= wanted &&
         !any([](const auto& copy) { return copy.role == Role::Old && copy.phase == Phase::Draining; });
}

bool ServiceView::areOldOnesGone() const {
  return !any([](const auto& copy) { return copy.role == Role::Old && copy.phase != Phase::Retired; });
}

bool ServiceView::isQuiet() const {
  if (service.hasUndoFailed)
    return !any([](const auto& copy) {
      return effectKindOf(copy) || isIn(copy, {Phase::Gating, Phase::Ready, Phase::Warm}) ||
             (copy.phase == Phase::Draining && !copy.hasGivenUp);
    });
  return !any([&](const auto& copy) {
    return !isIn(copy, {Phase::Pending, Phase::Serving, Phase::Retired}) ||
           (copy.hasFailed && copy.phase == Phase::Serving) || isBeingTold(copy) ||
           (copy.newWork == NewWork::Closed && staysInService(copy));
  });
}

bool ServiceView::isUndone() const {
  auto newOnes = any([](const auto& copy) {
    return copy.role == Role::New &&
           (!isIn(copy, {Phase::Pending, Phase::Retired}) || (copy.isKept && copy.phase == Phase::Retired));
  });
  return !newOnes && isQuiet() && areOldOnesBack();
}

bool ServiceView::isBack() const {
  if (service.phase == ServicePhase::Undone || service.hasUndoFailed)
    return true;
  auto inTheWay = any([](const auto& copy) {
    return copy.role == Role::New && isIn(copy, {Phase::Starting, Phase::Gating, Phase::Ready, Phase::Joining,
                                                 Phase::Verifying, Phase::Serving, Phase::Draining});
  });
  return !inTheWay && areOldOnesBack();
}

bool ServiceView::failedTooOften() const {
  auto all = std::max<size_t>(plan.newCopies.size(), 1);
  return service.failures > service.acceptedFailures &&
         static_cast<double>(service.failures) / static_cast<double>(all) > plan.maxFailureRatio;
}

bool ServiceView::mayStartNextBatch() const {
  if (service.phase != ServicePhase::Rolling || rollout.phase != RolloutPhase::Rolling ||
      startsNothingNew(rollout))
    return false;
  return service.batch == 0 ||
         (service.isBatchSwitched && service.hasMonitorPassed && service.batch < service.batches &&
          areOldOnesDrained() && areFailedOnesReplaced());
}

std::vector<ServiceView> viewsOf(const RolloutState& state) {
  std::vector<ServiceView> views;
  views.reserve(state.services.size());
  for (const auto& [name, service] : state.services)
    if (const auto* plan = planOf(state, name))
      views.emplace_back(state, *plan, service);
  for (const auto& [id, copy] : state.instances) {
    auto it =
        std::lower_bound(views.begin(), views.end(), copy.service,
                         [](const auto& view, const auto& name) { return view.service.service < name; });
    if (it != views.end() && it->service.service == copy.service)
      it->copies.push_back(&copy);
  }
  return views;
}

} // namespace ratdeck
