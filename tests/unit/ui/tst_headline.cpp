// The second line: what state this is, how far, and what came of it.
#include "tests/support/watched_rollout.h"
#include "tests/unit/rollout/rollout_texts.h"
#include "ui/model/headline.h"
#include "ui/model/left_behind.h"
#include "ui/model/stack_now.h"

#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

StatusLine lineOf(const RolloutWorld& world) {
  return headlineOf(world.state(), world.now());
}

} // namespace

class HeadlineTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aRolloutFromItsStartToItsEnd() {
    RolloutWorld world(planWithWaveGate("go"));
    QCOMPARE(lineOf(world).word, QStringLiteral("STARTING"));
    world.begin();
    auto line = lineOf(world);
    QCOMPARE(line.word, QStringLiteral("ROLLING"));
    QVERIFY2(line.detail.startsWith(QStringLiteral("wave 1 of 2 · a 1 → 2 · 0 of 2 services done")),
             qPrintable(line.detail));
    QVERIFY(world.runUntil("ApprovalRequested go"));
    world.pass(10s);
    line = lineOf(world);
    QCOMPARE(line.word, QStringLiteral("WAITING FOR APPROVAL"));
    QCOMPARE(line.mood, Mood::Waiting);
    QVERIFY(line.detail.contains(QStringLiteral("1 of 2 services done")));
    world.send(answerTo(world, "go"));
    QVERIFY(world.run());
    line = lineOf(world);
    QCOMPARE(line.word, QStringLiteral("ON 2"));
    QCOMPARE(line.mood, Mood::Ok);
    QVERIFY(line.detail.contains(QStringLiteral("2 of 2 services")));
  }

  void aReleaseThatIsInPlaceIsUnderWatchBeforeItIsDone() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.start.bakes = true;
    world.begin();
    QVERIFY(world.runUntil("BakeStarted"));
    QCOMPARE(lineOf(world).word, QStringLiteral("ON 2, UNDER WATCH"));
    QCOMPARE(lineOf(world).mood, Mood::Ok);
    QVERIFY(world.run());
    QCOMPARE(lineOf(world).word, QStringLiteral("ON 2"));
  }

  void whatStopsItIsTheWord() {
    RolloutWorld world(planWithWaveGate("go"));
    world.begin();
    world.send(commandOf(CommandKind::Hold));
    QCOMPARE(lineOf(world).word, QStringLiteral("HELD"));
    world.send(Observation{ObservationKind::Away, "", "", {}, {{"seconds", 600}}});
    QCOMPARE(lineOf(world).word, QStringLiteral("TARGET AWAY"));
    QCOMPARE(lineOf(world).mood, Mood::Unknown);
    world.send(Observation{ObservationKind::Returned, "", "", {}, Json::object()});
    world.send(commandOf(CommandKind::StopHere));
    QCOMPARE(lineOf(world).word, QStringLiteral("STOPPING HERE"));
  }

  void anUndoSaysWhyAndWhatItCameTo() {
    RolloutWorld world(planWithWaveGate("go"));
    world.begin();
    QVERIFY(world.runUntil("ApprovalRequested go"));
    world.send(commandOf(CommandKind::Abort, "p99 is worse"));
    auto line = lineOf(world);
    QCOMPARE(line.word, QStringLiteral("UNDOING"));
    QVERIFY2(line.detail.contains(QStringLiteral("p99 is worse")), qPrintable(line.detail));
    QVERIFY(world.run());
    line = lineOf(world);
    QCOMPARE(line.word, QStringLiteral("BACK ON 1"));
    QVERIFY(line.detail.contains(QStringLiteral("p99 is worse")));
  }

  void everyResultHasItsWord() {
    RolloutState state;
    state.plan = planWithWaveGate("go");
    state.phase = RolloutPhase::Ended;
    const std::map<RolloutResult, const char*> words = {
        {RolloutResult::Succeeded, "ON 2"},
        {RolloutResult::RolledBack, "BACK ON 1"},
        {RolloutResult::Aborted, "BACK ON 1"},
        {RolloutResult::Rejected, "BACK ON 1"},
        {RolloutResult::Failed, "FAILED"},
        {RolloutResult::RollbackFailed, "UNDO FAILED"},
        {RolloutResult::PausedMixed, "MIXED ON PURPOSE"},
        {RolloutResult::None, "ENDED"},
    };
    for (const auto& [result, word] : words) {
      state.result = result;
      QCOMPARE(headlineOf(state, {}).word, QString::fromLatin1(word));
    }
    state.plan.isTry = true;
    state.result = RolloutResult::Succeeded;
    QCOMPARE(headlineOf(state, {}).word, QStringLiteral("TRIED 2"));
  }

  void whereTheOldCopyStopsFirstTheInterruptionIsTheWord() {
    auto service = servicePlan("a", 1);
    service.order = UpdateOrder::StopFirst;
    service.secondsWithout = 67s;
    RolloutWorld world(planOf({service}));
    world.begin();
    QVERIFY(world.runUntil("StopRequested a-1"));
    QCOMPARE(lineOf(world).word, QStringLiteral("SERVICE INTERRUPTED"));
    QVERIFY(lineOf(world).detail.startsWith(QStringLiteral("nobody serves a (planned, at most 1 min 7 s)")));
    QVERIFY(world.runUntil("TrafficSwitched a-2"));
    QCOMPARE(lineOf(world).word, QStringLiteral("ROLLING"));
    RolloutWorld undone(planOf({service}));
    undone.fateOf = [](const InstanceId& id) {
      return id.value == "rat-a-2" ? neverHealthy(id) : CopyFate();
    };
    undone.begin();
    QVERIFY(undone.runUntil("ServiceUndoStarted a"));
    const auto line = lineOf(undone);
    QVERIFY2(line.detail.startsWith(QStringLiteral("nobody serves a · ")), qPrintable(line.detail));
  }

  void aServiceThatCannotBeUndoneNeedsAPerson() {
    RolloutState state;
    state.plan = planWithWaveGate("go");
    state.phase = RolloutPhase::Undoing;
    state.services["a"].hasUndoFailed = true;
    state.services["a"].failure = "no space left";
    const auto line = headlineOf(state, {});
    QCOMPARE(line.word, QStringLiteral("UNDO FAILED"));
    QCOMPARE(line.mood, Mood::Failed);
    QVERIFY2(line.detail.startsWith(QStringLiteral("a person is needed: nobody serves a: no space left")),
             qPrintable(line.detail));
    auto& copy = state.instances[InstanceId("rat-a-2")];
    copy.service = "a";
    copy.phase = InstancePhase::Serving;
    QVERIFY(headlineOf(state, {}).detail.contains(QStringLiteral("a goes on with 2")));
  }

  void versionsAreOneWordWhereTheyAgree() {
    auto plan = planWithWaveGate("go");
    QCOMPARE(versionsOf(plan, true), QStringLiteral("2"));
    plan.services.at("b").toVersion = "3";
    QCOMPARE(versionsOf(plan, true), QStringLiteral("a 2, b 3"));
    for (auto& [name, service] : plan.services)
      service.fromVersion.clear();
    QCOMPARE(versionsOf(plan, false), QStringLiteral("what was before"));
  }

  void whatRunsIsSaidWhileNothingRolls() {
    const auto plan = planWithWaveGate("go");
    StackFacts stack;
    QCOMPARE(idleHeadline(stack, {}, true).word, QStringLiteral("NOT REACHED"));
    stack.world.isReachable = true;
    QCOMPARE(idleHeadline(stack, {}, true).word, QStringLiteral("NOTHING RUNS"));
    stack = stackOf(plan, {});
    QVERIFY(idleHeadline(stack, {}, true).detail.startsWith(QStringLiteral("2 copies run · ")));
    PastFacts last;
    last.actor = "anna";
    last.result = "succeeded";
    last.started = WallTime(std::chrono::seconds(1'795'700'325));
    last.ended = last.started + 90s;
    stack.lastChange = last;
    const auto line = idleHeadline(stack, *last.ended + 600s, true);
    QCOMPARE(line.word, QStringLiteral("NOTHING ROLLS"));
    QVERIFY2(line.detail.contains(QStringLiteral("succeeded by anna, 10 min ago (Thu 26 Nov 13:40 UTC)")),
             qPrintable(line.detail));
    PastFacts left = last;
    left.rollout = "20261126-120000-ab12";
    stack.unfinished = {left};
    const auto unfinished = idleHeadline(stack, left.started + 90s, true);
    QCOMPARE(unfinished.word, QStringLiteral("UNFINISHED"));
    QVERIFY2(unfinished.detail.startsWith(
                 QStringLiteral("rollout 20261126-120000-ab12 by anna, begun 1 min 30 s ago")),
             qPrintable(unfinished.detail));
    left.left = LeftBehind{QStringLiteral("wave 2 of 3"), QString()};
    stack.unfinished = {left};
    QVERIFY(idleHeadline(stack, {}, true).detail.startsWith(QStringLiteral("wave 2 of 3 · rollout ")));
  }

  void whatWasLeftTellsHowFarItHadComeAndWhatItsUndoDoes() {
    RolloutWorld world(planOf({servicePlan("a", 1), servicePlan("b", 2)}));
    world.begin();
    QVERIFY(world.runUntil("ServiceFinished a"));
    const auto left = leftBehindOf(world.state());
    QCOMPARE(left.progress, QStringLiteral("wave 2 of 2 · b 1 → 2 · 1 of 2 services done"));
    QVERIFY2(left.undo.startsWith(QStringLiteral("back to 1: restarts 1 copy")), qPrintable(left.undo));
    world.send(Observation{ObservationKind::Away, {}, {}, {}, {{"seconds", 600}}});
    QVERIFY(world.state().isAway);
    QCOMPARE(leftBehindOf(world.state()).undo, left.undo); // it was away for the engine that left it
  }

  void whatCanBeGoneOnWithIsTheOneThatIsMeant() {
    StackFacts stack = stackOf(planWithWaveGate("go"), {});
    PastFacts newer, older;
    newer.rollout = "newer";
    newer.refusal = Error{ErrorKind::Refused, "overtaken", {}, {}};
    older.rollout = "older";
    stack.unfinished = {newer, older};
    QCOMPARE(resumable(stack)->rollout, std::string("older"));
    QVERIFY(idleHeadline(stack, {}, true).detail.contains(QStringLiteral("rollout older ")));
    stack.unfinished = {newer};
    QVERIFY(!resumable(stack));
    QVERIFY(idleHeadline(stack, {}, true).detail.contains(QStringLiteral("rollout newer ")));
  }

  void whatRunsNowIsCountedAndTheIllAreNamed() {
    World world;
    QCOMPARE(stackNowText(world), QString());
    world.isReachable = true;
    world.instances.resize(3);
    for (auto& copy : world.instances)
      copy.health = Health::Healthy;
    QCOMPARE(stackNowText(world), QStringLiteral("Now: 3 copies run, all healthy"));
    world.instances[0].health = Health::Unknown;
    QCOMPARE(stackNowText(world), QStringLiteral("Now: 3 copies run, 2 known to be healthy"));
    world.instances[1].health = Health::Unhealthy;
    world.instances[1].id = InstanceId("rat-portal-3");
    world.instances[2].state = InstanceState::Exited;
    QCOMPARE(stackNowText(world), QStringLiteral("Now: 2 copies run, 1 unhealthy: rat-portal-3"));
  }
};

QTEST_GUILESS_MAIN(HeadlineTest)
#include "tst_headline.moc"
