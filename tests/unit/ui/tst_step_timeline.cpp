// What was done with each service, and how long it took.
#include "tests/support/watched_rollout.h"
#include "tests/unit/rollout/rollout_texts.h"
#include "ui/model/step_timeline.h"

#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

// "start 0.0-1.0, gate 1.0-", a cross behind what failed.
std::string spansText(const StepTimeline& timeline, const RolloutWorld& world, const std::string& service) {
  std::string text;
  for (const auto& span : timeline.spansOf(service))
    text += (text.empty() ? "" : ", ") + std::string(toString(span.stage)) + " " +
            secondsOf(world, span.from.boot) + "-" + (span.to ? secondsOf(world, span.to->boot) : "") +
            (span.hasFailed ? " x" : "");
  return text;
}

} // namespace

class StepTimelineTest : public QObject {
  Q_OBJECT

  StepTimeline m_timeline;
  RolloutState m_state;

  void follow(const RolloutWorld& world) {
    m_timeline = {};
    m_state = {};
    for (const auto& event : world.events()) {
      apply(m_state, event);
      m_timeline.add(event, m_state);
    }
  }

private Q_SLOTS:
  void aServiceGoesThroughItsStages() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.begin();
    QVERIFY(world.run());
    follow(world);
    QCOMPARE(spansText(m_timeline, world, "a"),
             std::string(
                 "start 0.0-1.0, gate 1.0-1.6, switch 1.6-1.8, watch 1.8-1.8, drain 1.8-2.1, stop 2.2-2.7"));
  }

  void copiesSideBySideAreOneBar() {
    auto plan = planOf({servicePlan("a", 1, 2, 2)});
    plan.services.at("a").parallelism = 2;
    sign(plan);
    RolloutWorld world(plan);
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      fate.startTakes = id.value == "rat-a-4" ? 3s : 1s;
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    follow(world);
    QVERIFY2(spansText(m_timeline, world, "a").starts_with("start 0.0-3.0, gate 1.0-"),
             spansText(m_timeline, world, "a").c_str());
  }

  void anApprovalIsAStageOfItsService() {
    RolloutWorld world(planWithServiceGate("go"));
    world.begin();
    world.pass(20s);
    follow(world);
    QCOMPARE(spansText(m_timeline, world, "a"), std::string("approval 0.0-"));
    world.send(answerTo(world, "go"));
    world.pass(1ms);
    follow(world);
    QCOMPARE(spansText(m_timeline, world, "a"), std::string("approval 0.0-20.0, start 20.0-"));
  }

  void whatWasUnderWayIsOverWhenItIsUndone() {
    RolloutWorld world(planWithServiceGate("go"));
    world.begin();
    world.pass(20s);
    world.send(commandOf(CommandKind::Abort));
    QVERIFY(world.run());
    follow(world);
    QVERIFY2(spansText(m_timeline, world, "a").starts_with("approval 0.0-20.0"),
             spansText(m_timeline, world, "a").c_str());
    QVERIFY2(spansText(m_timeline, world, "b").find("undo") != std::string::npos,
             spansText(m_timeline, world, "b").c_str());
  }

  void aGateThatFailsIsMarked() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.fateOf = neverHealthy;
    world.begin();
    QVERIFY(world.run());
    follow(world);
    QVERIFY2(spansText(m_timeline, world, "a").find("gate 1.0-31.0 x") != std::string::npos,
             spansText(m_timeline, world, "a").c_str());
  }

  void afterAnotherBootTheBarsAreWhereTheyWere() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-2"));
    world.crash(world.events().size(), [] { return true; });
    world.pass(60s);
    world.resume(false, 60, "boot-2");
    QVERIFY(world.run());
    follow(world);
    for (const auto& span : m_timeline.spansOf("a")) {
      QVERIFY(span.to->boot >= span.from.boot && span.from.boot >= m_state.startedAt.boot);
      QVERIFY(span.from.boot - m_state.startedAt.boot == span.from.wall - m_state.startedAt.wall);
    }
  }

  void whileTheTargetWasAwayNobodyKnowsWhatWentOn() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.fateOf = neverHealthy;
    world.begin();
    world.pass(5s);
    follow(world);
    QVERIFY(m_timeline.absences().empty());
    world.pass(15s);
    world.send(Observation{ObservationKind::Away, {}, {}, {}, {{"seconds", 12}}});
    follow(world);
    QVERIFY(m_timeline.absences().empty()); // too short to be one
    world.pass(5s);
    world.send(Observation{ObservationKind::Away, {}, {}, {}, {{"seconds", 35}}});
    follow(world);
    QCOMPARE(m_timeline.absences().size(), size_t(1));
    QVERIFY(m_timeline.absences()[0].from == m_state.awaySince && !m_timeline.absences()[0].to);
    world.pass(5s);
    world.send(Observation{ObservationKind::Returned, {}, {}, {}, {}});
    follow(world);
    QCOMPARE(m_timeline.absences().size(), size_t(1));
    QCOMPARE(secondsOf(world, m_timeline.absences()[0].to->boot), std::string("30.0"));
  }

  void whatThePlanAllowsIsTheLongestOfItsKind() {
    Plan plan;
    plan.steps = {{"1.a.start", 1, "a", StepKind::Start, "", 5s, false},
                  {"1.a.gate", 1, "a", StepKind::Gate, "", 30s, false},
                  {"1.b.gate", 1, "b", StepKind::Gate, "", 90s, false}};
    QCOMPARE(StepTimeline::plannedOf(plan, "a", Stage::Gate), Duration(30s));
    QCOMPARE(StepTimeline::plannedOf(plan, "a", Stage::Drain), Duration(0s));
  }
};

QTEST_GUILESS_MAIN(StepTimelineTest)
#include "tst_step_timeline.moc"
