// Inside core/rollout: one service with its plan and its copies, and the questions that the rules, the
// deadlines and the reasons share. A view looks into a state that must outlive it; it changes nothing.
#pragma once

#include "core/rollout/apply_parts.h"
#include "core/rollout/rollout_state.h"

#include <vector>

namespace ratdeck {

// A retry of its effect is due later: nothing is under way.
bool isResting(const InstanceRollout& copy, Instant now);
bool serves(const InstanceRollout& copy); // takes traffic (or works, where nothing is routed) and is well
bool isGone(const InstanceRollout& copy); // cannot serve again: stopped, or failed
bool isBeingTold(const InstanceRollout& copy); // by a drain's hook, or by what takes it back
bool isIn(const InstanceRollout& copy, std::initializer_list<InstancePhase> phases);
// May deadlines fire that destroy something? Not while nobody could look.
bool canDestroy(const RolloutState& state);
// The undo of a service failed: a person is needed.
bool hasBrokenUndo(const RolloutState& state);
// A failure whose way back is closed stopped it, and nobody can be asked.
bool isStuck(const RolloutState& state);
// Held, stopping, or an undo is broken: no new wave, service or batch.
bool startsNothingNew(const RolloutState& state);
// Host ports are closed from the first wave that hands them over to the end of the router's: nobody's wish to
// stop is followed in between.
bool isInHandover(const RolloutState& state);

class ServiceView {
public:
  ServiceView(const RolloutState& state, const ServicePlan& servicePlan, const ServiceRollout& serviceState)
      : rollout(state), plan(servicePlan), service(serviceState) {}

  const RolloutState& rollout;
  const ServicePlan& plan;
  const ServiceRollout& service;
  std::vector<const InstanceRollout*> copies;

  const std::string& name() const { return plan.service; }
  bool isRouted() const { return plan.isRouted && !plan.isOneShot; }
  bool isStopFirst() const { return plan.order == UpdateOrder::StopFirst && !plan.isOneShot; }
  // Its old version served nobody before this rollout: an undo brings it back as it was, whatever it does.
  bool wasDown() const { return isAlreadyDown(rollout.plan, plan.service); }
  bool isUndoing() const { return service.phase == ServicePhase::Undoing; }
  // It has begun, and is not being (or has not been) undone.
  bool isForward() const;
  bool drainsRuns() const;
  // What becomes of its runs is a person's to say, and there is one.
  bool awaitsDrainDecision() const { return service.drainAwaitsDecision && rollout.hasPerson; }

  template <class Predicate>
  int count(Predicate fits) const {
    int n = 0;
    for (const auto* copy : copies)
      n += fits(*copy) ? 1 : 0;
    return n;
  }
  template <class Predicate>
  bool any(Predicate fits) const {
    return count(fits) > 0;
  }
  int oldCount() const { return static_cast<int>(plan.oldCopies.size()); }
  int oldCount(int batch) const;
  int live() const;
  int restoredOrOldServing() const; // and take new work
  // All old copies (or copies restored in their place) are back, or as far back as they can be.
  bool areOldOnesBack() const;

  // How many old copies (or copies restored in their place) of a batch must serve in the end: all of them in
  // an undo, else as many as new ones failed.
  int wantedBack(int batch) const;
  // Copies of the batch that serve as old ones, or are on the way to it.
  int comingBack(int batch) const;
  // New copies that the batch still works on: not failed, not serving yet.
  bool isBatchAtWork() const;
  // Where new copies of the batches so far failed, old ones or restored ones serve in their place.
  bool areFailedOnesReplaced() const;
  // As many old or restored copies of the batch serve, and take new work, as shall.
  bool isReplaced(int batch) const;
  // New copies of the batch in hand that have not passed their gate yet.
  bool isBatchGating() const;
  // An old copy that serves, and is not to go.
  bool staysInService(const InstanceRollout& copy) const;
  // The batch's old copies that are to go are out of the way of traffic.
  bool areOldOnesDrained() const;
  // None of those that were to go runs any more.
  bool areOldOnesGone() const;
  // Nothing of it is between two rest states.
  bool isQuiet() const;
  bool isUndone() const;
  // In an undo: the old versions answer, and no new copy takes traffic any more.
  bool isBack() const;
  bool failedTooOften() const;
  // But for the delay between two batches.
  bool mayStartNextBatch() const;
};

std::vector<ServiceView> viewsOf(const RolloutState& state);

} // namespace ratdeck
