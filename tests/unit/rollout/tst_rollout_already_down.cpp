// A service whose old version serves nobody: it is rolled like any other, and an undo leaves it as broken as
// before, without waiting for what was not there before either.
#include <QtTest>

#include "core/rollout/outcome.h"
#include "core/rollout/sentence.h"
#include "tests/support/rollout_promises.h"
#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

// a is down in its old version, and so is its new one.
Plan downPlan(UpdateOrder order) {
  auto plan = planOf({servicePlan("a", 1), servicePlan("b", 2)});
  plan.services.at("a").order = order;
  plan.alreadyDown = {"a"};
  plan.baseline = {{Severity::Warning, "already-down", "a", "nobody is served by a", {}}};
  sign(plan);
  return plan;
}

CopyFate fateWhereOldVersionsNeverAre(const InstanceId& id) {
  CopyFate fate;
  if (id.value == "rat-a-1" || id.value == "rat-a-3") // -3: the old version, started again
    fate.healthyAfter.reset();
  return fate;
}

std::string sentences(const RolloutWorld& world, EventType type) {
  std::string text;
  for (const auto& event : world.events())
    if (event.type == type)
      text += sentenceOf(event, world.state()) + "\n";
  return text;
}

Json brokenBefore(const RolloutWorld& world) {
  return memberAt(outcomeOf(world.state(), RolloutId("r"), {}), "broken_before");
}

} // namespace

class RolloutAlreadyDownTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aNewVersionThatIsWellMendsIt() {
    RolloutWorld world(downPlan(UpdateOrder::StartFirst));
    RolloutPromises promises(world);
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), std::string("succeeded"));
    QCOMPARE(textAt(brokenBefore(world).at(0), "now"), std::string("mended"));
  }

  void aNewVersionThatIsNotLeavesItAsBrokenAsBefore_data() {
    QTest::addColumn<int>("order");
    QTest::newRow("start-first") << static_cast<int>(UpdateOrder::StartFirst);
    QTest::newRow("stop-first") << static_cast<int>(UpdateOrder::StopFirst);
  }
  void aNewVersionThatIsNotLeavesItAsBrokenAsBefore() {
    QFETCH(int, order);
    RolloutWorld world(downPlan(static_cast<UpdateOrder>(order)));
    RolloutPromises promises(world);
    world.fateOf = [](const InstanceId& id) {
      return id.value == "rat-a-2" ? neverHealthy(id) : fateWhereOldVersionsNeverAre(id);
    };
    world.begin();
    while (world.state().phase != RolloutPhase::Ended && world.step())
      promises.checkStep();
    QVERIFY2(promises.broken().empty(), promises.broken().c_str());
    QVERIFY2(resultOf(world) == "rolled_back", world.log().c_str());
    QCOMPARE(sentences(world, EventType::ServiceUndone),
             std::string("a: as broken as before this rollout, on the old version\n"));
    QCOMPARE(textAt(brokenBefore(world).at(0), "now"), std::string("still"));
    QVERIFY(world.time() < 60s);
  }

  // The control: a service that was well must be well again.
  void withoutThatMarkTheUndoOfStopFirstNeedsAPerson() {
    auto plan = downPlan(UpdateOrder::StopFirst);
    plan.alreadyDown.clear();
    sign(plan);
    RolloutWorld world(plan);
    world.fateOf = [](const InstanceId& id) {
      auto fate = CopyFate();
      if (id.value.starts_with("rat-a-"))
        fate.healthyAfter.reset();
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), std::string("rollback_failed"));
  }

  void anOldVersionThatDoesNotEvenStartAgainEndsTheUndo() {
    RolloutWorld world(downPlan(UpdateOrder::StopFirst));
    world.fateOf = [](const InstanceId& id) {
      auto fate = CopyFate();
      if (id.value == "rat-a-2")
        fate.healthyAfter.reset();
      if (id.value == "rat-a-3")
        fate.exitsAfter = 100ms;
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QVERIFY2(resultOf(world) == "rolled_back", world.log().c_str());
  }

  void itIsUndoneWithTheReleaseAfterItServed() {
    RolloutWorld world(downPlan(UpdateOrder::StartFirst));
    world.fateOf = [](const InstanceId& id) {
      return id.value == "rat-b-2" ? neverHealthy(id) : fateWhereOldVersionsNeverAre(id);
    };
    world.begin();
    QVERIFY(world.run());
    QVERIFY2(resultOf(world) == "rolled_back", world.log().c_str());
    QVERIFY(sentences(world, EventType::GatePassed).find("rat-a-3 runs again, as broken as before") !=
            std::string::npos);
  }

  void theReasonForAnOverriddenWindowStandsInTheRecord() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.start.windowOverride = "a fix for the outage";
    world.begin();
    QCOMPARE(world.state().windowOverride, std::string("a fix for the outage"));
    QVERIFY(
        sentenceOf(world.events().front(), world.state()).find("outside its window (a fix for the outage)") !=
        std::string::npos);
    QCOMPARE(textAt(outcomeOf(world.state(), RolloutId("r"), {}), "window_override"),
             std::string("a fix for the outage"));
  }
};

QTEST_GUILESS_MAIN(RolloutAlreadyDownTest)
#include "tst_rollout_already_down.moc"
