// What new copies are judged by while they serve, what becomes of a rollout that comes to no verdict, and the
// watch over the whole release after its last step.
#include <QtTest>

#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const std::set<EventType> told = {
    EventType::TrafficSwitched, EventType::AnalysisJudged,    EventType::ServingWentBad,
    EventType::UndoStarted,     EventType::TrafficReturned,   EventType::MonitorPassed,
    EventType::RolloutEnded,    EventType::ApprovalRequested, EventType::ApprovalGranted,
    EventType::BakeStarted,     EventType::BakeFinished,      EventType::ServiceFailed};

ServicePlan analysed(const AnalysisSpec& analysis = errorAnalysis()) {
  auto service = servicePlan("a", 1);
  service.analyses = {analysis};
  service.monitor = service.keepWarm = 5s;
  return service;
}

RolloutWorld worldJudging(const std::vector<std::pair<Duration, Verdict>>& verdicts,
                          const AnalysisSpec& analysis = errorAnalysis()) {
  RolloutWorld world(planOf({analysed(analysis)}));
  world.fateOf = [=](const InstanceId&) {
    CopyFate fate;
    fate.judged = verdicts;
    return fate;
  };
  return world;
}

AnalysisSpec withInconclusive(Inconclusive action) {
  auto analysis = errorAnalysis();
  analysis.onInconclusive = action;
  return analysis;
}

GateId gate() {
  return GateId("inconclusive-a");
}

Command answering(const RolloutWorld& world, CommandKind kind, const std::string& reason) {
  Command command;
  command.kind = kind;
  command.actor = "ann";
  command.gate = gate();
  command.planHash = world.state().plan.hash;
  command.reason = reason;
  return command;
}

bool hasReason(const RolloutWorld& world, const std::string& text) {
  for (const auto& reason : reasonsOf(world.state()))
    if (reason.text.find(text) != std::string::npos)
      return true;
  return false;
}

} // namespace

class RolloutAnalysisTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aNewVersionWhoseRequestsFailGivesTheTrafficBackAtOnce() {
    auto world = worldJudging({{300ms, Verdict::Passing}, {900ms, Verdict::Failing}});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, told), std::string(R"(
1.7 TrafficSwitched a-2
2.0 AnalysisJudged a-2
2.6 AnalysisJudged a-2
2.6 ServingWentBad a-2
2.6 ServiceFailed a
2.6 UndoStarted
2.7 TrafficReturned a-1
3.8 RolloutEnded rolled_back
)"));
    QCOMPARE(resultOf(world), "rolled_back");
    QVERIFY(world.state().endReason.find("12 of 40 requests failed") != std::string::npos);
  }

  void anAnalysisThatOnlyObservesFailsNobody() {
    auto analysis = errorAnalysis();
    analysis.isObserveOnly = true;
    auto world = worldJudging({{900ms, Verdict::Failing}}, analysis);
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
    QCOMPARE(toString(world.state().services.at("a").analyses.at("errors rat-a-2").verdict), "failing");
  }

  void tooFewRequestsAskAPersonWhoMustSayWhy() {
    auto world = worldJudging({});
    world.begin();
    QVERIFY(world.runUntil("ApprovalRequested a"));
    QCOMPARE(toString(world.state().instances.at(InstanceId("rat-a-1")).phase), "warm");
    QVERIFY(hasReason(world, "fewer than 20 requests in 5 s"));
    world.pass(60s);
    QCOMPARE(toString(world.state().instances.at(InstanceId("rat-a-1")).phase),
             "warm"); // until there is an answer
    world.send(answering(world, CommandKind::Approve, ""));
    QVERIFY(!world.state().services.at("a").hasMonitorPassed);
    world.send(answering(world, CommandKind::Approve, "night: nobody is awake"));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
  }

  void aRejectionOfAnInconclusiveAnalysisUndoes() {
    auto world = worldJudging({{1s, Verdict::Error}});
    world.begin();
    QVERIFY(world.runUntil("ApprovalRequested a"));
    world.send(answering(world, CommandKind::Reject, "too quiet"));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rejected");
    QCOMPARE(world.answering("a"), 1);
  }

  void aVerdictThatComesLateAnswersForThePerson() {
    auto world = worldJudging({{20s, Verdict::Passing}});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
    QCOMPARE(world.state().approvals.at(gate()).actor, std::string("analysis"));
  }

  void aFailingVerdictThatComesLateUndoesWhileThePersonIsAsked() {
    auto world = worldJudging({{20s, Verdict::Failing}});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
  }

  void withNobodyToAskNoVerdictIsNoPass() {
    auto world = worldJudging({});
    world.start.hasPerson = false;
    world.start.approve = "auto";
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
    QVERIFY(world.state().endReason.find("nobody can be asked") != std::string::npos);
  }

  void thePlanMaySayWhatNoVerdictMeans() {
    auto passing = worldJudging({}, withInconclusive(Inconclusive::Pass));
    passing.begin();
    QVERIFY(passing.run());
    QCOMPARE(resultOf(passing), "succeeded");
    auto undoing = worldJudging({}, withInconclusive(Inconclusive::Undo));
    undoing.begin();
    QVERIFY(undoing.run());
    QCOMPARE(resultOf(undoing), "rolled_back");
  }

  void whatIsSeenAtAnotherServicesDoorFailsAllNewCopies() {
    auto analysis = errorAnalysis();
    analysis.measurement.service = "portal";
    auto service = analysed(analysis);
    service.oldCopies.push_back({InstanceId("rat-a-9"), 9});
    service.newCopies.push_back({InstanceId("rat-a-10"), 10});
    service.parallelism = 0;
    RolloutWorld world(planOf({service}));
    world.judged["a"] = {{1s, Verdict::Failing}};
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
    QVERIFY(world.state().instances.at(InstanceId("rat-a-2")).hasFailed);
    QVERIFY(world.state().instances.at(InstanceId("rat-a-10")).hasFailed);
  }

  // --- the bake ---

  void afterItsLastStepTheReleaseIsWatchedForItsBakeTime() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.start.bakes = true;
    world.begin();
    QVERIFY(world.runUntil("BakeStarted"));
    QVERIFY(hasReason(world, "watching the new release"));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
    QCOMPARE((world.state().endedAt.boot - world.state().bakeSince.boot), Duration(600s));
  }

  void withoutItTheRolloutEndsAtOnce() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.begin();
    QVERIFY(world.run());
    QVERIFY(world.state().bakeSince == Instant());
  }

  void aCopyThatGoesBadWhileTheReleaseBakesBringsTheOldVersionBack() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.start.bakes = true;
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value == "rat-a-2")
        fate.badAfter = 60s;
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
    QCOMPARE(world.answering("a"), 1);
  }

  void aPersonMayEndTheWatchAndUndoInIt() {
    for (const bool undoes : {false, true}) {
      RolloutWorld world(planOf({servicePlan("a", 1)}));
      world.start.bakes = true;
      world.begin();
      QVERIFY(world.runUntil("BakeStarted"));
      world.pass(10s);
      world.send(commandOf(CommandKind::Hold));
      QVERIFY(!world.state().isHeld); // nothing is left to hold
      world.send(commandOf(undoes ? CommandKind::Abort : CommandKind::FinishBake));
      QVERIFY(world.run());
      QCOMPARE(resultOf(world), undoes ? "aborted" : "succeeded");
      QVERIFY(world.time() < 60s);
    }
  }

  void anEngineThatDiesInTheBakeLeavesTheRestOfItToTheNext() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.start.bakes = true;
    world.begin();
    QVERIFY(world.runUntil("BakeStarted"));
    world.pass(100s);
    world.crash(world.events().size(), [] { return true; });
    world.resume(false, 50);
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
    QCOMPARE((world.state().endedAt.boot - world.state().bakeSince.boot), Duration(600s));
  }

  void theEndOfAWatchThatIsNotOnIsRefused() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.begin();
    world.send(commandOf(CommandKind::FinishBake));
    QCOMPARE(toString(world.events().back().type), "CommandRefused");
  }

  // --- what the old version did ---

  void samplesCountUpByTheVersionThatAnswered() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.begin();
    Json counted = {{"requests", 10}, {"errors_5xx", 1}, {"connection_errors", 1}, {"time_ms", 20.0}};
    Json more = {{"requests", 30}, {"errors_5xx", 0}, {"connection_errors", 0}, {"time_ms", 40.0}};
    Json service = {{"requests", 40}, {"errors_5xx", 1}, {"connection_errors", 1}};
    service["instances"] = {{"rat-a-1", counted}, {"rat-a-2", more}, {"rat-x-1", more}};
    world.send(Observation{ObservationKind::Sampled, {}, {}, {}, {{"services", {{"a", service}}}}});
    world.send(Observation{ObservationKind::Sampled, {}, {}, {}, {{"services", {{"a", service}}}}});
    const auto& state = world.state();
    QCOMPARE(trafficOf(state, "a", false).requests, 20LL);
    QCOMPARE(trafficOf(state, "a", false).failed, 4LL);
    QCOMPARE(trafficOf(state, "a", false).timeMs, 20.0);
    QCOMPARE(trafficOf(state, "a", true).requests, 60LL);
    QCOMPARE(state.frontTraffic.at("a").requests, 80LL);
  }
};

QTEST_APPLESS_MAIN(RolloutAnalysisTest)
#include "tst_rollout_analysis.moc"
