// The drain of active runs before a switch: its deadline, what happens then, and what a person may decide.
#include <QtTest>

#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const std::set<EventType> drain = {EventType::GatePassed,    EventType::DrainStarted,
                                   EventType::RunsObserved,  EventType::DrainFinished,
                                   EventType::JoinRequested, EventType::DrainDecided,
                                   EventType::UndoStarted,   EventType::DrainDeadlinePassed,
                                   EventType::RolloutEnded,  EventType::CommandRefused};

Plan planWith(DeadlineAction atDeadline, UpdateOrder order = UpdateOrder::StartFirst) {
  auto service = servicePlan("a", 1);
  service.order = order;
  service.drain = DrainPolicy{true, 20s, atDeadline, 60s};
  return planOf({service});
}

// Two runs that end at `until`.
RolloutWorld running(const Plan& plan, Duration until) {
  RolloutWorld world(plan);
  world.runs["a"] = {{0s, 2}, {until, 0}};
  return world;
}

} // namespace

class RolloutRunsTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void theNewCopyIsReadyAndJoinsWhenTheRunsHaveBeenQuiet() {
    auto world = running(planWith(DeadlineAction::Wait), 10s);
    world.begin();
    QVERIFY(world.runUntil("GatePassed a-2"));
    QCOMPARE(reasonsText(world), std::string(R"(
runs a: waiting for 2 active runs of a to end, since 0.0, until 20.0: ask a person
)"));
    QVERIFY(world.run());
    QCOMPARE(logOf(world, drain), std::string(R"(
0.0 DrainStarted a
0.0 RunsObserved a
1.6 GatePassed a-2
10.0 RunsObserved a
13.0 DrainFinished a
13.0 JoinRequested a-2
14.2 RolloutEnded succeeded
)"));
  }

  void stopFirstTheOldCopyGoesWhenTheRunsHaveBeenQuiet() {
    auto world = running(planWith(DeadlineAction::Wait, UpdateOrder::StopFirst), 10s);
    world.begin();
    QVERIFY(world.runUntil("RouterDrainRequested a-1"));
    QCOMPARE(world.time(), Duration(13s));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
  }

  void runsThatBeginAgainAreWaitedForAgain() {
    RolloutWorld world(planWith(DeadlineAction::Undo));
    world.runs["a"] = {{0s, 0}, {3500ms, 1}, {10s, 0}};
    world.fateOf = [](const InstanceId&) {
      CopyFate fate;
      fate.startTakes = 5s;
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, drain), std::string(R"(
0.0 DrainStarted a
0.0 RunsObserved a
3.0 DrainFinished a
3.5 RunsObserved a
5.6 GatePassed a-2
10.0 RunsObserved a
13.0 DrainFinished a
13.0 JoinRequested a-2
14.2 RolloutEnded succeeded
)"));
  }

  void atTheDeadlineAPersonIsAsked() {
    auto world = running(planWith(DeadlineAction::Wait), 10min);
    world.begin();
    QVERIFY(world.runUntil("DrainDeadlinePassed a"));
    QCOMPARE(reasonsText(world), std::string(R"(
runs a: waiting for a decision on 2 active runs of a, since 20.0
)"));
    QCOMPARE(deadlinesText(world), std::string("\n"));
    world.pass(1h);
    QCOMPARE(toString(world.state().phase), "ended"); // the runs ended by themselves
    QCOMPARE(resultOf(world), "succeeded");
  }

  void whenThePersonAskedLeavesItIsUndone() {
    auto world = running(planWith(DeadlineAction::Wait), 10min);
    world.begin();
    QVERIFY(world.runUntil("DrainDeadlinePassed a"));
    world.send(commandOf(CommandKind::Leave, "the terminal is gone"));
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::PersonLeft, EventType::DrainDeadlinePassed, EventType::UndoStarted,
                           EventType::RolloutEnded}),
             std::string(R"(
20.0 DrainDeadlinePassed a
20.0 PersonLeft
20.0 DrainDeadlinePassed a
20.0 UndoStarted
20.6 RolloutEnded rolled_back
)"));
  }

  void anEngineThatGoesOnWithNobodyToAskUndoesIt() {
    auto world = running(planWith(DeadlineAction::Wait), 10min);
    world.begin();
    QVERIFY(world.runUntil("DrainDeadlinePassed a"));
    world.crash(world.events().size(), [] { return true; });
    world.start.hasPerson = false;
    world.resume(false);
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
  }

  void atTheDeadlineWithNobodyToAskItIsUndone() {
    auto world = running(planWith(DeadlineAction::Wait), 10min);
    world.start.hasPerson = false;
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, drain), std::string(R"(
0.0 DrainStarted a
0.0 RunsObserved a
1.6 GatePassed a-2
20.0 DrainDeadlinePassed a
20.0 UndoStarted
20.6 RolloutEnded rolled_back
)"));
    QCOMPARE(world.state().endReason, "active runs of a did not end within 20 s");
  }

  void atTheDeadlineItMayBeExtendedOnceAndThenAPersonIsAsked() {
    auto world = running(planWith(DeadlineAction::Extend), 10min);
    world.begin();
    QVERIFY(world.runUntil("DrainDeadlinePassed a"));
    QCOMPARE(deadlinesText(world), std::string(R"(
80.0 runs a destructive
)"));
    world.pass(60s);
    QVERIFY(world.state().services.at("a").drainAwaitsDecision);
  }

  void atTheDeadlineTheRunsMayBeEndedAndAreNamedAsLost() {
    auto world = running(planWith(DeadlineAction::End), 10min);
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
    QVERIFY(world.state().services.at("a").lostRuns == (std::vector<std::string>{"run-0", "run-1"}));
  }

  void atTheDeadlineItMayBeUndone() {
    auto world = running(planWith(DeadlineAction::Undo), 10min);
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
  }

  void aPersonMayWaitForTheDeadlineOnceMore() {
    auto world = running(planWith(DeadlineAction::Wait), 10min);
    world.begin();
    QVERIFY(world.runUntil("DrainDeadlinePassed a"));
    world.send(drainDecision("a", DeadlineAction::Wait));
    QCOMPARE(deadlinesText(world), std::string(R"(
40.0 runs a destructive
)"));
  }

  void aPersonMayExtendIt() {
    auto world = running(planWith(DeadlineAction::Wait), 10min);
    world.begin();
    QVERIFY(world.runUntil("DrainDeadlinePassed a"));
    world.send(drainDecision("a", DeadlineAction::Extend));
    QCOMPARE(deadlinesText(world), std::string(R"(
80.0 runs a destructive
)"));
  }

  void aPersonMayEndTheRunsBeforeTheDeadline() {
    auto world = running(planWith(DeadlineAction::Wait), 10min);
    world.begin();
    QVERIFY(world.runUntil("GatePassed a-2"));
    world.send(drainDecision("a", DeadlineAction::End));
    QCOMPARE(toString(world.state().instances.at(InstanceId("rat-a-2")).phase), "joining");
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
    QVERIFY(world.state().services.at("a").lostRuns == (std::vector<std::string>{"run-0", "run-1"}));
  }

  void aPersonMayUndoItRather() {
    auto world = running(planWith(DeadlineAction::Wait), 10min);
    world.begin();
    QVERIFY(world.runUntil("GatePassed a-2"));
    world.send(drainDecision("a", DeadlineAction::Undo));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "aborted");
    QCOMPARE(world.state().endReason, "undone rather than end the runs of a");
    QVERIFY(world.state().services.at("a").lostRuns.empty());
  }

  void aDecisionOnWhatIsNotWaitedForIsRefused() {
    auto world = running(planWith(DeadlineAction::Wait), 0s);
    world.begin();
    world.send(drainDecision("b", DeadlineAction::End));
    QCOMPARE(refusal(world), "no active runs of \"b\" are waited for");
    QVERIFY(world.runUntil("DrainStarted a"));
    QVERIFY(world.runUntil("JoinRequested a-2"));
    world.send(drainDecision("a", DeadlineAction::End));
    QCOMPARE(refusal(world), "no active runs of \"a\" are waited for");
  }

  void aNumberThatCannotBeReadIsNotZero() {
    RolloutWorld world(planWith(DeadlineAction::Wait));
    world.begin();
    QVERIFY(world.runUntil("DrainStarted a"));
    world.send(Observation{ObservationKind::RunsChanged, "", "a", {}, {{"count", -1}, {"runs", nullptr}}});
    QCOMPARE(world.state().services.at("a").activeRuns, -1);
    QVERIFY(!world.state().services.at("a").runsDrained);
  }
};

QTEST_GUILESS_MAIN(RolloutRunsTest)
#include "tst_rollout_runs.moc"
