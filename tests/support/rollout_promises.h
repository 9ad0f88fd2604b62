// What a rollout promises, held against a virtual world: what physically runs and is routed, who approved
// what, and that each wait has an end or an owner. Promises keep books of their own and trust neither the
// rules nor the state where the world can be asked.
#pragma once

#include "tests/support/rollout_world.h"

#include <map>
#include <set>
#include <string>

namespace ratdeck::test {

class RolloutPromises {
public:
  // Asks `world` from here on, which must outlive it and be one whose hooks are free.
  explicit RolloutPromises(RolloutWorld& world);

  void checkStep();    // after each happening: capacity
  void checkFold();    // through the journal's form and back, the events give the same state
  void checkEnd();     // of an ended rollout
  void forgetEvents(); // a crash lost some: the fold begins anew
  void expect(bool holds, const std::string& promise);

  const std::string& broken() const { return m_broken; } // the first one, with its time; empty: all held

private:
  void checkDecision(const Stimulus& stimulus, const Decision& decision);
  void checkDeed(const Effect& effect, const Body& body);
  void checkTraffic(const Effect& effect, const Body& body);
  bool isReturnOfBroken(const InstanceId& id) const;
  void checkCapacity(const ServicePlan& plan);
  void checkRequests(const Decision& decision);
  void checkReasons();
  void checkApprovals(const Stimulus& stimulus, const Decision& decision);
  void checkUndoOrder(const Event& event);
  void checkWaveOrder(const Event& event);
  void checkNewServe(const ServicePlan& plan);
  void checkOldServe(const ServicePlan& plan);
  void checkTried(const Event& event);
  void checkGone(const std::vector<PlannedCopy>& copies);
  void checkIdle();
  void checkTask(const Effect& effect);
  void checkTasksBefore(const Event& event);
  void checkPutBack(const Event& event);
  void checkTasksAtEnd();
  void keepBooks(const Event& event);
  bool isNamed(const std::string& task) const;
  bool isReplaced(const TaskSpec& task) const;
  bool isChanging(const std::string& id, const TaskBody& body) const;
  void checkPastSchema(const Event& event);
  void checkFirstDowns(const Event& event);
  void checkAccepted();
  bool isCodeBack(const std::string& service) const;
  bool isOver(const ApprovalSpec& spec) const;
  int mourned(const std::string& service) const;
  bool isPlannedNew(const InstanceId& id, const ServicePlan& plan) const;

  RolloutWorld& m_world;
  std::string m_broken;
  std::set<std::string> m_requests;
  std::map<std::string, int> m_granted; // gate -> how often
  std::set<std::string> m_asked;        // gates that wait
  std::set<std::string> m_named;        // schema versions, by who began the undo
  std::vector<std::string> m_told;      // the failures that a hold was for
  bool m_isStuck = false;               // stopped by one, with nobody to ask
  RolloutState m_folded;
  size_t m_foldedEvents = 0;
};

} // namespace ratdeck::test
