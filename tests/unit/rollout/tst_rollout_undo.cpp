// The undo of a rollout: in every phase, in reverse order, once, and never through fewer serving copies.
#include <QtTest>

#include "tests/support/rollout_promises.h"
#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

Plan planOfKind(int kind) {
  auto a = servicePlan("a", 1, 2, 2), b = servicePlan("b", 1), c = servicePlan("c", 2);
  a.monitor = 2s;
  b.order = UpdateOrder::StopFirst;
  c.keepWarm = 3s;
  c.drain = DrainPolicy{true, 60s, DeadlineAction::Undo, 60s};
  if (kind == 1)
    a.order = UpdateOrder::StopFirst;
  if (kind == 2)
    a.isRouted = c.isRouted = false;
  auto plan = planOf({a, b, c});
  plan.approvals = {{"go", ApprovalSpec::When::Before, "c", 0, 30min}};
  return plan;
}

struct Undo {
  std::string broken, result;
  bool wasRefused = false;
};

// Undone as soon as so many events have happened.
Undo undoneAfter(int kind, size_t events) {
  RolloutWorld world(planOfKind(kind));
  world.start.approve = "auto";
  RolloutPromises promises(world);
  world.begin();
  while (world.events().size() < events && world.step())
    promises.checkStep();
  auto abort = commandOf(CommandKind::Abort);
  world.send(abort);
  auto wasRefused = !refusal(world).empty();
  while (world.state().phase != RolloutPhase::Ended && world.step())
    promises.checkStep();
  promises.checkEnd();
  promises.checkFold();
  return {promises.broken(), resultOf(world), wasRefused};
}

} // namespace

class RolloutUndoTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void itWorksAfterEveryEvent_data() {
    QTest::addColumn<int>("kind");
    QTest::newRow("start-first") << 0;
    QTest::newRow("stop-first") << 1;
    QTest::newRow("nothing routed") << 2;
  }

  void itWorksAfterEveryEvent() {
    QFETCH(int, kind);
    size_t events = 1;
    for (;; ++events) {
      auto undo = undoneAfter(kind, events);
      QVERIFY2(undo.broken.empty(), (undo.broken + " after " + std::to_string(events)).c_str());
      if (undo.wasRefused) { // it had ended
        QCOMPARE(undo.result, "succeeded");
        break;
      }
      QCOMPARE(undo.result, "aborted");
    }
    QVERIFY(events > 50);
  }

  void theWavesGoBackInReverseOrderEachWhenTheOneAfterItIsBack() {
    RolloutWorld world(planOf({servicePlan("a", 1), servicePlan("b", 2), servicePlan("c", 3)}));
    world.begin();
    QVERIFY(world.runUntil("ServiceSwitched c"));
    world.send(commandOf(CommandKind::Abort));
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::ServiceUndoStarted, EventType::TrafficReturned, EventType::VerifyPassed,
                           EventType::ServiceUndone, EventType::RolloutEnded}),
             std::string(R"(
1.8 VerifyPassed a-2
3.9 VerifyPassed b-2
6.0 VerifyPassed c-2
6.0 ServiceUndoStarted c
6.2 TrafficReturned c-1
6.5 ServiceUndoStarted b
7.2 ServiceUndone c
8.3 VerifyPassed b-3
8.6 ServiceUndoStarted a
9.3 ServiceUndone b
10.4 VerifyPassed a-3
11.4 ServiceUndone a
11.4 RolloutEnded aborted
)"));
  }

  void theServiceWhoseFailureItIsGoesBackAtOnce() {
    RolloutWorld world(planOf({servicePlan("a", 1), servicePlan("b", 2)}));
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value == "rat-a-2")
        fate.badAfter = 3s;
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::ServingWentBad, EventType::ServiceUndoStarted}), std::string(R"(
4.7 ServingWentBad a-2
4.7 ServiceUndoStarted a
4.7 ServiceUndoStarted b
)"));
  }

  void beforeTheSwitchOnlyTheNewCopyIsRemoved() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-2"));
    world.send(commandOf(CommandKind::Abort, "second thoughts"));
    QVERIFY(world.run());
    QCOMPARE(logOf(world), std::string(R"(
0.0 RolloutStarted
0.0 WaveStarted 1
0.0 ServiceStarted a
0.0 BatchStarted a
0.0 StartRequested a-2
1.0 InstanceStarted a-2
1.0 UndoStarted
1.0 ServiceUndoStarted a
1.0 StopRequested a-2
1.5 InstanceStopped a-2
1.5 RemoveRequested a-2
1.6 InstanceRetired a-2
1.6 ServiceUndone a
1.6 RolloutEnded aborted
)"));
    QCOMPARE(world.state().endReason, "second thoughts");
  }

  void askedTwiceItIsDoneOnce() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.begin();
    QVERIFY(world.runUntil("VerifyPassed a-2"));
    world.send(commandOf(CommandKind::Abort));
    auto state = world.state();
    auto effects = effectsOf(state);
    world.send(commandOf(CommandKind::Abort));
    QCOMPARE(refusal(world), "the rollout is being undone already");
    QVERIFY(effectsOf(world.state()) == effects);
    QVERIFY(world.run());
    QVERIFY(world.trouble().empty());
  }

  void aCopyThatCannotJoinMakesRoomForTheOldVersion() {
    auto service = servicePlan("a", 1, 2, 2);
    service.order = UpdateOrder::StopFirst;
    service.maxFailureRatio = 0.5;
    RolloutWorld world(planOf({service}));
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value == "rat-a-3")
        fate.badAfter = 2200ms;
      if (id.value == "rat-a-4")
        fate.failures[EffectKind::JoinRouter] = 1000;
      return fate;
    };
    world.begin();
    QVERIFY(world.runUntil("EffectFailed a-4"));
    world.send(commandOf(CommandKind::Abort));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "aborted");
    QCOMPARE(world.answering("a"), 2);
  }

  void whereTheOldVersionCannotBeBroughtBackWhatServesGoesOnServing() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value > "rat-a-2") // all that are restored
        fate.healthyAfter.reset();
      return fate;
    };
    world.begin();
    QVERIFY(world.runUntil("LeftRouter a-1"));
    world.pass(100ms);
    world.send(commandOf(CommandKind::Abort));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rollback_failed");
    QCOMPARE(exitCodeOf(world.state()), 4);
    const auto& why = world.state().services.at("a").failure; // of the last that was tried
    QVERIFY2(why.find("rat-a-5") != std::string::npos, why.c_str());
    QCOMPARE(world.answering("a"), 1);
    QVERIFY(world.isAnswering(world.bodies().at(InstanceId("rat-a-2"))));
  }

  void anUndoThatFailedEndsThoughTheRouterKeepsTheNewCopy() {
    RolloutWorld world(planOf({servicePlan("a", 1), servicePlan("b", 2)}));
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value == "rat-a-2")
        fate.failures[EffectKind::DrainRouter] = 1000;
      if (id.value > "rat-a-2" && id.value < "rat-b")
        fate.badAfter = 1s;
      return fate;
    };
    world.begin();
    QVERIFY(world.runUntil("InstanceRetired a-1"));
    world.send(commandOf(CommandKind::Abort));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rollback_failed");
    QVERIFY(world.isAnswering(world.bodies().at(InstanceId("rat-a-2"))));
  }
};

QTEST_GUILESS_MAIN(RolloutUndoTest)
#include "tst_rollout_undo.moc"
