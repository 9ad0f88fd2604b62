// Inside core/rollout: one decision in the making. What is emitted is applied at once to the turn's own copy
// of the state, so that each rule sees what those before it decided.
#pragma once

#include "core/rollout/rollout.h"
#include "core/rollout/service_view.h"

#include <set>
#include <vector>

namespace ratdeck {

class Turn {
public:
  Turn(const RolloutState& before, Instant now) : m_state(before), m_now(now) {}

  const RolloutState& state() const { return m_state; }
  Instant now() const { return m_now; }
  bool hasPassed(BootTime time) const { return time <= m_now.boot; }
  const std::vector<Event>& events() const { return m_events; }
  std::vector<Event> takeEvents() { return std::move(m_events); }

  void emit(Event event);
  void emit(EventType type, Json detail = Json());
  void emit(EventType type, const ServiceView& view, Json detail = Json(), std::string reason = {});
  void emit(EventType type, const InstanceRollout& copy, Json detail = Json(), std::string reason = {});

  // The services with their copies, as they are now; invalid once a copy was added (see addsCopies).
  const std::vector<ServiceView>& views();

private:
  RolloutState m_state;
  Instant m_now;
  std::vector<Event> m_events;
  std::vector<ServiceView> m_views;
  size_t m_viewedCopies = 0;
};

// Begins the undo of the whole rollout. cause: the service whose failure it is, or "".
// past: the schema versions that a person said may stay.
void startUndo(Turn& turn, RolloutResult result, const std::string& actor, const std::string& reason,
               const std::string& cause, const std::set<std::string>& past = {});

// The rules. Each emits what follows from the state and the time, and nothing twice; decide() repeats them
// until nothing more follows.
void advanceFailures(Turn& turn);                         // what has failed, and what becomes of it
void advanceWaves(Turn& turn);                            // waves, approvals, the start of services
void advanceService(Turn& turn, const ServiceView& view); // batches, runs, the switch, the end of a service
void advanceUndo(Turn& turn); // which services are undone now, and when that is done
void advanceCopies(Turn& turn, const ServiceView& view); // each copy's next step; returns and restores
void advanceEnd(Turn& turn);                             // nothing is left to do
void advanceTasks(Turn& turn); // the end of each task in hand, and what follows from its failure

void obey(Turn& turn, const Command& command);
void take(Turn& turn, const Observation& observation);

// True when the tasks of this point are done. Begins the first that is not, unless nothing new is begun.
// `contracts`: those too that take away what the version before used.
bool areTasksDone(Turn& turn, TaskSpec::When when, const std::string& service, bool contracts = true);
struct UndoOf {
  bool firstOnly = false;   // those that go back before the code
  std::string service = {}; // those that stand at it; "" = all
};
// True when of these nothing is left to take back. Begins the next.
bool undoTasks(Turn& turn, const UndoOf& which);
void emitOfTask(Turn& turn, EventType type, const TaskPlan& plan, Json detail, std::string reason);
// Why nothing is undone by itself now: schema versions that stay; "" = it is.
std::string whyNotUndone(const RolloutState& state);
// Why a person's wish to go back is refused: schema versions that stay and were not named; "" = it is not.
std::string whyNotConfirmed(const RolloutState& state, const std::set<std::string>& named);
void takeOfTask(Turn& turn, const Observation& observation); // the end of a task's step, or its failure
void takeAnalysis(Turn& turn, const Observation& observation);
// The monitor time of the batch in hand is over, and what it was judged by has come to a verdict.
void passMonitor(Turn& turn, const ServiceView& view);
// A person was asked because something came to no verdict, and has not answered.
bool awaitsVerdict(const ServiceView& view);
GateId inconclusiveGate(const ServiceView& view);
// All is in place, and has been watched for as long as it is to be.
bool isBaked(Turn& turn);

bool isApproved(Turn& turn, ApprovalSpec::When when, const std::string& service, int wave);
// By all approvals after this service and its wave, and by the hooks after it.
bool isApprovedAfter(const ServiceView& view);
BootTime warmUntil(const ServiceView& view, const InstanceRollout& copy);

} // namespace ratdeck
