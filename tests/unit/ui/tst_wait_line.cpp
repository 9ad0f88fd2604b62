// What is awaited, the most urgent first, each with its countdown and the effect.
#include "tests/support/watched_rollout.h"
#include "tests/unit/rollout/rollout_texts.h"
#include "ui/model/wait_line.h"

#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

QString textOf(const std::vector<WaitLine>& lines) {
  QStringList texts;
  for (const auto& line : lines)
    texts << line.text + QStringLiteral(" | ") + line.since + QStringLiteral(" | ") + line.countdown +
                 (line.isNear ? QStringLiteral(" !") : QString());
  return texts.join(QLatin1Char('\n'));
}

QString linesOf(const RolloutWorld& world) {
  return textOf(waitLinesOf(world.state(), world.now()));
}

} // namespace

class WaitLineTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void nothingIsAwaitedOfWhatHasNotBegunOrIsOver() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    QVERIFY(waitLinesOf(world.state(), world.now()).empty());
    world.begin();
    QVERIFY(world.run());
    QVERIFY(waitLinesOf(world.state(), world.now()).empty());
  }

  void aPersonIsNamedBeforeMachines() {
    RolloutWorld world(planWithServiceGate("gateway"));
    world.fateOf = neverHealthy;
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted b-2"));
    world.pass(11s);
    QCOMPARE(linesOf(world),
             QStringLiteral(
                 "waiting for approval \"gateway\" | 12 s so far | in 29 min 48 s → nobody decided: undo !\n"
                 "rat-b-2 is not healthy yet: http says refused | 11 s so far | in 19 s → undo !"));
  }

  void aHoldWaitsUntilSomebodyDecides() {
    RolloutWorld world(planWithServiceGate("gateway"));
    world.begin();
    world.send(commandOf(CommandKind::Hold, "lunch"));
    world.pass(3s);
    const auto lines = waitLinesOf(world.state(), world.now());
    QCOMPARE(lines.size(), size_t(2));
    QCOMPARE(lines[1].text, QStringLiteral("held by ann: lunch"));
    QCOMPARE(lines[1].countdown, QStringLiteral("until somebody decides"));
    QVERIFY(lines[1].isNear); // somebody has to end it
  }

  void runsThatNeedADecisionAreUrgent() {
    RolloutWorld world(planWithRuns());
    world.runs["a"] = {{0s, 3}};
    world.begin();
    QVERIFY(world.runUntil("RunsObserved a"));
    QCOMPARE(linesOf(world).section(QLatin1Char('|'), 0, 0).trimmed(),
             QStringLiteral("waiting for 3 active runs of a to end, the oldest 2 min 50 s old"));
    QVERIFY(!waitLinesOf(world.state(), world.now()).front().isNear);
    QVERIFY(world.runUntil("DrainDeadlinePassed a"));
    const auto line = waitLinesOf(world.state(), world.now()).front();
    QCOMPARE(line.text,
             QStringLiteral("waiting for a decision on 3 active runs of a, the oldest 4 min 50 s old"));
    QCOMPARE(line.countdown, QStringLiteral("until somebody decides"));
    QVERIFY(line.isNear);
  }

  void awayIsUntilTheTargetAnswers() {
    RolloutWorld world(planWithServiceGate("gateway"));
    world.begin();
    world.send(Observation{ObservationKind::Away, "", "", {}, {{"seconds", 600}}});
    const auto lines = waitLinesOf(world.state(), world.now());
    QCOMPARE(lines[1].code, QStringLiteral("away"));
    QCOMPARE(lines[1].countdown, QStringLiteral("until it answers again"));
    QCOMPARE(lines[0].countdown, QStringLiteral("until somebody decides")); // no deadline runs meanwhile
  }
};

QTEST_GUILESS_MAIN(WaitLineTest)
#include "tst_wait_line.moc"
