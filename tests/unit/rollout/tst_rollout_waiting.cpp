// Deadlines as data, and why nothing seems to happen: each wait has a reason, its beginning, and an end or an
// owner.
#include <QtTest>

#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

Observation away(double seconds) {
  return {ObservationKind::Away, "", "", {}, {{"seconds", seconds}}};
}

Observation returned() {
  return {ObservationKind::Returned, "", "", {}, Json::object()};
}

// One service that waits for everything there is to wait for.
Plan patientPlan() {
  auto service = servicePlan("a", 1, 2, 2);
  service.monitor = 5s;
  service.keepWarm = 7s;
  service.delay = 9s;
  service.drain = DrainPolicy{true, 60s, DeadlineAction::Extend, 60s};
  return planOf({service});
}

} // namespace

class RolloutWaitingTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void theDeadlinesAreThoseOfTheMomentTheEarliestFirst() {
    RolloutWorld world(patientPlan());
    world.runs["a"] = {{0s, 1}, {4s, 0}};
    world.begin();
    std::string all;
    for (const auto* event :
         {"GatePassed a-3", "RouterDrained a-1", "InFlightDrained a-1", "MonitorPassed a"}) {
      QVERIFY(world.runUntil(event));
      all += "\n" + std::string(event) + deadlinesText(world);
    }
    QCOMPARE(all, std::string(R"(
GatePassed a-3
60.0 runs a destructive

RouterDrained a-1
12.2 monitor a
37.3 in-flight a destructive

InFlightDrained a-1
12.2 monitor a
14.5 keep-warm a

MonitorPassed a
14.5 keep-warm a
16.2 delay a
)"));
  }

  void theReasonsSaySinceWhenAndUntilWhen() {
    RolloutWorld world(patientPlan());
    world.runs["a"] = {{0s, 1}, {4s, 0}};
    world.begin();
    std::string all;
    for (const auto* event :
         {"InstanceStarted a-3", "RouterDrained a-1", "InFlightDrained a-1", "MonitorPassed a"}) {
      QVERIFY(world.runUntil(event));
      all += "\n" + std::string(event) + reasonsText(world);
    }
    QCOMPARE(all, std::string(R"(
InstanceStarted a-3
runs a: waiting for 1 active run of a to end, since 0.0, until 60.0: extend once
gate a: rat-a-3 is not healthy yet, since 1.0, until 31.0: undo

RouterDrained a-1
in-flight a: requests in flight on rat-a-1, since 7.2, until 37.3: cut them off
monitor a: watching the new copies of a, since 7.2, until 12.2: next batch

InFlightDrained a-1
keep-warm a: rat-a-1 is kept without traffic for an undo, since 7.5, until 14.5: stop it
monitor a: watching the new copies of a, since 7.2, until 12.2: next batch

MonitorPassed a
keep-warm a: rat-a-1 is kept without traffic for an undo, since 7.5, until 14.5: stop it
delay a: pausing between two batches of a, since 7.2, until 16.2: next batch
)"));
  }

  void aRetryIsAReasonWithItsTime() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.fateOf = [](const InstanceId&) {
      CopyFate fate;
      fate.failures[EffectKind::StartInstance] = 1;
      return fate;
    };
    world.begin();
    QVERIFY(world.runUntil("EffectFailed a-2"));
    QCOMPARE(reasonsText(world), std::string(R"(
retry a: attempt 2 to start rat-a-2: refused, since 0.0, until 1.5: try again
)"));
    auto effects = effectsOf(world.state());
    QCOMPARE(effects.size(), 1u);
    QCOMPARE(effects.front().key(), "start rat-a-2 #2");
    QCOMPARE(secondsOf(world, effects.front().notBefore), "1.5");
  }

  void whileAwayNothingThatDestroysFiresAndThatIsTheReason() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.fateOf = [](const InstanceId&) {
      CopyFate fate;
      fate.healthyAfter.reset();
      return fate;
    };
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-2"));
    QCOMPARE(deadlinesText(world), std::string(R"(
31.0 gate a destructive
)"));
    world.send(away(600));
    QCOMPARE(deadlinesText(world), "\n");
    QCOMPARE(reasonsText(world), std::string(R"(
away: the target does not answer, since -599.0
gate a: rat-a-2 is not healthy yet, since 1.0
)"));
    world.pass(10min);
    QCOMPARE(toString(world.state().phase), "rolling");
    world.send(returned());
    QCOMPARE(deadlinesText(world), std::string(R"(
631.0 gate a destructive
)")); // time to look first
  }

  void aDeadlineThatIsLongPastWhenSomebodyLooksDoesNotFireAtOnce() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-2"));
    auto later = world.now();
    later.boot += 10min;
    later.wall += 10min;
    auto decision = decide(world.state(), Tick(), later);
    QCOMPARE(decision.events.size(), 2u);
    QCOMPARE(toString(decision.events[0].type), "AwayNoticed");
    QCOMPARE(toString(decision.events[1].type), "ReturnNoticed");
  }

  void unattendedItFiresAllTheSame() {
    auto plan = planOf({servicePlan("a", 1)});
    plan.unattended = true;
    RolloutWorld world(plan);
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-2"));
    auto later = world.now();
    later.boot += 10min;
    auto decision = decide(world.state(), Tick(), later);
    QVERIFY(!decision.events.empty());
    QCOMPARE(toString(decision.events.front().type), "GateFailed");
  }

  void aShortGapIsNone() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.begin();
    world.send(away(29));
    QVERIFY(!world.state().isAway);
    world.send(returned());
    QVERIFY(world.log().find("Noticed") == std::string::npos);
  }

  void whatTellsNothingNewGivesNoEvent() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    std::vector<Observation> heard;
    world.deliver = [&](RolloutWorld& to, const Observation& observation, Duration when) {
      heard.push_back(observation);
      to.tell(observation, when);
    };
    world.begin();
    QVERIFY(world.runUntil("InFlightDrained a-1"));
    for (const auto& observation : heard)
      if (observation.kind != ObservationKind::ProbeChanged || boolAt(observation.detail, "passed"))
        QVERIFY2(decide(world.state(), observation, world.now()).events.empty(), toString(observation.kind));
    QVERIFY(decide(world.state(), Tick(), world.now()).events.empty());
    QVERIFY(decide(world.state(), world.start, world.now()).events.empty());
  }
};

QTEST_GUILESS_MAIN(RolloutWaitingTest)
#include "tst_rollout_waiting.moc"
