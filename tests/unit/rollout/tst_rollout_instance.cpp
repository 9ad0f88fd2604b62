// The phases of one copy, in and out, in either order of an update.
#include <QtTest>

#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const InstanceId oldOne("rat-a-1"), newOne("rat-a-2");

// The fates of single copies; all others are well.
void give(RolloutWorld& world, std::map<InstanceId, CopyFate> fates) {
  world.fateOf = [fates = std::move(fates)](const InstanceId& id) {
    auto it = fates.find(id);
    return it == fates.end() ? CopyFate() : it->second;
  };
}

} // namespace

class RolloutInstanceTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void startFirstTheNewOneServesBeforeTheOldOneGoes() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world), std::string(R"(
0.0 RolloutStarted
0.0 WaveStarted 1
0.0 ServiceStarted a
0.0 BatchStarted a
0.0 StartRequested a-2
1.0 InstanceStarted a-2
1.6 GatePassed a-2
1.6 JoinRequested a-2
1.7 TrafficSwitched a-2
1.8 VerifyPassed a-2
1.8 BatchSwitched a
1.8 ServiceSwitched a
1.8 RouterDrainRequested a-1
1.8 MonitorPassed a
1.9 RouterDrained a-1
2.1 InFlightDrained a-1
2.1 WaveFinished 1
2.1 LeaveRequested a-1
2.2 LeftRouter a-1
2.2 StopRequested a-1
2.7 InstanceStopped a-1
2.7 RemoveRequested a-1
2.8 InstanceRetired a-1
2.8 ServiceFinished a
2.8 RolloutEnded succeeded
)"));
  }

  void stopFirstTheOldOneIsGoneBeforeTheNewOneStarts() {
    auto service = servicePlan("a", 1);
    service.order = UpdateOrder::StopFirst;
    RolloutWorld world(planOf({service}));
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world), std::string(R"(
0.0 RolloutStarted
0.0 WaveStarted 1
0.0 ServiceStarted a
0.0 BatchStarted a
0.0 RouterDrainRequested a-1
0.1 RouterDrained a-1
0.3 InFlightDrained a-1
0.3 LeaveRequested a-1
0.4 LeftRouter a-1
0.4 StopRequested a-1
0.9 InstanceStopped a-1
0.9 RemoveRequested a-1
1.0 InstanceRetired a-1
1.0 StartRequested a-2
2.0 InstanceStarted a-2
2.6 GatePassed a-2
2.6 JoinRequested a-2
2.7 TrafficSwitched a-2
2.8 VerifyPassed a-2
2.8 BatchSwitched a
2.8 ServiceSwitched a
2.8 WaveFinished 1
2.8 MonitorPassed a
2.8 ServiceFinished a
2.8 RolloutEnded succeeded
)"));
  }

  void whereNothingRoutesNothingIsSwitchedOrDrained() {
    auto service = servicePlan("a", 1);
    service.isRouted = false;
    RolloutWorld world(planOf({service}));
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world), std::string(R"(
0.0 RolloutStarted
0.0 WaveStarted 1
0.0 ServiceStarted a
0.0 BatchStarted a
0.0 StartRequested a-2
1.0 InstanceStarted a-2
1.6 GatePassed a-2
1.6 ServingStarted a-2
1.6 BatchSwitched a
1.6 ServiceSwitched a
1.6 StopRequested a-1
1.6 WaveFinished 1
1.6 MonitorPassed a
2.1 InstanceStopped a-1
2.1 RemoveRequested a-1
2.2 InstanceRetired a-1
2.2 ServiceFinished a
2.2 RolloutEnded succeeded
)"));
  }

  void aOneShotIsDoneAtExitCodeZeroAndItsCopyStays() {
    auto service = servicePlan("a", 1, 0, 1);
    service.isOneShot = true;
    service.isRouted = false;
    RolloutWorld world(planOf({service}));
    CopyFate fate;
    fate.exitsAfter = 2s;
    fate.exitCode = 0;
    give(world, {{InstanceId("rat-a-1"), fate}});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world), std::string(R"(
0.0 RolloutStarted
0.0 WaveStarted 1
0.0 ServiceStarted a
0.0 BatchStarted a
0.0 StartRequested a-1
1.0 InstanceStarted a-1
3.0 GatePassed a-1
3.0 InstanceRetired a-1
3.0 BatchSwitched a
3.0 ServiceSwitched a
3.0 WaveFinished 1
3.0 MonitorPassed a
3.0 ServiceFinished a
3.0 RolloutEnded succeeded
)"));
    QVERIFY(world.bodies().at(InstanceId("rat-a-1")).exists);
  }

  void aOneShotThatEndsBadlyFailsItsGate() {
    auto service = servicePlan("a", 1, 0, 1);
    service.isOneShot = true;
    service.isRouted = false;
    RolloutWorld world(planOf({service}));
    CopyFate fate;
    fate.exitsAfter = 2s;
    give(world, {{InstanceId("rat-a-1"), fate}});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
    QCOMPARE(world.state().endReason, "rat-a-1 exited by itself before its gate passed");
  }

  void whatTurnsSickBeforeTheSwitchGoesThroughItsGateAgain() {
    auto service = servicePlan("a", 1);
    service.drain = DrainPolicy{true, 60s, DeadlineAction::Undo, 60s};
    RolloutWorld world(planOf({service}));
    world.runs["a"] = {{0s, 1}, {9s, 0}};
    CopyFate fate;
    fate.sickAfter = 1s;
    fate.sickFor = 3s;
    give(world, {{newOne, fate}});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::ProbeResultChanged, EventType::GatePassed, EventType::DrainFinished,
                           EventType::JoinRequested}),
             std::string(R"(
1.0 ProbeResultChanged a-2
1.6 ProbeResultChanged a-2
1.6 GatePassed a-2
2.6 ProbeResultChanged a-2
5.6 ProbeResultChanged a-2
6.0 GatePassed a-2
12.0 DrainFinished a
12.0 JoinRequested a-2
)"));
  }

  void aGateThatNeverPassesLeavesItsEvidenceBeforeTheCopyIsRemoved() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    CopyFate fate;
    fate.healthyAfter.reset();
    give(world, {{newOne, fate}});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world), std::string(R"(
0.0 RolloutStarted
0.0 WaveStarted 1
0.0 ServiceStarted a
0.0 BatchStarted a
0.0 StartRequested a-2
1.0 InstanceStarted a-2
31.0 GateFailed a-2
31.0 ServiceFailed a
31.0 UndoStarted
31.0 ServiceUndoStarted a
31.0 EvidenceRequested a-2
31.1 StopRequested a-2
31.6 InstanceStopped a-2
31.6 RemoveRequested a-2
31.7 InstanceRetired a-2
31.7 ServiceUndone a
31.7 RolloutEnded rolled_back
)"));
    QCOMPARE(world.state().endReason, "rat-a-2 did not pass its gate within 30 s: http says refused");
    QVERIFY(world.state().instances.at(newOne).hasEvidence);
  }

  void aCopyThatExitsBeforeItsGateIsNotWaitedFor() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    CopyFate fate;
    fate.exitsAfter = 300ms;
    give(world, {{newOne, fate}});
    world.begin();
    QVERIFY(world.runUntil("GateFailed a-2"));
    QCOMPARE(world.time(), Duration(1300ms));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
  }

  void anEffectIsTriedThreeTimesWithPausesThatGrow() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    CopyFate fate;
    fate.failures[EffectKind::JoinRouter] = 3;
    give(world, {{newOne, fate}});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::JoinRequested, EventType::EffectFailed, EventType::TrafficSwitched,
                           EventType::VerifyFailed}),
             std::string(R"(
1.6 JoinRequested a-2
1.7 EffectFailed a-2
2.3 EffectFailed a-2
3.4 EffectFailed a-2
3.4 VerifyFailed a-2
)"));
    QCOMPARE(world.state().endReason, "rat-a-2 could not join the router: refused");
  }

  void anEffectThatSucceedsInTheEndHasFailedNothing() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    CopyFate fate;
    for (auto kind : {EffectKind::StartInstance, EffectKind::JoinRouter, EffectKind::Verify})
      fate.failures[kind] = 2;
    give(world, {{newOne, fate}});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
  }

  void requestsInFlightAreWaitedForUntilTheirDeadline() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    CopyFate fate;
    fate.inFlightTakes.reset();
    give(world, {{oldOne, fate}});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world,
                   {EventType::RouterDrained, EventType::InFlightDeadlinePassed, EventType::LeaveRequested}),
             std::string(R"(
1.9 RouterDrained a-1
31.9 InFlightDeadlinePassed a-1
31.9 LeaveRequested a-1
)"));
  }

  void anOldCopyIsKeptWarmWithoutTrafficAsLongAsThePlanSays() {
    auto service = servicePlan("a", 1);
    service.keepWarm = 20s;
    RolloutWorld world(planOf({service}));
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::InFlightDrained, EventType::LeaveRequested}), std::string(R"(
2.1 InFlightDrained a-1
22.1 LeaveRequested a-1
)"));
  }

  void anOldCopyThatDiesOnItsWayBackIsReplacedAndRemoved() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    CopyFate dies;
    dies.exitsAfter = 3300ms;
    dies.callTakes = 1s;
    dies.inFlightTakes = 10s;
    give(world, {{oldOne, dies}});
    world.begin();
    QVERIFY(world.runUntil("RouterDrained a-1"));
    world.send(commandOf(CommandKind::Abort));
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::ReturnRequested, EventType::InstanceExited, EventType::ReturnFailed,
                           EventType::TrafficReturned, EventType::StartRequested, EventType::InstanceRetired,
                           EventType::RolloutEnded}),
             std::string(R"(
0.0 StartRequested a-2
2.8 ReturnRequested a-1
3.3 InstanceExited a-1
3.3 ReturnFailed a-1
3.3 StartRequested a-3
3.8 TrafficReturned a-1
6.1 InstanceRetired a-2
16.3 InstanceRetired a-1
16.3 RolloutEnded aborted
)"));
    QCOMPARE(world.answering("a"), 1);
    QVERIFY(!world.bodies().at(oldOne).exists);
  }

  void whatCannotBeStoppedIsReportedAsLeftOver() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    CopyFate fate;
    fate.failures[EffectKind::StopInstance] = 3;
    give(world, {{oldOne, fate}});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
    QCOMPARE(world.state().endReason, "left over: rat-a-1 could not be stopped: refused");
  }
};

QTEST_GUILESS_MAIN(RolloutInstanceTest)
#include "tst_rollout_instance.moc"
