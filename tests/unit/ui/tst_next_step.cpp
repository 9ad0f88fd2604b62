// What comes next by itself.
#include "tests/support/rollout_plans.h"
#include "tests/unit/rollout/rollout_tasks.h"
#include "tests/unit/rollout/rollout_texts.h"
#include "ui/model/next_step.h"

#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

Plan twoWaves() {
  return planOf({servicePlan("a", 1), servicePlan("b", 2), servicePlan("c", 2)});
}

} // namespace

class NextStepTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void beforeItBeginsNothingIsSaid() { QCOMPARE(nextStepText({}), QString()); }

  void theNextWaveIsNamedAndThenTheEnd() {
    RolloutWorld world(twoWaves());
    world.begin();
    QCOMPARE(nextStepText(world.state()),
             QStringLiteral("Next: wave 2 of 2, b 1 → 2, c 1 → 2; if a gate fails, it is all undone"));
    QVERIFY(world.runUntil("ServiceStarted b"));
    QCOMPARE(nextStepText(world.state()),
             QStringLiteral(
                 "Next: the rollout ends, all is on the new versions; if a gate fails, it is all undone"));
    QVERIFY(world.run());
    QVERIFY(nextStepText(world.state()).startsWith(QStringLiteral("Nothing more is done by itself")));
  }

  void anApprovalBeforeTheNextWaveIsNamed() {
    auto plan = twoWaves();
    plan.approvals = {{"gate", ApprovalSpec::When::Before, "b", 0, 30min}};
    RolloutWorld world(plan);
    world.begin();
    QCOMPARE(
        nextStepText(world.state()),
        QStringLiteral("Next: wave 2 of 2, b 1 → 2, c 1 → 2, after the approval “gate”; if a gate fails, it "
                       "is all undone"));
  }

  void theOtherBranchIsWhatTheServiceInHandSays_data() {
    QTest::addColumn<int>("action");
    QTest::addColumn<bool>("isAlone");
    QTest::addColumn<QString>("ends");
    const auto row = [](const char* name, FailureAction action, bool isAlone, const char* ends) {
      QTest::newRow(name) << static_cast<int>(action) << isAlone << QString::fromLatin1(ends);
    };
    row("rollback", FailureAction::Rollback, false, "; if a gate fails, it is all undone");
    row("rollback of one", FailureAction::Rollback, true, "; if a gate fails, a is undone");
    row("pause", FailureAction::Pause, false, "; if a gate fails, it holds and asks");
    row("continue", FailureAction::Continue, false, "; if a gate fails, the old copy serves");
  }

  void theOtherBranchIsWhatTheServiceInHandSays() {
    QFETCH(int, action);
    QFETCH(bool, isAlone);
    QFETCH(QString, ends);
    auto plan = twoWaves();
    plan.services.at("a").failureAction = static_cast<FailureAction>(action);
    plan.onFailureScope = isAlone ? FailureScope::Service : FailureScope::Release;
    sign(plan);
    RolloutWorld world(plan);
    world.begin();
    QVERIFY(world.runUntil("ServiceStarted a"));
    QVERIFY2(nextStepText(world.state()).endsWith(ends), qPrintable(nextStepText(world.state())));
  }

  void theOtherBranchIsNotSaidWhereItDependsOnWhichGateItIs() {
    auto plan = planOf({servicePlan("a", 1), servicePlan("b", 1)});
    plan.services.at("a").failureAction = FailureAction::Pause;
    plan.services.at("b").failureAction = FailureAction::Continue;
    sign(plan);
    RolloutWorld world(plan);
    world.begin();
    QVERIFY(world.runUntil("ServiceStarted b"));
    QVERIFY2(!nextStepText(world.state()).contains(QLatin1Char(';')),
             qPrintable(nextStepText(world.state())));
  }

  void theOtherBranchKnowsWhoIsThereAndWhatStandsInTheWay() {
    auto plan = planOf({servicePlan("a", 1)});
    plan.services.at("a").failureAction = FailureAction::Pause;
    plan.services.at("a").maxFailureRatio = 0.5;
    sign(plan);
    RolloutWorld world(plan);
    world.begin();
    QVERIFY(world.runUntil("ServiceStarted a"));
    auto state = world.state();
    QVERIFY(nextStepText(state).endsWith(QStringLiteral("; if too many copies fail, it holds and asks")));
    state.hasPerson = false;
    QVERIFY(nextStepText(state).endsWith(QStringLiteral("; if too many copies fail, it is all undone")));

    RolloutWorld blocked(planWith({forward(migration("drop", "a"), false)}));
    blocked.begin();
    QVERIFY(blocked.runUntil("ServiceSwitched a"));
    state = blocked.state();
    QVERIFY2(nextStepText(state).endsWith(QStringLiteral("; if a gate fails, it holds and asks")),
             qPrintable(nextStepText(state)));
    state.hasPerson = false;
    QVERIFY(nextStepText(state).endsWith(QStringLiteral("; if a gate fails, what serves goes on serving")));
  }

  void whileItIsHeldNothingComes() {
    RolloutWorld world(twoWaves());
    world.begin();
    world.send(commandOf(CommandKind::Hold));
    QCOMPARE(nextStepText(world.state()),
             QStringLiteral("Next: nothing, until somebody continues or undoes it"));
  }

  void stoppingHereItEndsMixed() {
    RolloutWorld world(twoWaves());
    world.begin();
    QVERIFY(world.runUntil("JoinRequested a-2"));
    world.send(commandOf(CommandKind::StopHere));
    QCOMPARE(nextStepText(world.state()), QStringLiteral("Next: the rollout ends here, with versions mixed"));
  }

  void withoutATargetNothingComes() {
    RolloutWorld world(twoWaves());
    world.begin();
    world.send(Observation{ObservationKind::Away, {}, {}, {}, {{"seconds", 600}}});
    QCOMPARE(nextStepText(world.state()), QStringLiteral("Next: nothing, until the target answers again"));
  }

  void anUndoGoesBackWaveByWave() {
    RolloutWorld world(twoWaves());
    world.begin();
    QVERIFY(world.runUntil("ServiceSwitched b"));
    world.send(commandOf(CommandKind::Abort));
    QCOMPARE(nextStepText(world.state()), QStringLiteral("Next: back to a 1"));
    QVERIFY(world.runUntil("ServiceUndoStarted a"));
    QCOMPARE(nextStepText(world.state()),
             QStringLiteral("Next: the rollout ends, all is on the old versions"));
  }
};

QTEST_APPLESS_MAIN(NextStepTest)
#include "tst_next_step.moc"
