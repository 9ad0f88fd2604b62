// Waves in their order: the services of one side by side, the next when all of them have switched.
#include <QtTest>

#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

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

  void anEmptyPlanEndsAtOnce() {
    RolloutWorld world(planOf({}));
    world.begin();
    QCOMPARE(resultOf(world), "succeeded");
    QCOMPARE(exitCodeOf(world.state()), 0);
  }
};

QTEST_GUILESS_MAIN(RolloutWavesTest)
#include "tst_rollout_waves.moc"
