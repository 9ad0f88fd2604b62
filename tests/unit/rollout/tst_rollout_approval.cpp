// Approvals: asked for before or after a wave or a service, answered once, by the name of the gate and the
// hash of the plan, and not for ever.
#include <QtTest>

#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

constexpr auto before = ApprovalSpec::When::Before;
constexpr auto after = ApprovalSpec::When::After;

const std::set<EventType> milestones = {
    EventType::WaveStarted,     EventType::WaveFinished,     EventType::ServiceStarted,
    EventType::ServiceSwitched, EventType::ServiceFinished,  EventType::ApprovalRequested,
    EventType::ApprovalGranted, EventType::ApprovalRejected, EventType::ApprovalExpired,
    EventType::CommandRefused,  EventType::UndoStarted,      EventType::RolloutEnded};

Plan planWith(std::vector<ApprovalSpec> approvals) {
  auto plan = planOf({servicePlan("a", 1), servicePlan("b", 2)});
  plan.approvals = std::move(approvals);
  sign(plan);
  return plan;
}

RolloutWorld waiting(std::vector<ApprovalSpec> approvals) {
  RolloutWorld world(planWith(std::move(approvals)));
  return world;
}

// Runs until nothing happens but that somebody decides.
void runTo(RolloutWorld& world, const std::string& event) {
  world.begin();
  if (!world.runUntil(event))
    qFatal("%s did not happen", event.c_str());
  world.pass(10s);
}

} // namespace

class RolloutApprovalTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void beforeAWaveNothingOfItStarts() {
    auto world = waiting({{"go", before, "", 2, 30min}});
    runTo(world, "ApprovalRequested go");
    QCOMPARE(reasonsText(world), std::string(R"(
approval: waiting for approval "go", since 2.1, until 1802.1: nobody decided: undo
)"));
    world.send(answerTo(world, "go"));
    QVERIFY(world.run());
    QCOMPARE(logOf(world, milestones), std::string(R"(
0.0 WaveStarted 1
0.0 ServiceStarted a
1.8 ServiceSwitched a
2.1 WaveFinished 1
2.1 WaveStarted 2
2.1 ApprovalRequested go
2.8 ServiceFinished a
12.1 ApprovalGranted go
12.1 ServiceStarted b
13.9 ServiceSwitched b
14.2 WaveFinished 2
14.9 ServiceFinished b
14.9 RolloutEnded succeeded
)"));
  }

  void beforeAServiceTheOthersOfItsWaveGoOn() {
    auto plan = planOf({servicePlan("a", 1), servicePlan("b", 1)});
    plan.approvals = {{"go", before, "b", 0, 30min}};
    RolloutWorld world(plan);
    runTo(world, "ServiceFinished a");
    QCOMPARE(toString(world.state().services.at("b").phase), "awaiting approval");
    world.send(answerTo(world, "go"));
    QVERIFY(world.run());
    QCOMPARE(logOf(world, milestones), std::string(R"(
0.0 WaveStarted 1
0.0 ServiceStarted a
0.0 ApprovalRequested b
1.8 ServiceSwitched a
2.8 ServiceFinished a
12.8 ApprovalGranted go
12.8 ServiceStarted b
14.6 ServiceSwitched b
14.9 WaveFinished 1
15.6 ServiceFinished b
15.6 RolloutEnded succeeded
)"));
  }

  void afterAServiceItsOldCopiesAreKeptUntilThen() {
    auto world = waiting({{"fine", after, "a", 0, 30min}});
    runTo(world, "ApprovalRequested a");
    QVERIFY(world.bodies().at(InstanceId("rat-a-1")).isRunning);
    QCOMPARE(toString(world.state().services.at("a").phase), "awaiting approval after");
    world.send(answerTo(world, "fine"));
    QVERIFY(world.run());
    QCOMPARE(logOf(world, milestones), std::string(R"(
0.0 WaveStarted 1
0.0 ServiceStarted a
1.8 ServiceSwitched a
2.1 ApprovalRequested a
12.1 ApprovalGranted fine
12.1 WaveFinished 1
12.1 WaveStarted 2
12.1 ServiceStarted b
12.8 ServiceFinished a
13.9 ServiceSwitched b
14.2 WaveFinished 2
14.9 ServiceFinished b
14.9 RolloutEnded succeeded
)"));
  }

  void afterAWaveTheNextOneWaits() {
    auto world = waiting({{"fine", after, "", 1, 30min}});
    runTo(world, "ApprovalRequested fine");
    world.send(answerTo(world, "fine"));
    QVERIFY(world.run());
    QCOMPARE(logOf(world, milestones), std::string(R"(
0.0 WaveStarted 1
0.0 ServiceStarted a
1.8 ServiceSwitched a
2.1 ApprovalRequested fine
12.1 ApprovalGranted fine
12.1 WaveFinished 1
12.1 WaveStarted 2
12.1 ServiceStarted b
12.8 ServiceFinished a
13.9 ServiceSwitched b
14.2 WaveFinished 2
14.9 ServiceFinished b
14.9 RolloutEnded succeeded
)"));
  }

  void ofTwoBeforeOneServiceBothAreNeeded() {
    auto world = waiting({{"one", before, "a", 0, 30min}, {"two", before, "a", 0, 30min}});
    world.begin();
    world.send(answerTo(world, "two"));
    QCOMPARE(toString(world.state().services.at("a").phase), "awaiting approval");
    world.send(answerTo(world, "one"));
    QCOMPARE(toString(world.state().services.at("a").phase), "rolling");
  }

  void expiryUndoesTheRollout() {
    auto world = waiting({{"go", before, "", 2, 60s}});
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, milestones), std::string(R"(
0.0 WaveStarted 1
0.0 ServiceStarted a
1.8 ServiceSwitched a
2.1 WaveFinished 1
2.1 WaveStarted 2
2.1 ApprovalRequested go
2.8 ServiceFinished a
62.1 ApprovalExpired go
62.1 UndoStarted
64.9 RolloutEnded rejected
)"));
    QCOMPARE(world.state().endReason, "approval \"go\" expired");
    QCOMPARE(exitCodeOf(world.state()), 5);
  }

  void aRejectionUndoesTheRolloutAndSaysWhy() {
    auto world = waiting({{"fine", after, "", 1, 60s}});
    runTo(world, "ApprovalRequested fine");
    auto no = answerTo(world, "fine", CommandKind::Reject);
    no.reason = "too slow";
    world.send(no);
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rejected");
    QCOMPARE(world.state().endReason, "approval \"fine\" was rejected: too slow");
  }

  void onlyTheRightNameAndTheRightPlanAreTaken() {
    auto world = waiting({{"go", before, "", 1, 30min}, {"later", before, "", 2, 30min}});
    world.begin();
    world.send(answerTo(world, "other"));
    QCOMPARE(refusal(world), "no approval \"other\" is waiting");
    world.send(answerTo(world, "later")); // it is of the plan, but its time has not come
    QCOMPARE(refusal(world), "no approval \"later\" is waiting");
    for (const auto* hash : {"", "sha256:other"}) {
      auto wrong = answerTo(world, "go");
      wrong.planHash = hash;
      world.send(wrong);
      QCOMPARE(refusal(world), "the approval is for another plan");
    }
    QCOMPARE(toString(world.state().services.at("a").phase), "pending");
    world.send(answerTo(world, "go"));
    world.send(answerTo(world, "go"));
    QCOMPARE(refusal(world), "approval \"go\" is decided already");
    QVERIFY(world.runUntil("ApprovalRequested later")); // the second answer was not for this one
    QCOMPARE(toString(world.state().services.at("b").phase), "pending");
  }

  void aLateApprovalApprovesNothing() {
    auto world = waiting({{"go", before, "", 1, 60s}});
    world.begin();
    world.pass(2min);
    auto events = world.events().size();
    world.send(answerTo(world, "go"));
    QCOMPARE(refusal(world), "the rollout has ended");
    QCOMPARE(world.events().size(), events + 1);
    QCOMPARE(resultOf(world), "rejected");
  }

  void autoApprovesByItself() {
    auto world = waiting({{"go", before, "", 1, 60s}, {"fine", after, "b", 0, 60s}});
    world.start.approve = "auto";
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
    QCOMPARE(world.state().approvals.at(GateId("go")).actor, "auto");
  }

  void afterAWaveThatCannotEndAnyMoreItIsNotWaitedFor() {
    auto slow = servicePlan("c", 2, 2, 2);
    slow.delay = 10min; // between its batches, when the undo of a fails
    auto plan = planOf({servicePlan("a", 1), servicePlan("b", 2), slow});
    plan.onFailureScope = FailureScope::Service;
    plan.approvals = {{"done", after, "", 2, 30min}};
    sign(plan);
    RolloutWorld world(plan);
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value == "rat-a-2")
        fate.badAfter = 5s;
      else if (id.value > "rat-a-2" && id.value < "rat-b") // all that are restored
        fate.healthyAfter.reset();
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rollback_failed");
    QCOMPARE(
        logOf(world, {EventType::ApprovalRequested, EventType::ServiceFinished, EventType::RolloutEnded}),
        std::string(R"(
2.8 ServiceFinished a
100.4 ServiceFinished b
100.4 RolloutEnded rollback_failed
)"));
  }

  void nothingExpiresWhileNobodyCouldLook() {
    auto world = waiting({{"go", before, "", 1, 60s}});
    world.begin();
    world.send(Observation{ObservationKind::Away, "", "", {}, {{"seconds", 600}}});
    world.pass(10min);
    QCOMPARE(toString(world.state().phase), "rolling");
    world.send(Observation{ObservationKind::Returned, "", "", {}, Json::object()});
    QCOMPARE(deadlinesText(world), std::string(R"(
630.0 approval destructive
)"));
  }

  void whoGoesOnAfterAStopStillNeedsTheApproval() {
    auto world = waiting({{"fine", after, "", 1, 30min}});
    world.begin();
    QVERIFY(world.runUntil("RouterDrainRequested a-1"));
    world.send(commandOf(CommandKind::StopHere));
    QVERIFY(world.runUntil("LeaveRequested a-1"));
    world.send(commandOf(CommandKind::Continue));
    world.pass(10s);
    QCOMPARE(toString(world.state().services.at("b").phase), "pending");
    world.send(answerTo(world, "fine"));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
  }
};

QTEST_GUILESS_MAIN(RolloutApprovalTest)
#include "tst_rollout_approval.moc"
