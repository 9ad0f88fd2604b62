// What can be asked of a rollout, with its consequence, and why not where it cannot.
#include "core/rollout/refusal.h"
#include "tests/support/watched_rollout.h"
#include "tests/unit/rollout/rollout_texts.h"
#include "ui/model/verb.h"

#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

Plan planWithWarmCopies() {
  auto plan = planOf({servicePlan("a", 1, 2, 2), servicePlan("b", 2)});
  for (auto& [name, service] : plan.services)
    service.keepWarm = 60s;
  sign(plan);
  return plan;
}

} // namespace

class VerbTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void holdAndContinueTakeTurns() {
    RolloutWorld world(planWithWarmCopies());
    world.begin();
    auto verb = holdVerb(world.state(), world.now());
    QCOMPARE(verb.kind, CommandKind::Hold);
    QCOMPARE(verb.label, QStringLiteral("Hold"));
    QVERIFY(verb.isPossible);
    world.send(commandOf(CommandKind::Hold));
    verb = holdVerb(world.state(), world.now());
    QCOMPARE(verb.kind, CommandKind::Continue);
    QCOMPARE(verb.label, QStringLiteral("Continue"));
    QVERIFY(verb.isPossible);
    QVERIFY(verb.question.isEmpty());
  }

  void whileTheTargetIsAwayAnUndoSaysThatItWaitsForIt() {
    RolloutWorld world(planWithWarmCopies());
    world.begin();
    auto state = world.state();
    state.isAway = true;
    QCOMPARE(undoVerb(state, world.now()).consequence, QStringLiteral("nothing was changed yet"));
    QVERIFY(world.runUntil("InstanceStarted a-3"));
    state = world.state();
    state.isAway = true;
    QCOMPARE(undoVerb(state, world.now()).consequence,
             QStringLiteral("once the target answers: removes the new copies, no traffic moves"));
  }

  void whileTheReleaseBakesTheWatchCanBeEnded() {
    RolloutWorld world(planWithWarmCopies());
    world.start.bakes = true;
    world.begin();
    QVERIFY(world.runUntil("BakeStarted"));
    const auto verb = holdVerb(world.state(), world.now());
    QCOMPARE(verb.kind, CommandKind::FinishBake);
    QCOMPARE(verb.label, QStringLiteral("End the watch"));
    QVERIFY(verb.isPossible);
    QVERIFY(undoVerb(world.state(), world.now()).isPossible);
  }

  void whileItStopsHereItCanNeitherBeHeldNorStoppedAgain() {
    RolloutWorld world(planWithWarmCopies());
    world.begin();
    QVERIFY(world.runUntil("JoinRequested a-3"));
    world.send(commandOf(CommandKind::StopHere));
    QVERIFY(world.state().stopsHere);
    QCOMPARE(holdVerb(world.state(), world.now()).refusal, QStringLiteral("it is held already"));
    QCOMPARE(stopHereVerb(world.state(), world.now()).refusal, QStringLiteral("it is stopping already"));
    QVERIFY(!stopHereVerb(world.state(), world.now()).isPossible);
  }

  void undoSaysWhatItDoesBeforeAndAfterTheSwitch() {
    RolloutWorld world(planWithWarmCopies());
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-3"));
    auto verb = undoVerb(world.state(), world.now());
    QCOMPARE(verb.label, QStringLiteral("Undo now"));
    QCOMPARE(verb.consequence, QStringLiteral("removes the new copies, no traffic moves"));
    QVERIFY(world.runUntil("BatchSwitched a"));
    verb = undoVerb(world.state(), world.now());
    QCOMPARE(verb.consequence, QStringLiteral("traffic back on 1 in about 2 s"));
    QVERIFY(verb.question.isEmpty());
  }

  void undoAsksWhereOldCopiesAreGone() {
    RolloutWorld world(planOf({servicePlan("a", 1, 2, 2), servicePlan("b", 2)}));
    world.begin();
    QVERIFY(world.runUntil("InstanceStopped a-1"));
    QCOMPARE(copiesToRestart(world.state()), 1);
    auto verb = undoVerb(world.state(), world.now());
    QCOMPARE(verb.label, QStringLiteral("Undo…"));
    QVERIFY2(verb.consequence.startsWith(QStringLiteral("back to 1: restarts 1 copy, about")),
             qPrintable(verb.consequence));
    QVERIFY(verb.question.contains(verb.consequence));
    QVERIFY(world.runUntil("InstanceStopped a-2"));
    QVERIFY(undoVerb(world.state(), world.now())
                .consequence.startsWith(QStringLiteral("back to 1: restarts 2 copies")));
  }

  void undoAsksForTheSchemaThatStays() {
    auto plan = planWithWarmCopies();
    auto task = taskPlan(TaskSpec::Kind::Schema, "schema-a", TaskSpec::When::Before, "a");
    plan.tasks = {task};
    sign(plan);
    RolloutWorld world(plan);
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-3"));
    QVERIFY(undoVerb(world.state(), world.now()).pastSchema.empty());
    QVERIFY(world.runUntil("BatchSwitched a"));
    const auto verb = undoVerb(world.state(), world.now());
    QVERIFY(verb.isPossible);
    QCOMPARE(verb.label, QStringLiteral("Undo…"));
    QCOMPARE(verb.consequence, QStringLiteral("traffic back on 1 in about 2 s; schema a.sql stays"));
    QVERIFY(verb.question.contains(QStringLiteral("nothing takes them away: a.sql")));
    QVERIFY(verb.pastSchema == std::set<std::string>{"a.sql"});
    auto command = commandOf(CommandKind::Abort);
    QVERIFY(!refusalOf(world.state(), command, world.now()).empty());
    command.pastSchema = verb.pastSchema;
    QCOMPARE(refusalOf(world.state(), command, world.now()), std::string());
  }

  void aRolloutThatIsOverRefusesWithItsReason() {
    RolloutWorld world(planWithWarmCopies());
    world.begin();
    QVERIFY(world.runUntil("BatchSwitched a"));
    world.send(commandOf(CommandKind::Abort));
    auto verb = undoVerb(world.state(), world.now());
    QVERIFY(!verb.isPossible);
    QCOMPARE(verb.refusal, QStringLiteral("the rollout is being undone already"));
    QVERIFY(world.run());
    for (const auto& over : {holdVerb(world.state(), world.now()), undoVerb(world.state(), world.now()),
                             stopHereVerb(world.state(), world.now())})
      QCOMPARE(over.refusal, QStringLiteral("the rollout has ended"));
  }

  // A refusal is the rollout's own word: asked of it, not guessed.
  void theRefusalIsWhatTheRolloutWouldSay() {
    RolloutWorld world(planWithWarmCopies());
    world.begin();
    const auto command = answerTo(world, "nobody");
    const auto why = refusalOf(world.state(), command, world.now());
    world.send(command);
    QVERIFY(!why.empty());
    QCOMPARE(why, refusal(world));
  }
};

QTEST_GUILESS_MAIN(VerbTest)
#include "tst_verb.moc"
