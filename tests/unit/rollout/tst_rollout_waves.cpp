// Waves in their order: the services of one side by side, the next when all of them have switched.
#include <QtTest>

#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

// a holds a host port, b is the router that takes it, c comes after.
Plan handover() {
  auto a = servicePlan("a", 1);
  a.isRouted = false;
  auto b = servicePlan("b", 2, 0, 1);
  b.isRouted = false;
  auto plan = planOf({a, b, servicePlan("c", 3)});
  plan.waves.front().handsOverPorts = true;
  return plan;
}

} // namespace

class RolloutWavesTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void theServicesOfAWaveGoSideBySideAndTheNextWaveAfterThem() {
    RolloutWorld world(planOf({servicePlan("a", 1), servicePlan("b", 1), servicePlan("c", 2)}));
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value == "rat-b-2")
        fate.startTakes = 5s;
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::WaveStarted, EventType::WaveFinished, EventType::ServiceStarted,
                           EventType::ServiceSwitched, EventType::ServiceFinished, EventType::RolloutEnded}),
             std::string(R"(
0.0 WaveStarted 1
0.0 ServiceStarted a
0.0 ServiceStarted b
1.8 ServiceSwitched a
2.8 ServiceFinished a
5.8 ServiceSwitched b
6.1 WaveFinished 1
6.1 WaveStarted 2
6.1 ServiceStarted c
6.8 ServiceFinished b
7.9 ServiceSwitched c
8.2 WaveFinished 2
8.9 ServiceFinished c
8.9 RolloutEnded succeeded
)"));
  }

  void theNextWaveWaitsUntilTheOldOnesTakeNoRequestsButNotForTheMonitor() {
    auto first = servicePlan("a", 1);
    first.monitor = 60s;
    RolloutWorld world(planOf({first, servicePlan("b", 2)}));
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::InFlightDrained, EventType::WaveFinished, EventType::WaveStarted,
                           EventType::MonitorPassed, EventType::ServiceFinished}),
             std::string(R"(
0.0 WaveStarted 1
2.1 InFlightDrained a-1
2.1 WaveFinished 1
2.1 WaveStarted 2
3.9 MonitorPassed b
4.2 InFlightDrained b-1
4.2 WaveFinished 2
4.9 ServiceFinished b
61.8 MonitorPassed a
62.5 ServiceFinished a
)"));
  }

  void aWaveThatFailsStopsAllThatComeAfterIt() {
    RolloutWorld world(planOf({servicePlan("a", 1), servicePlan("b", 2), servicePlan("c", 3)}));
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value == "rat-b-2")
        fate.healthyAfter.reset();
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
    QCOMPARE(toString(world.state().services.at("c").phase), "pending");
    QVERIFY(!world.bodies().contains(InstanceId("rat-c-2")));
  }

  void whatTakesPortsOverStartsWhenTheOldOnesAreGone() {
    RolloutWorld world(handover());
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::InstanceStopped, EventType::StartRequested, EventType::WaveFinished}),
             std::string(R"(
0.0 StartRequested a-2
2.1 InstanceStopped a-1
2.2 WaveFinished 1
2.2 StartRequested b-1
3.8 WaveFinished 2
3.8 StartRequested c-2
5.9 WaveFinished 3
6.5 InstanceStopped c-1
)"));
    QCOMPARE(resultOf(world), "succeeded");
  }

  void nobodyStopsBetweenThePortsAndTheirRouter() {
    for (const auto kind : {CommandKind::Hold, CommandKind::StopHere}) {
      RolloutWorld world(handover());
      world.begin();
      QVERIFY(world.runUntil("GatePassed a-2"));
      world.send(commandOf(kind, "a doubt"));
      world.run();
      QCOMPARE(toString(world.state().services.at("b").phase), "finished");
      QCOMPARE(toString(world.state().services.at("c").phase), "pending"); // the control
    }
  }

  void thePortsComeBackWhenTheirRouterIsGone() {
    RolloutWorld world(handover());
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value == "rat-b-1")
        fate.healthyAfter.reset();
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::ServiceUndone, EventType::ServiceUndoStarted}), std::string(R"(
33.2 ServiceUndoStarted b
33.9 ServiceUndoStarted a
33.9 ServiceUndone b
36.1 ServiceUndone a
)"));
    QCOMPARE(resultOf(world), "rolled_back");
  }

  void anEmptyPlanEndsAtOnce() {
    RolloutWorld world(planOf({}));
    world.begin();
    QCOMPARE(resultOf(world), "succeeded");
    QCOMPARE(exitCodeOf(world.state()), 0);
  }
};

QTEST_GUILESS_MAIN(RolloutWavesTest)
#include "tst_rollout_waves.moc"
