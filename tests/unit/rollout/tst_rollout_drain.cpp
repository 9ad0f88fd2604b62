// What old copies are told when their active work is drained, and what takes that back: the hook, gRPC
// health, the steps as people read them, extensions, and what becomes of runs that are ended.
#include <QtTest>

#include "core/rollout/drain_steps.h"
#include "core/rollout/outcome.h"
#include "core/rollout/sentence.h"
#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const std::set<EventType> told = {
    EventType::GatePassed,         EventType::DrainStarted,    EventType::DrainFinished,
    EventType::JoinRequested,      EventType::UndoStarted,     EventType::DrainDeadlinePassed,
    EventType::RolloutEnded,       EventType::ReturnFailed,    EventType::DrainHookRequested,
    EventType::DrainHookDone,      EventType::DrainHookFailed, EventType::BackHookRequested,
    EventType::BackHookDone,       EventType::ReturnRequested, EventType::TrafficReturned,
    EventType::DrainHealthObserved};

enum class Back { Yes, No };

ServicePlan hooked(DeadlineAction atDeadline, Back back) {
  auto service = servicePlan("a", 1);
  service.drain = DrainPolicy{true, 20s, atDeadline, 60s};
  service.drain->hook = DrainCall{{}, "SIGUSR1"};
  if (back == Back::Yes)
    service.drain->back = DrainCall{{}, "SIGUSR2"};
  return service;
}

// Two runs that end at `until`.
RolloutWorld running(ServicePlan service, Duration until = 10min) {
  RolloutWorld world(planOf({std::move(service)}));
  world.runs["a"] = {{0s, 2}, {until, 0}};
  return world;
}

const InstanceRollout& oldCopy(const RolloutWorld& world) {
  return world.state().instances.at(InstanceId("rat-a-1"));
}

std::string stepsOf(const RolloutWorld& world) {
  std::string text;
  for (const auto& view : viewsOf(world.state()))
    for (const auto& step : drainStepsOf(view))
      text += (text.empty() ? "" : " | ") + step.what + ": " + step.text;
  return text;
}

std::string lastSentence(const RolloutWorld& world, EventType type) {
  std::string text;
  RolloutState state;
  for (const auto& event : world.events()) {
    apply(state, event);
    if (event.type == type)
      text = sentenceOf(event, state);
  }
  return text;
}

CopyFate failing(EffectKind kind, int times) {
  CopyFate fate;
  fate.failures[kind] = times;
  return fate;
}

} // namespace

class RolloutDrainTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void oldCopiesAreToldOnceNewOnesAreReady() {
    auto world = running(hooked(DeadlineAction::Wait, Back::Yes), 10s);
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, told), std::string(R"(
1.6 GatePassed a-2
1.6 DrainStarted a
1.6 DrainHookRequested a-1
1.7 DrainHookDone a-1
13.0 DrainFinished a
13.0 JoinRequested a-2
14.2 RolloutEnded succeeded
)"));
  }

  void stopFirstTheyAreToldAtOnce() {
    auto service = hooked(DeadlineAction::Wait, Back::Yes);
    service.order = UpdateOrder::StopFirst;
    auto world = running(service, 10s);
    world.begin();
    QVERIFY(world.runUntil("DrainHookDone a-1"));
    QCOMPARE(world.time(), Duration(100ms));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
  }

  void withoutAHookTheDrainBeginsBesideTheStart() { // the control
    auto service = hooked(DeadlineAction::Wait, Back::No);
    service.drain->hook.reset();
    auto world = running(service, 10s);
    world.begin();
    QVERIFY(world.runUntil("DrainStarted a"));
    QCOMPARE(world.time(), Duration(0s));
    QVERIFY(world.run());
    QVERIFY(logOf(world).find("DrainHook") == std::string::npos);
  }

  void anUndoTakesTheHookBack() {
    auto world = running(hooked(DeadlineAction::Undo, Back::Yes));
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, told), std::string(R"(
1.6 GatePassed a-2
1.6 DrainStarted a
1.6 DrainHookRequested a-1
1.7 DrainHookDone a-1
21.6 DrainDeadlinePassed a
21.6 UndoStarted
21.6 BackHookRequested a-1
21.7 BackHookDone a-1
22.2 RolloutEnded rolled_back
)"));
    QVERIFY(world.bodies().at(InstanceId("rat-a-1")).takesNewWork);
    QVERIFY(world.state().services.at("a").lostRuns.empty());
  }

  void withoutAWayBackTheOldCopyIsReplacedInAnUndo() {
    auto world = running(hooked(DeadlineAction::Undo, Back::No));
    world.begin();
    QVERIFY(world.runUntil("UndoStarted"));
    QCOMPARE(world.answering("a"), 1);
    QVERIFY(world.runUntil("TrafficSwitched a-3")); // the restored one
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
    QVERIFY(!world.bodies().at(InstanceId("rat-a-1")).exists);
    QVERIFY(world.isAnswering(world.bodies().at(InstanceId("rat-a-3"))));
    QVERIFY(world.state().services.at("a").lostRuns == (std::vector<std::string>{"run-0", "run-1"}));
  }

  void oneThatDoesNotHearThatItServesAgainIsReplaced() {
    auto world = running(hooked(DeadlineAction::Undo, Back::Yes));
    world.fateOf = [](const InstanceId& id) {
      return id.value == "rat-a-1" ? failing(EffectKind::BackHook, 1000) : CopyFate();
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "rolled_back");
    QVERIFY(!world.bodies().at(InstanceId("rat-a-1")).exists);
  }

  void aHookThatFailsIsToldAndTheDrainGoesOnWithoutIt() {
    auto world = running(hooked(DeadlineAction::Wait, Back::Yes), 10s);
    world.fateOf = [](const InstanceId& id) {
      return id.value == "rat-a-1" ? failing(EffectKind::DrainHook, 1000) : CopyFate();
    };
    world.begin();
    QVERIFY(world.runUntil("DrainHookFailed a-1"));
    QCOMPARE(stepsOf(world),
             std::string("hook SIGUSR1: took effect on 0 of 1 copy (rat-a-1: refused) | active runs: 2"));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
  }

  void anUndoAfterTheSwitchTellsTheOldCopyBeforeItGetsTraffic() {
    auto service = hooked(DeadlineAction::Wait, Back::Yes);
    service.keepWarm = 60s;
    auto world = running(service, 1s);
    world.begin();
    QVERIFY(world.runUntil("InFlightDrained a-1"));
    world.send(commandOf(CommandKind::Abort));
    QVERIFY(world.run());
    const auto log =
        logOf(world, {EventType::BackHookDone, EventType::ReturnRequested, EventType::TrafficReturned});
    QVERIFY2(log.find("BackHookDone a-1") < log.find("ReturnRequested a-1"), log.c_str());
    QCOMPARE(resultOf(world), "aborted");
    QVERIFY(world.bodies().at(InstanceId("rat-a-1")).takesNewWork);
  }

  void anOldCopyThatIsKeptForAFailedNewOneTakesNewWorkAgain() {
    auto service = servicePlan("a", 1, 2, 2);
    service.parallelism = 2;
    service.failureAction = FailureAction::Continue;
    service.drain = hooked(DeadlineAction::Wait, Back::Yes).drain;
    auto world = running(service, 1s);
    world.fateOf = [](const InstanceId& id) {
      auto fate = CopyFate();
      if (id.value == "rat-a-4")
        fate.badAfter = 1s; // in service
      return fate;
    };
    service.monitor = 5s;
    world.start.plan.services.at("a").monitor = 5s;
    sign(world.start.plan);
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "paused_mixed");
    for (const auto& [id, body] : world.bodies())
      QVERIFY2(!body.exists || body.takesNewWork, id.value.c_str());
  }

  void anEngineThatDiedInTheHookCallsItAgain() {
    auto world = running(hooked(DeadlineAction::Wait, Back::Yes), 10s);
    world.begin();
    QVERIFY(world.runUntil("DrainHookRequested a-1"));
    world.crash(world.events().size(), [] { return false; });
    world.resume(false);
    QVERIFY(world.runUntil("DrainHookDone a-1"));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
  }

  void anEngineThatDiesInTheDrainLeavesItsDeadlineWhereItWas() {
    auto world = running(hooked(DeadlineAction::Wait, Back::Yes));
    world.begin();
    QVERIFY(world.runUntil("DrainHookDone a-1"));
    const auto before = world.state().services.at("a").drainDeadline;
    world.pass(5s);
    world.crash(world.events().size(), [] { return true; });
    world.pass(3s);
    world.resume(false, 3);
    QCOMPARE(world.state().services.at("a").drainDeadline, before);
    QVERIFY(world.runUntil("DrainDeadlinePassed a"));
    QCOMPARE(world.now().boot, before);
  }

  void whatAnOldCopySaysOfItselfIsTold() {
    auto service = hooked(DeadlineAction::Wait, Back::Yes);
    service.drain->grpc = DrainHealth{50052};
    auto world = running(service, 10s);
    world.begin();
    QVERIFY(world.runUntil("DrainHookDone a-1"));
    QCOMPARE(stepsOf(world),
             std::string("hook SIGUSR1: took effect on 1 of 1 copy | gRPC health: serving | active runs: 2"));
    world.pass(1s);
    QCOMPARE(oldCopy(world).drainHealth, std::string("not serving"));
    QCOMPARE(reasonsText(world), std::string(R"(
runs a: waiting for 2 active runs of a to end (hook SIGUSR1 took effect on 1 of 1 copy; gRPC health not serving: it takes no new work), since 1.6, until 21.6: ask a person
)"));
  }

  void oneWithoutAHealthServiceIsNoFailure() {
    auto service = hooked(DeadlineAction::Wait, Back::Yes);
    service.drain->hook.reset();
    service.drain->back.reset();
    service.drain->grpc = DrainHealth{50052};
    auto world = running(service, 10s);
    world.begin();
    QVERIFY(world.runUntil("DrainHealthObserved a-1"));
    world.send(Observation{
        ObservationKind::DrainHealthChanged, "", "a", InstanceId("rat-a-1"), {{"health", "unimplemented"}}});
    QCOMPARE(stepsOf(world),
             std::string("gRPC health: unimplemented: it has no health service | active runs: 2"));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
  }

  void theOldestRunIsToldByWhenItBegan() {
    auto world = running(hooked(DeadlineAction::Wait, Back::Yes));
    world.begin();
    QVERIFY(world.runUntil("DrainHookDone a-1"));
    world.pass(1s);
    const auto reasons = reasonsOf(world.state());
    QVERIFY(reasons.front().oldest.has_value());
    QCOMPARE(world.now().boot - *reasons.front().oldest,
             Duration(106s + 100ms)); // 105 s old when read at 1.6
  }

  void aPersonMayExtendByAnyTimeAndMoreThanOnce() {
    auto world = running(hooked(DeadlineAction::Wait, Back::Yes));
    world.begin();
    QVERIFY(world.runUntil("DrainDeadlinePassed a"));
    auto command = drainDecision("a", DeadlineAction::Extend);
    command.extendBy = 5min;
    world.send(command);
    QCOMPARE(deadlinesText(world), std::string("\n321.6 runs a destructive\n"));
    world.send(command); // adds, and never shortens
    QCOMPARE(deadlinesText(world), std::string("\n621.6 runs a destructive\n"));
    command.extendBy = 25h;
    world.send(command);
    QCOMPARE(refusal(world), "an extension is at most 24 h");
    QCOMPARE(deadlinesText(world), std::string("\n621.6 runs a destructive\n"));
  }

  void runsThatAreEndedAreNamedWithTheTimeOfTheReaper() {
    auto service = hooked(DeadlineAction::End, Back::Yes);
    auto world = running(service);
    world.begin();
    QVERIFY(world.runUntil("DrainHookDone a-1"));
    world.send(Observation{ObservationKind::RunsChanged,
                           "",
                           "a",
                           {},
                           {{"count", 1}, {"runs", {{{"id", "run-7"}}}}, {"reaper_s", 5400}}});
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
    const auto outcome = outcomeOf(world.state(), RolloutId("r"), "j");
    QCOMPARE(dumpJson(memberAt(outcome, "runs_lost")), std::string(R"(["run-7"])"));
    QCOMPARE(numberAt(outcome, "runs_reaped_within_s"), 5400.0);
    const auto by = toRfc3339(world.state().services.at("a").runsEndedAt.wall + 90min);
    QCOMPARE(textAt(outcome, "runs_reaped_by"), by);
    QCOMPARE(
        lastSentence(world, EventType::DrainDeadlinePassed),
        "a: runs are still active at the deadline; what still runs is ended: run-7; ratd marks it failed by "
        "about " +
            by.substr(11, 5) + " UTC (within 90 min)");
  }

  void whereTheReaperTellsNothingItsDefaultsAreNamed() {
    auto world = running(hooked(DeadlineAction::End, Back::Yes));
    world.begin();
    QVERIFY(world.run());
    QVERIFY(lastSentence(world, EventType::DrainDeadlinePassed)
                .ends_with("(within 180 min, unless it is configured otherwise)"));
    QCOMPARE(numberAt(outcomeOf(world.state(), RolloutId("r"), "j"), "runs_reaped_within_s"), 10800.0);
    auto quiet = running(hooked(DeadlineAction::End, Back::Yes), 1s); // the control: nobody was ended
    quiet.begin();
    QVERIFY(quiet.run());
    QVERIFY(!outcomeOf(quiet.state(), RolloutId("r"), "j").contains("runs_reaped_by"));
  }

  void aNumberThatCannotBeReadIsToldWithItsReason() {
    auto world = running(hooked(DeadlineAction::Wait, Back::Yes));
    world.begin();
    QVERIFY(world.runUntil("DrainHookDone a-1"));
    world.send(
        Observation{ObservationKind::RunsChanged, "", "a", {}, {{"count", -1}, {"why", "ratd is silent"}}});
    QCOMPARE(
        reasonsOf(world.state()).front().text,
        std::string(
            "waiting for an unknown number of active runs of a (ratd is silent) to end (hook SIGUSR1 took "
            "effect on 1 of 1 copy)"));
    QCOMPARE(lastSentence(world, EventType::RunsObserved),
             std::string("a: the number of its active runs is not known: ratd is silent"));
  }
};

QTEST_GUILESS_MAIN(RolloutDrainTest)
#include "tst_rollout_drain.moc"
