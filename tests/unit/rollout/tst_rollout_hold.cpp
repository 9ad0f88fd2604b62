// Hold, continue and stop: what is in hand is finished, nothing new begins; and every command that cannot be
// obeyed is refused with the reason.
#include <QtTest>

#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const std::set<EventType> milestones = {
    EventType::WaveStarted, EventType::BatchStarted,     EventType::BatchSwitched,
    EventType::RolloutHeld, EventType::RolloutContinued, EventType::CommandRefused,
    EventType::UndoStarted, EventType::RolloutEnded,     EventType::InstanceRetired};

Plan twoBatchesAndAWave() {
  return planOf({servicePlan("a", 1, 2, 2), servicePlan("b", 2)});
}

} // namespace

class RolloutHoldTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aHoldFinishesTheSwapInHandAndStartsNothingNew() {
    RolloutWorld world(twoBatchesAndAWave());
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-3"));
    world.send(commandOf(CommandKind::Hold, "lunch"));
    world.pass(20s);
    QCOMPARE(reasonsText(world), std::string(R"(
held: held by ann: lunch, since 1.0
)"));
    world.send(commandOf(CommandKind::Continue));
    QVERIFY(world.run());
    QCOMPARE(logOf(world, milestones), std::string(R"(
0.0 WaveStarted 1
0.0 BatchStarted a
1.0 RolloutHeld
1.8 BatchSwitched a
2.8 InstanceRetired a-1
21.0 RolloutContinued
21.0 BatchStarted a
22.8 BatchSwitched a
23.1 WaveStarted 2
23.1 BatchStarted b
23.8 InstanceRetired a-2
24.9 BatchSwitched b
25.9 InstanceRetired b-1
25.9 RolloutEnded succeeded
)"));
  }

  void whoResumesAHeldRolloutGoesOnWithIt() {
    RolloutWorld world(twoBatchesAndAWave());
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-3"));
    world.send(commandOf(CommandKind::Hold, "interrupted"));
    world.pass(20s);
    world.crash(world.events().size(), [] { return true; });
    world.start.hasPerson = false;
    world.resume(false);
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
  }

  void aHoldForAFailureStillAsksAfterAResume() {
    auto service = servicePlan("a", 1);
    service.failureAction = FailureAction::Pause;
    RolloutWorld world(planOf({service}));
    world.fateOf = [](const InstanceId&) {
      CopyFate fate;
      fate.healthyAfter.reset();
      return fate;
    };
    world.begin();
    QVERIFY(!world.run());
    world.crash(world.events().size(), [] { return true; });
    world.resume(false);
    QVERIFY(!world.run());
    QVERIFY(world.state().isHeld);
    world.crash(world.events().size(), [] { return true; });
    world.start.hasPerson = false; // the next one to resume it cannot be asked
    world.resume(false);
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
  }

  void aResumeMayAnswerApprovalsDifferentlyThanTheStart() {
    auto plan = planOf({servicePlan("a", 1)});
    plan.approvals = {{"go", ApprovalSpec::When::Before, "a", 0, 30min}};
    RolloutWorld world(plan);
    world.begin();
    QVERIFY(world.runUntil("ApprovalRequested a"));
    world.send(ResumeRollout{"bob", {}, 1, false, false, "auto"});
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
    QVERIFY(!world.state().hasPerson);
  }

  void aHoldBetweenTwoWavesKeepsTheNextOneBack() {
    RolloutWorld world(planOf({servicePlan("a", 1), servicePlan("b", 2)}));
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-2"));
    world.send(commandOf(CommandKind::Hold));
    QVERIFY(!world.run());
    QCOMPARE(toString(world.state().services.at("a").phase), "finished");
    QCOMPARE(toString(world.state().services.at("b").phase), "pending");
    QVERIFY(effectsOf(world.state()).empty());
    world.send(commandOf(CommandKind::Continue));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
  }

  void aHeldRolloutCanBeUndone() {
    RolloutWorld world(twoBatchesAndAWave());
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-3"));
    world.send(commandOf(CommandKind::Hold));
    QVERIFY(!world.run());
    world.send(commandOf(CommandKind::Abort));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "aborted");
    QVERIFY(!world.state().isHeld);
  }

  void aStopEndsWithVersionsMixedAfterTheSwapInHand() {
    RolloutWorld world(twoBatchesAndAWave());
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-3"));
    world.send(commandOf(CommandKind::StopHere, "enough"));
    QVERIFY(world.run());
    QCOMPARE(logOf(world, milestones), std::string(R"(
0.0 WaveStarted 1
0.0 BatchStarted a
1.0 RolloutHeld
1.8 BatchSwitched a
2.8 InstanceRetired a-1
2.8 RolloutEnded paused_mixed
)"));
    QCOMPARE(world.state().endReason, "stopped here: enough");
    QCOMPARE(exitCodeOf(world.state()), 7);
    QCOMPARE(world.answering("a"), 2);
  }

  void aStopWhileAnApprovalAfterIsAwaitedWaitsForNobody() {
    auto plan = twoBatchesAndAWave();
    plan.approvals = {{"look", ApprovalSpec::When::After, "a", 0, 30min}};
    RolloutWorld world(plan);
    world.begin();
    QVERIFY(world.runUntil("ApprovalRequested a"));
    world.send(commandOf(CommandKind::StopHere, "enough"));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "paused_mixed");
    QCOMPARE(toString(world.state().services.at("a").phase), "finished");
    QCOMPARE(toString(world.state().services.at("b").phase), "pending");
  }

  void aStopBeforeAnythingWasChangedIsAFailureThatLeftAllAsItWas() {
    auto plan = planOf({servicePlan("a", 1)});
    plan.approvals = {{"go", ApprovalSpec::When::Before, "", 1, 30min}};
    RolloutWorld world(plan);
    world.begin();
    world.send(commandOf(CommandKind::StopHere));
    QCOMPARE(resultOf(world), "failed");
    QCOMPARE(exitCodeOf(world.state()), 1);
    QCOMPARE(world.answering("a"), 1);
  }

  void whatCannotBeObeyedIsRefusedWithTheReason_data() {
    QTest::addColumn<QString>("when");
    QTest::addColumn<CommandKind>("kind");
    QTest::addColumn<QString>("reason");
    auto row = [](const char* when, CommandKind kind, const char* reason) {
      QTest::addRow("%s: %s", when, toString(kind))
          << QString::fromLatin1(when) << kind << QString::fromLatin1(reason);
    };
    for (auto kind : {CommandKind::Approve, CommandKind::Reject, CommandKind::Hold, CommandKind::Continue,
                      CommandKind::Abort, CommandKind::StopHere, CommandKind::DecideDrain}) {
      row("new", kind, "nothing is being rolled out");
      row("undoing", kind, "the rollout is being undone already");
      row("ended", kind, "the rollout has ended");
    }
    row("held", CommandKind::Hold, "it is held already");
    row("stopping", CommandKind::StopHere, "it is stopping already");
    row("rolling", CommandKind::Continue, "it is not held");
    row("rolling", CommandKind::Approve, "no approval \"\" is waiting");
    row("rolling", CommandKind::Reject, "no approval \"\" is waiting");
    row("rolling", CommandKind::DecideDrain, "no active runs of \"\" are waited for");
  }

  void whatCannotBeObeyedIsRefusedWithTheReason() {
    QFETCH(QString, when);
    QFETCH(CommandKind, kind);
    QFETCH(QString, reason);
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    auto name = when.toStdString();
    if (name != "new")
      world.begin();
    if (name == "held")
      world.send(commandOf(CommandKind::Hold));
    if (name == "stopping")
      world.send(commandOf(CommandKind::StopHere));
    if (name == "undoing")
      world.send(commandOf(CommandKind::Abort));
    if (name == "ended")
      QVERIFY(world.run());
    auto decision = decide(world.state(), commandOf(kind), world.now());
    QCOMPARE(decision.events.size(), 1u);
    QCOMPARE(toString(decision.events.front().type), "CommandRefused");
    QCOMPARE(decision.events.front().reason, reason.toStdString());
    QCOMPARE(decision.events.front().actor, "ann");
    QCOMPARE(textAt(decision.events.front().detail, "command"), toString(kind));
    QVERIFY(decision.effects.empty());
  }
};

QTEST_GUILESS_MAIN(RolloutHoldTest)
#include "tst_rollout_hold.moc"
