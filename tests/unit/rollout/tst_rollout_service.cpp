// How the copies of one service are replaced: batch after batch, so many at a time, with pauses, and what
// becomes of the others when some fail.
#include <QtTest>

#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const std::set<EventType> batches = {EventType::BatchStarted,    EventType::StartRequested,
                                     EventType::BatchSwitched,   EventType::MonitorPassed,
                                     EventType::InstanceRetired, EventType::ServiceFinished};

// Copies whose gate never passes; all others are well.
void spoil(RolloutWorld& world, const std::set<std::string>& copies) {
  world.fateOf = [copies](const InstanceId& id) {
    CopyFate fate;
    if (copies.contains(id.value))
      fate.healthyAfter.reset();
    return fate;
  };
}

void turnBad(RolloutWorld& world, const std::set<std::string>& copies, Duration after) {
  world.fateOf = [=](const InstanceId& id) {
    CopyFate fate;
    if (copies.contains(id.value))
      fate.badAfter = after;
    return fate;
  };
}

} // namespace

class RolloutServiceTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void asManyCopiesAreReplacedAtATimeAsParallelismSays() {
    auto service = servicePlan("a", 1, 4, 4);
    service.parallelism = 2;
    RolloutWorld world(planOf({service}));
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, batches), std::string(R"(
0.0 BatchStarted a
0.0 StartRequested a-5
0.0 StartRequested a-6
1.8 BatchSwitched a
1.8 MonitorPassed a
2.1 BatchStarted a
2.1 StartRequested a-7
2.1 StartRequested a-8
2.8 InstanceRetired a-1
2.8 InstanceRetired a-2
3.9 BatchSwitched a
3.9 MonitorPassed a
4.9 InstanceRetired a-3
4.9 InstanceRetired a-4
4.9 ServiceFinished a
)"));
  }

  void parallelismZeroReplacesAllAtOnce() {
    auto service = servicePlan("a", 1, 3, 3);
    service.parallelism = 0;
    RolloutWorld world(planOf({service}));
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::BatchStarted, EventType::StartRequested}), std::string(R"(
0.0 BatchStarted a
0.0 StartRequested a-4
0.0 StartRequested a-5
0.0 StartRequested a-6
)"));
  }

  void theSurplusOfEitherSideBelongsToTheLastBatch() {
    RolloutWorld more(planOf({servicePlan("a", 1, 2, 4)})), fewer(planOf({servicePlan("a", 1, 3, 2)}));
    for (auto* world : {&more, &fewer}) {
      world->begin();
      QVERIFY(world->run());
      QCOMPARE(resultOf(*world), "succeeded");
    }
    auto starts = std::set{EventType::BatchStarted, EventType::StartRequested, EventType::StopRequested};
    QCOMPARE(logOf(more, starts), std::string(R"(
0.0 BatchStarted a
0.0 StartRequested a-3
2.1 BatchStarted a
2.1 StartRequested a-4
2.1 StartRequested a-5
2.1 StartRequested a-6
2.2 StopRequested a-1
4.3 StopRequested a-2
)"));
    QCOMPARE(logOf(fewer, starts), std::string(R"(
0.0 BatchStarted a
0.0 StartRequested a-4
2.1 BatchStarted a
2.1 StartRequested a-5
2.2 StopRequested a-1
4.3 StopRequested a-2
4.3 StopRequested a-3
)"));
  }

  void theDelayPassesBetweenTwoBatches() {
    auto service = servicePlan("a", 1, 2, 2);
    service.delay = 10s;
    RolloutWorld world(planOf({service}));
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::BatchStarted, EventType::BatchSwitched}), std::string(R"(
0.0 BatchStarted a
1.8 BatchSwitched a
11.8 BatchStarted a
13.6 BatchSwitched a
)"));
  }

  void theMonitorTimePassesBeforeTheNextBatchAndTheEnd() {
    auto service = servicePlan("a", 1, 2, 2);
    service.monitor = 5s;
    RolloutWorld world(planOf({service}));
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, batches), std::string(R"(
0.0 BatchStarted a
0.0 StartRequested a-3
1.8 BatchSwitched a
6.8 MonitorPassed a
6.8 BatchStarted a
6.8 StartRequested a-4
7.5 InstanceRetired a-1
8.6 BatchSwitched a
13.6 MonitorPassed a
14.3 InstanceRetired a-2
14.3 ServiceFinished a
)"));
  }

  void whatGoesBadWithinItsMonitorTimeIsUndoneByGivingTheOldOneItsTrafficBack() {
    auto service = servicePlan("a", 1);
    service.monitor = 5s;
    RolloutWorld world(planOf({service}));
    turnBad(world, {"rat-a-2"}, 2s);
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
1.9 RouterDrained a-1
2.1 InFlightDrained a-1
2.1 WaveFinished 1
3.7 ServingWentBad a-2
3.7 ServiceFailed a
3.7 UndoStarted
3.7 ServiceUndoStarted a
3.7 ReturnRequested a-1
3.8 TrafficReturned a-1
3.8 RouterDrainRequested a-2
3.9 RouterDrained a-2
4.1 InFlightDrained a-2
4.1 EvidenceRequested a-2
4.2 LeaveRequested a-2
4.3 LeftRouter a-2
4.3 StopRequested a-2
4.8 InstanceStopped a-2
4.8 RemoveRequested a-2
4.9 InstanceRetired a-2
4.9 ServiceUndone a
4.9 RolloutEnded rolled_back
)"));
    QCOMPARE(world.state().endReason, "rat-a-2: answers 500");
    QCOMPARE(exitCodeOf(world.state()), 3);
  }

  void whatGoesBadAfterItsOldOneIsGoneIsUndoneByARestoredCopy() {
    RolloutWorld world(planOf({servicePlan("a", 1), servicePlan("b", 2)}));
    turnBad(world, {"rat-a-2"}, 3s);
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::ServingWentBad, EventType::StartRequested, EventType::VerifyPassed,
                           EventType::ServiceUndone, EventType::RolloutEnded}),
             std::string(R"(
0.0 StartRequested a-2
1.8 VerifyPassed a-2
2.1 StartRequested b-2
3.9 VerifyPassed b-2
4.7 ServingWentBad a-2
4.7 StartRequested a-3
4.7 StartRequested b-3
6.5 VerifyPassed a-3
6.5 VerifyPassed b-3
7.5 ServiceUndone b
7.6 ServiceUndone a
7.6 RolloutEnded rolled_back
)"));
  }

  void failuresWithinTheRatioKeepAsManyOldCopies() {
    auto service = servicePlan("a", 1, 3, 3);
    service.maxFailureRatio = 0.4;
    RolloutWorld world(planOf({service}));
    spoil(world, {"rat-a-5"});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "paused_mixed");
    QCOMPARE(world.answering("a"), 3);
    QVERIFY(world.isAnswering(world.bodies().at(InstanceId("rat-a-2"))));
  }

  void oneFailureMoreThanTheRatioAllowsIsTheServicesFailure() {
    auto service = servicePlan("a", 1, 3, 3);
    service.maxFailureRatio = 0.4;
    RolloutWorld world(planOf({service}));
    spoil(world, {"rat-a-4", "rat-a-6"});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
    QCOMPARE(logOf(world, {EventType::GateFailed, EventType::ServiceFailed, EventType::UndoStarted}),
             std::string(R"(
31.0 GateFailed a-4
64.1 GateFailed a-6
64.1 ServiceFailed a
64.1 UndoStarted
)"));
  }

  void continueGoesOnWhateverFails() {
    auto service = servicePlan("a", 1, 2, 2);
    service.failureAction = FailureAction::Continue;
    RolloutWorld world(planOf({service}));
    spoil(world, {"rat-a-3", "rat-a-4"});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "paused_mixed");
    QCOMPARE(exitCodeOf(world.state()), 7);
    QCOMPARE(world.answering("a"), 2);
  }

  void pauseHoldsAndLetsAPersonGoOn() {
    auto service = servicePlan("a", 1, 2, 2);
    service.failureAction = FailureAction::Pause;
    RolloutWorld world(planOf({service}));
    spoil(world, {"rat-a-3"});
    world.begin();
    QVERIFY(!world.run());
    QCOMPARE(reasonsText(world), std::string(R"(
held: held: rat-a-3 did not pass its gate within 30 s: http says refused, since 31.0
)"));
    world.send(commandOf(CommandKind::Continue));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "paused_mixed");
    QCOMPARE(world.answering("a"), 2);
  }

  void pauseRollsBackWhenThePersonAskedLeaves() {
    auto service = servicePlan("a", 1);
    service.failureAction = FailureAction::Pause;
    RolloutWorld world(planOf({service}));
    spoil(world, {"rat-a-2"});
    world.begin();
    QVERIFY(!world.run());
    QVERIFY(world.state().isHeld);
    world.send(commandOf(CommandKind::Leave));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
  }

  void pauseWithNobodyToAskRollsBack() {
    auto service = servicePlan("a", 1);
    service.failureAction = FailureAction::Pause;
    RolloutWorld world(planOf({service}));
    world.start.hasPerson = false;
    spoil(world, {"rat-a-2"});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
  }

  void withTheScopeOfAServiceTheOthersStayOnTheNewVersion() {
    auto plan = planOf({servicePlan("a", 1), servicePlan("b", 1)});
    plan.onFailureScope = FailureScope::Service;
    RolloutWorld world(plan);
    spoil(world, {"rat-b-2"});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
    QCOMPARE(toString(world.state().services.at("a").phase), "finished");
    QCOMPARE(toString(world.state().services.at("b").phase), "undone");
    QVERIFY(world.isAnswering(world.bodies().at(InstanceId("rat-a-2"))));
    QVERIFY(world.isAnswering(world.bodies().at(InstanceId("rat-b-1"))));
  }

  void stopFirstTheNextBatchWaitsForTheReplacementOfWhatFailed() {
    auto service = servicePlan("a", 1, 2, 2);
    service.order = UpdateOrder::StopFirst;
    service.maxFailureRatio = 0.5;
    RolloutWorld world(planOf({service}));
    spoil(world, {"rat-a-3"});
    int fewest = 2;
    world.afterEach = [&](const Stimulus&, const Decision&) {
      fewest = std::min(fewest, world.answering("a"));
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::BatchStarted, EventType::GateFailed, EventType::StartRequested,
                           EventType::VerifyPassed}),
             std::string(R"(
0.0 BatchStarted a
1.0 StartRequested a-3
32.0 GateFailed a-3
32.7 StartRequested a-5
34.5 VerifyPassed a-5
34.5 BatchStarted a
35.5 StartRequested a-4
37.3 VerifyPassed a-4
)"));
    QCOMPARE(fewest, 1);
  }
};

QTEST_GUILESS_MAIN(RolloutServiceTest)
#include "tst_rollout_service.moc"
