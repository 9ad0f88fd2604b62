// What a person is asked for, bound to one gate, one plan and one service.
#include "tests/support/watched_rollout.h"
#include "tests/unit/rollout/rollout_texts.h"
#include "ui/model/decision_request.h"

#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

constexpr auto before = ApprovalSpec::When::Before;
constexpr auto after = ApprovalSpec::When::After;

Plan planWith(std::vector<ApprovalSpec> approvals) {
  auto plan = planOf({servicePlan("a", 1), servicePlan("b", 2), servicePlan("c", 2)});
  plan.approvals = std::move(approvals);
  sign(plan);
  return plan;
}

std::vector<DecisionRequest> requestsOf(const RolloutWorld& world) {
  return decisionRequestsOf(world.state(), world.now());
}

} // namespace

class DecisionRequestTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void anApprovalNamesItsGateItsPlanAndWhatComesNext() {
    RolloutWorld world(planWith({{"go", before, "", 2, 30min}}));
    world.begin();
    QVERIFY(world.runUntil("ApprovalRequested go"));
    world.pass(10s);
    const auto requests = requestsOf(world);
    QCOMPARE(requests.size(), size_t(1));
    const auto& request = requests.front();
    QCOMPARE(request.kind, DecisionRequest::Kind::Approval);
    QCOMPARE(request.gate, GateId("go"));
    QCOMPARE(request.planHash, world.state().plan.hash);
    QCOMPARE(request.title, QStringLiteral("Approval “go”"));
    QCOMPARE(request.next, QStringLiteral("wave 2 of 2: roll b 1 → 2, c 1 → 2"));
    QCOMPARE(request.changed, QStringLiteral("a 1 → 2"));
    QCOMPARE(request.startedBy, QStringLiteral("tester"));
    QCOMPARE(request.then, QStringLiteral("nobody decided: undo"));
    QVERIFY(request.until && *request.until == world.now().boot + 30min - 10s);
  }

  void whatCameToNoVerdictIsAskedWithItsReason() {
    auto service = servicePlan("a", 1);
    service.analyses = {errorAnalysis()};
    RolloutWorld world(planOf({service}));
    world.fateOf = [](const InstanceId&) {
      CopyFate fate;
      fate.judged.clear();
      return fate;
    };
    world.begin();
    QVERIFY(world.runUntil("ApprovalRequested a"));
    const auto request = requestsOf(world).front();
    QCOMPARE(request.title, QStringLiteral("a: no verdict"));
    QVERIFY(request.needsReason);
    QVERIFY2(
        request.next.startsWith(QStringLiteral("errors of a came to no verdict: fewer than 20 requests")),
        qPrintable(request.next));
    world.send(approving(request, true, "ann", "night"));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), std::string("succeeded"));
  }

  void theAnswersAreTheRolloutsToObey() {
    RolloutWorld world(planWith({{"go", before, "", 2, 30min}, {"late", after, "b", 0, 30min}}));
    world.begin();
    QVERIFY(world.runUntil("ApprovalRequested go"));
    const auto request = requestsOf(world).front();
    world.send(approving(request, true, "ann", "CHG-7"));
    QVERIFY(world.runUntil("ApprovalGranted go"));
    QVERIFY(world.runUntil("ApprovalRequested b"));
    world.send(approving(request, true, "ann", ""));
    QVERIFY(refusal(world).find("decided already") != std::string::npos);
    const auto second = requestsOf(world).front();
    QCOMPARE(second.next, QStringLiteral("end the old copies of b 1 → 2 and go on"));
    auto other = second;
    other.planHash = "another";
    world.send(approving(other, true, "ann", ""));
    QVERIFY(!refusal(world).empty());
    world.send(approving(second, false, "ann", "p99 is worse"));
    QCOMPARE(world.state().undoReason.empty(), false);
    QVERIFY(requestsOf(world).empty()); // nobody is asked during an undo
  }

  void anApprovalAtTheEndSaysSo() {
    RolloutWorld world(planWith({{"last", after, "", 2, 30min}}));
    world.begin();
    QVERIFY(world.runUntil("ApprovalRequested last"));
    QCOMPARE(requestsOf(world).front().next, QStringLiteral("the rollout goes on to its end"));
  }

  void theOneThatEndsFirstComesFirst() {
    RolloutWorld world(planWith({{"slow", before, "b", 0, 30min}, {"quick", before, "c", 0, 5min}}));
    world.begin();
    QVERIFY(world.runUntil("ApprovalRequested c"));
    QVERIFY(world.runUntil("WaveFinished 1"));
    const auto requests = requestsOf(world);
    QCOMPARE(requests.size(), size_t(2));
    QCOMPARE(requests[0].gate, GateId("quick"));
    QCOMPARE(requests[1].gate, GateId("slow"));
  }

  void nothingExpiresWhileTheTargetIsAway() {
    RolloutWorld world(planWith({{"go", before, "", 1, 30min}}));
    world.begin();
    world.send(Observation{ObservationKind::Away, "", "", {}, {{"seconds", 600}}});
    QVERIFY(!requestsOf(world).front().until);
  }

  void aDrainIsAskedAboutNearItsDeadline() {
    RolloutWorld world(planWithRuns());
    world.runs["a"] = {{0s, 2}};
    world.begin();
    QVERIFY(world.runUntil("DrainStarted a"));
    world.pass(80s);
    QVERIFY(requestsOf(world).empty());
    world.pass(11s);
    auto request = requestsOf(world).front();
    QCOMPARE(request.kind, DecisionRequest::Kind::Drain);
    QCOMPARE(request.title, QStringLiteral("a: 2 active runs, the deadline is near"));
    QCOMPARE(request.then, QStringLiteral("ask a person"));
    QCOMPARE(request.extension, QStringLiteral("10 min"));
    QVERIFY(request.until && !request.isOverdue);
    QVERIFY(world.runUntil("DrainDeadlinePassed a"));
    request = requestsOf(world).front();
    QCOMPARE(request.title, QStringLiteral("a: 2 active runs at the deadline"));
    QVERIFY(request.isOverdue && !request.until);
    world.send(decidingDrain(request, DeadlineAction::Extend, "ann", ""));
    QVERIFY(requestsOf(world).empty()); // ten minutes are not near
    world.pass(601s);
    QVERIFY(!requestsOf(world).empty());
    world.send(decidingDrain(requestsOf(world).front(), DeadlineAction::End, "ann", "CHG-7"));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), std::string("succeeded"));
  }

  // Which runs, not only how many: to end "these 2 runs" must not end two others.
  void runsAreNamedWithTheirAges() {
    RolloutState state;
    state.phase = RolloutPhase::Rolling;
    state.plan = planWithRuns();
    auto& service = state.services["a"];
    service.service = "a";
    service.isDrainingRuns = service.drainAwaitsDecision = true;
    service.activeRuns = 2;
    service.runs = {{{"id", "run-17"}, {"status", "running"}, {"age_s", 42.4}}, {{"id", "run-18"}}};
    const auto request = decisionRequestsOf(state, {}).front();
    QCOMPARE(request.runs, (QStringList{QStringLiteral("run-17 (42 s)"), QStringLiteral("run-18")}));
    QCOMPARE(request.runIds, (QStringList{QStringLiteral("run-17"), QStringLiteral("run-18")}));
  }

  void anUnknownNumberOfRunsIsSaidToBeUnknown() {
    RolloutState state;
    state.phase = RolloutPhase::Rolling;
    state.plan = planWithRuns();
    auto& service = state.services["a"];
    service.isDrainingRuns = service.drainAwaitsDecision = true;
    QCOMPARE(decisionRequestsOf(state, {}).front().title,
             QStringLiteral("a: an unknown number of runs at the deadline"));
  }
};

QTEST_GUILESS_MAIN(DecisionRequestTest)
#include "tst_decision_request.moc"
