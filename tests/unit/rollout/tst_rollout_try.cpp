// A try: the new copies start, pass their gates, get no traffic and are removed, whatever comes of them.
#include <QtTest>

#include "core/plan/try_plan.h"
#include "core/rollout/outcome.h"
#include "tests/support/rollout_promises.h"
#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

Plan triedPlan() {
  auto a = servicePlan("a", 1), b = servicePlan("b", 2, 2, 2), c = servicePlan("c", 2);
  a.monitor = a.keepWarm = 5s;
  b.parallelism = 2;
  c.drain = DrainPolicy{true, 60s, DeadlineAction::Undo, 60s};
  auto plan = planOf({a, b, c});
  plan.approvals = {{"go", ApprovalSpec::When::Before, "a", 0, 30min}};
  plan.unchangedVersions = {{"d", "1"}};
  plan.unchanged = {"d"};
  sign(plan);
  return tryPlan(plan);
}

void makeSick(RolloutWorld& world, const std::string& copy) {
  world.fateOf = [copy](const InstanceId& id) {
    CopyFate fate;
    if (id.value == copy)
      fate.healthyAfter.reset();
    return fate;
  };
}

std::string resultsOf(const RolloutWorld& world) {
  std::string text;
  auto outcome = outcomeOf(world.state(), {}, {});
  for (const auto& service : memberAt(outcome, "services"))
    text += (text.empty() ? "" : ", ") + textAt(service, "name") + " " + textAt(service, "from") + "->" +
            textAt(service, "to") + " " + textAt(service, "result");
  return text;
}

int existing(const RolloutWorld& world) {
  return static_cast<int>(std::count_if(world.bodies().begin(), world.bodies().end(),
                                        [](const auto& body) { return body.second.exists; }));
}

struct Ending {
  std::string broken, result;
  bool wasOver = false;
  int left = 0;
};

// Something happens as soon as so many events have.
template <class Happening>
Ending endAfter(size_t events, Happening happen) {
  RolloutWorld world(triedPlan());
  RolloutPromises promises(world);
  world.begin();
  while (world.events().size() < events && world.state().phase != RolloutPhase::Ended && world.step())
    promises.checkStep();
  auto wasOver = world.state().phase == RolloutPhase::Ended;
  if (!wasOver)
    happen(world, promises);
  while (world.state().phase != RolloutPhase::Ended && world.step())
    promises.checkStep();
  promises.checkEnd();
  promises.checkFold();
  return {promises.broken(), resultOf(world), wasOver, existing(world)};
}

} // namespace

class RolloutTryTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void eachServiceIsStartedGatedAndRemovedBeforeTheNextWaveIs() {
    RolloutWorld world(triedPlan());
    RolloutPromises promises(world);
    world.begin();
    QVERIFY(world.run());
    promises.checkEnd();
    QVERIFY2(promises.broken().empty(), promises.broken().c_str());
    QCOMPARE(logOf(world), std::string(R"(
0.0 RolloutStarted
0.0 WaveStarted 1
0.0 ServiceStarted a
0.0 BatchStarted a
0.0 StartRequested a-2
1.0 InstanceStarted a-2
1.6 GatePassed a-2
1.6 ServiceTried a
1.6 StopRequested a-2
1.6 WaveFinished 1
1.6 WaveStarted 2
1.6 ServiceStarted b
1.6 ServiceStarted c
1.6 BatchStarted b
1.6 StartRequested b-3
1.6 StartRequested b-4
1.6 BatchStarted c
1.6 StartRequested c-2
2.1 InstanceStopped a-2
2.1 RemoveRequested a-2
2.2 InstanceRetired a-2
2.2 ServiceUndone a
2.6 InstanceStarted b-3
2.6 InstanceStarted b-4
2.6 InstanceStarted c-2
3.2 GatePassed b-3
3.2 GatePassed b-4
3.2 ServiceTried b
3.2 StopRequested b-3
3.2 StopRequested b-4
3.2 GatePassed c-2
3.2 ServiceTried c
3.2 StopRequested c-2
3.2 WaveFinished 2
3.7 InstanceStopped b-3
3.7 RemoveRequested b-3
3.7 InstanceStopped b-4
3.7 RemoveRequested b-4
3.7 InstanceStopped c-2
3.7 RemoveRequested c-2
3.8 InstanceRetired b-3
3.8 InstanceRetired b-4
3.8 ServiceUndone b
3.8 InstanceRetired c-2
3.8 ServiceUndone c
3.8 RolloutEnded succeeded
)"));
    QCOMPARE(exitCodeOf(world.state()), 0);
    QCOMPARE(existing(world), 0);
    QCOMPARE(resultsOf(world), "a 1->1 tried, b 1->1 tried, c 1->1 tried, d 1->1 unchanged");
  }

  void theOutcomeSaysThatItWasATry() {
    RolloutWorld world(triedPlan());
    world.begin();
    QVERIFY(world.run());
    auto outcome = outcomeOf(world.state(), {}, {});
    QCOMPARE(boolAt(outcome, "try"), true);
    QCOMPARE(numberAt(outcome, "mixed_version_s", -1), 0.0);
    QVERIFY(memberAt(outcome, "left_over").empty());
  }

  void aGateThatFailsFailsTheTryAndTheOthersAreTriedAllTheSame() {
    RolloutWorld world(triedPlan());
    RolloutPromises promises(world);
    makeSick(world, "rat-a-2");
    world.begin();
    QVERIFY(world.run());
    promises.checkEnd();
    QVERIFY2(promises.broken().empty(), promises.broken().c_str());
    QCOMPARE(resultOf(world), "failed");
    QCOMPARE(exitCodeOf(world.state()), 1);
    QCOMPARE(existing(world), 0);
    QCOMPARE(resultsOf(world), "a 1->1 failed, b 1->1 tried, c 1->1 tried, d 1->1 unchanged");
    QVERIFY2(world.state().endReason.find("rat-a-2 did not pass its gate") != std::string::npos,
             world.state().endReason.c_str());
    auto outcome = outcomeOf(world.state(), {}, {});
    const auto& evidence = memberAt(memberAt(outcome, "services").at(0), "evidence");
    QCOMPARE(evidence.size(), size_t(1));
    QCOMPARE(textAt(evidence.at(0), "copy"), "rat-a-2");
  }

  void oneBadCopyOfTwoFailsItsServiceAndBothGo() {
    RolloutWorld world(triedPlan());
    makeSick(world, "rat-b-4");
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "failed");
    QCOMPARE(resultsOf(world), "a 1->1 tried, b 1->1 failed, c 1->1 tried, d 1->1 unchanged");
    QCOMPARE(existing(world), 0);
  }

  void aCopyThatExitsWhileAnotherIsStillAwaitedFails() {
    RolloutWorld world(triedPlan());
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value == "rat-b-3")
        fate.exitsAfter = 1s; // healthy by then
      if (id.value == "rat-b-4")
        fate.healthyAfter = 5s;
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "failed");
    QVERIFY2(world.state().endReason.find("rat-b-3 exited by itself") != std::string::npos,
             world.state().endReason.c_str());
  }

  void aCopyThatCannotBeStartedFails() {
    RolloutWorld world(triedPlan());
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value == "rat-c-2")
        fate.failures[EffectKind::StartInstance] = 1000;
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "failed");
    QCOMPARE(resultsOf(world), "a 1->1 tried, b 1->1 tried, c 1->1 failed, d 1->1 unchanged");
  }

  void aCopyThatCannotBeRemovedIsNoSuccess() {
    RolloutWorld world(triedPlan());
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value == "rat-a-2")
        fate.failures[EffectKind::RemoveInstance] = 1000;
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "failed");
    QVERIFY2(world.state().endReason.find("left over: rat-a-2") != std::string::npos,
             world.state().endReason.c_str());
    auto outcome = outcomeOf(world.state(), {}, {});
    QCOMPARE(memberAt(outcome, "left_over").size(), size_t(1));
  }

  void aPersonEndsItAfterAnyEventAndNothingIsLeft_data() {
    QTest::addColumn<int>("kind");
    QTest::newRow("abort") << static_cast<int>(CommandKind::Abort);
    QTest::newRow("stop-here") << static_cast<int>(CommandKind::StopHere);
  }
  void aPersonEndsItAfterAnyEventAndNothingIsLeft() {
    QFETCH(int, kind);
    std::set<std::string> results;
    size_t events = 1;
    for (;; ++events) {
      auto ending = endAfter(events, [&](RolloutWorld& world, RolloutPromises&) {
        world.send(commandOf(static_cast<CommandKind>(kind)));
      });
      QVERIFY2(ending.broken.empty(), (ending.broken + " after " + std::to_string(events)).c_str());
      QCOMPARE(ending.left, 0);
      if (ending.wasOver)
        break;
      results.insert(ending.result);
    }
    QVERIFY(events > 40);
    QVERIFY(results.contains("aborted"));
    // A stop that comes when the last service is in hand finds the try done.
    QVERIFY(!results.contains("paused_mixed") && !results.contains("rolled_back"));
  }

  void killedAfterAnyEventItGoesOnOrIsUndoneAndNothingIsLeft_data() {
    QTest::addColumn<bool>("undo");
    QTest::newRow("resumed") << false;
    QTest::newRow("undone") << true;
  }
  void killedAfterAnyEventItGoesOnOrIsUndoneAndNothingIsLeft() {
    QFETCH(bool, undo);
    size_t events = 1;
    for (;; ++events)
      for (bool wasDone : {false, true}) {
        auto ending = endAfter(events, [&](RolloutWorld& world, RolloutPromises& promises) {
          promises.checkFold();
          world.crash(world.events().size(), [=] { return wasDone; });
          promises.forgetEvents();
          world.pass(2s);
          world.resume(undo);
        });
        QVERIFY2(ending.broken.empty(), (ending.broken + " after " + std::to_string(events)).c_str());
        QCOMPARE(ending.left, 0);
        if (ending.wasOver) {
          QVERIFY(events > 40);
          return;
        }
        QCOMPARE(ending.result, undo ? "aborted" : "succeeded");
      }
  }

  void heldItStartsNothingNewAndWhatIsInHandGoes() {
    RolloutWorld world(triedPlan());
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-2"));
    world.send(commandOf(CommandKind::Hold));
    world.pass(1min);
    QCOMPARE(existing(world), 0);
    QVERIFY(world.state().phase == RolloutPhase::Rolling);
    world.send(commandOf(CommandKind::Continue));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
  }
};

QTEST_GUILESS_MAIN(RolloutTryTest)
#include "tst_rollout_try.moc"
