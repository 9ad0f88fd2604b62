// Everything that is known of one service.
#include "tests/support/watched_rollout.h"
#include "tests/unit/rollout/rollout_texts.h"
#include "ui/model/service_detail.h"

#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

Plan plan() {
  auto plan = planOf({servicePlan("a", 1)});
  plan.changes = {{"a", "1", "2", {"image", "environment.RATQ_ADDR"}}, {"b", "1", "3", {"command"}}};
  plan.steps = {{"1.a.gate", 1, "a", StepKind::Gate, "gate a", 30s, false}};
  sign(plan);
  return plan;
}

QString copiesOf(const ServiceDetail& detail) {
  QStringList texts;
  for (const auto& copy : detail.copies)
    texts << QStringList{copy.id, copy.role, copy.phase, copy.since, copy.note}.join(QLatin1Char('|'));
  return texts.join(QLatin1Char('\n'));
}

} // namespace

class ServiceDetailTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aRolloutTellsCopiesProbesChangesAndSteps() {
    RolloutWorld world(plan());
    world.fateOf = neverHealthy;
    world.begin();
    QVERIFY(world.runUntil("ProbeResultChanged a-2"));
    world.pass(12s);
    const auto detail = serviceDetailOf("a", &world.state(), nullptr, world.now());
    QCOMPARE(detail.versions, QStringLiteral("1 → 2"));
    QCOMPARE(detail.changes, (QStringList{QStringLiteral("image"), QStringLiteral("environment.RATQ_ADDR")}));
    QCOMPARE(detail.steps, QStringList{QStringLiteral("gate a · at most 30 s")});
    QCOMPARE(copiesOf(detail).toStdString(), std::string("rat-a-1|old|serving|for 13 s|\n"
                                                         "rat-a-2|new|gating|for 12 s|"));
    QCOMPARE(detail.probes.size(), size_t(1));
    QCOMPARE(detail.probes[0].answer, QStringLiteral("refused"));
    QCOMPARE(detail.probes[0].mood, Mood::Waiting);
    QCOMPARE(detail.copies[1].address, QStringLiteral("127.0.0.1"));
  }

  void theStepsOfADrainTellWhichTookEffect() {
    auto service = servicePlan("a", 1);
    service.drain = DrainPolicy{true, 120s, DeadlineAction::Wait, 600s};
    service.drain->hook = DrainCall{{}, "SIGUSR1"};
    service.drain->grpc = DrainHealth{50052};
    RolloutWorld world(planOf({service}));
    world.runs["a"] = {{0s, 3}};
    world.begin();
    QVERIFY(serviceDetailOf("a", &world.state(), nullptr, world.now()).drain.empty());
    QVERIFY(world.runUntil("DrainHookDone a-1"));
    world.pass(1s);
    const auto drain = serviceDetailOf("a", &world.state(), nullptr, world.now()).drain;
    QCOMPARE(drain.size(), size_t(3));
    QCOMPARE(drain[0].step, QStringLiteral("hook SIGUSR1"));
    QCOMPARE(drain[0].text, QStringLiteral("took effect on 1 of 1 copy"));
    QCOMPARE(drain[0].mood, Mood::Ok);
    QCOMPARE(drain[1].text, QStringLiteral("not serving: it takes no new work"));
    QCOMPARE(drain[2].text, QStringLiteral("3"));
    QCOMPARE(drain[2].mood, Mood::Waiting);
  }

  void whatAFailedCopyPrintedIsKept() {
    RolloutState state;
    state.plan = plan();
    auto& copy = state.instances[InstanceId("rat-a-2")];
    copy.id = InstanceId("rat-a-2");
    copy.service = "a";
    copy.hasFailed = true;
    copy.failure = "exited with 1";
    copy.phase = InstancePhase::Evidence;
    copy.evidence = {{"output", {"starting", 7, "panic: no database"}}};
    const auto detail = serviceDetailOf("a", &state, nullptr, {});
    QCOMPARE(detail.output, (QStringList{QStringLiteral("rat-a-2: starting"),
                                         QStringLiteral("rat-a-2: panic: no database")}));
    QCOMPARE(detail.copies[0].note, QStringLiteral("exited with 1"));
    QCOMPARE(detail.copies[0].mood, Mood::Failed);
    copy.evidence = "text"; // of another shape
    QVERIFY(serviceDetailOf("a", &state, nullptr, {}).output.isEmpty());
  }

  void withoutARolloutTheWorldIsShown() {
    World world;
    InstanceInfo copy;
    copy.id = InstanceId("rat-a-1");
    copy.service = "a";
    copy.health = Health::Unhealthy;
    copy.healthDetail = "503";
    copy.address = "10.0.0.7";
    world.instances = {copy, copy, copy};
    world.instances[1].state = InstanceState::Exited;
    world.instances[1].exitCode = 3;
    world.instances[2].changedByHand = {"mem_limit"};
    const auto detail = serviceDetailOf("a", nullptr, &world, {});
    QCOMPARE(copiesOf(detail).toStdString(), std::string("rat-a-1||running||503\n"
                                                         "rat-a-1||exited, code 3||\n"
                                                         "rat-a-1||running||changed by hand: mem_limit"));
    QCOMPARE(detail.copies[0].address, QStringLiteral("10.0.0.7"));
    QCOMPARE(detail.copies[0].mood, Mood::Failed);
  }

  void ofWhatIsNotKnownNothingIsSaid() {
    QVERIFY(serviceDetailOf("a", nullptr, nullptr, {}).copies.empty());
    RolloutState state;
    QVERIFY(serviceDetailOf("nobody", &state, nullptr, {}).copies.empty());
  }
};

QTEST_GUILESS_MAIN(ServiceDetailTest)
#include "tst_service_detail.moc"
