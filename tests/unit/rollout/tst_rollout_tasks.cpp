// Hooks and migrations: they run where they stand, once, and what they did is taken back after the code, down
// to what cannot be.
#include <QtTest>

#include "core/base/wording.h"
#include "core/rollout/outcome.h"
#include "core/rollout/past_schema.h"
#include "core/rollout/task_view.h"
#include "tests/support/rollout_promises.h"
#include "tests/unit/rollout/rollout_tasks.h"
#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

using Kind = TaskSpec::Kind;
using When = TaskSpec::When;

const std::set<EventType> taskEvents = {
    EventType::TaskStarted,    EventType::TaskEnded,        EventType::TaskPassed,
    EventType::TaskFailed,     EventType::TaskAccepted,     EventType::TaskUndoStarted,
    EventType::TaskUndone,     EventType::TaskUndoFailed,   EventType::TaskDoubted,
    EventType::ServiceStarted, EventType::ServiceUndone,    EventType::ServiceSwitched,
    EventType::UndoStarted,    EventType::RolloutEnded,     EventType::RolloutHeld,
    EventType::CommandRefused, EventType::ServiceUndoFailed};

const std::set<EventType> attemptEvents = {
    EventType::TaskStarted, EventType::TaskRetried, EventType::TaskTried,  EventType::TaskPutBack,
    EventType::TaskEnded,   EventType::TaskPassed,  EventType::TaskFailed, EventType::TaskCleared,
    EventType::UndoStarted, EventType::RolloutEnded};

// The engine dies while the command runs.
void diesInItsFirstTask(RolloutWorld& world) {
  world.begin();
  world.pass(500ms);
  world.crash(world.events().size(), [] { return true; });
}

void refuses(RolloutWorld& world, const std::string& task, int times) {
  world.taskFateOf = [task, times](const std::string& id) {
    TaskFate fate;
    if (id == task)
      fate.failures[TaskStep::Run] = times;
    return fate;
  };
}

std::string textOf(const std::vector<std::string>& words) {
  return listed(words);
}

std::string reasonOfEnd(const RolloutWorld& world) {
  return world.state().endReason;
}

} // namespace

class RolloutTasksTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void eachRunsWhereItStands() {
    RolloutWorld world(planWith({taskPlan(Kind::Hook, "backup", When::Before), migration("expand", "a"),
                                 taskPlan(Kind::Hook, "smoke", When::After, "a"), contract("contract"),
                                 taskPlan(Kind::Hook, "tell", When::After),
                                 taskPlan(Kind::Hook, "alarm", When::OnFailure)}));
    RolloutPromises promises(world);
    world.begin();
    QVERIFY(world.run());
    promises.checkEnd();
    promises.checkFold();
    QCOMPARE(promises.broken(), std::string());
    QCOMPARE(logOf(world, taskEvents), std::string(R"(
0.0 TaskStarted backup
1.0 TaskEnded backup
1.1 TaskPassed backup
1.1 TaskStarted expand
2.2 TaskEnded expand
2.4 TaskPassed expand
2.4 ServiceStarted a
4.2 ServiceSwitched a
4.2 TaskStarted smoke
5.2 TaskEnded smoke
5.3 TaskPassed smoke
6.0 TaskStarted tell
7.0 TaskEnded tell
7.1 TaskPassed tell
7.1 TaskStarted contract
8.1 TaskEnded contract
8.2 TaskPassed contract
8.2 RolloutEnded succeeded
)"));
    QCOMPARE(textOf(world.applied), std::string("expand.sql, contract.sql"));
    QCOMPARE(textOf(world.state().tasks.at("expand").added), std::string("expand.sql"));
  }

  // What is added between two looks is then known to be the one's.
  void migrationsOfServicesSideBySideRunOneAtATime() {
    RolloutWorld world(planWith({migration("first", "a"), migration("second", "b")},
                                {servicePlan("a", 1), servicePlan("b", 1)}));
    fails(world, "second");
    RolloutPromises promises(world);
    world.begin();
    const auto reasons = reasonsOf(world.state());
    QVERIFY(std::any_of(reasons.begin(), reasons.end(), [](const WaitReason& reason) {
      return reason.service == "b" &&
             reason.text ==
                 "migration second waits for migration first: the schema is changed by one at a time";
    }));
    QVERIFY(world.run());
    promises.checkEnd();
    QCOMPARE(promises.broken(), std::string());
    const auto log = logOf(world, {EventType::TaskStarted, EventType::TaskPassed, EventType::TaskFailed});
    QCOMPARE(log, std::string(R"(
0.0 TaskStarted first
1.3 TaskPassed first
1.3 TaskStarted second
2.6 TaskFailed second
)"));
    QCOMPARE(textOf(world.state().tasks.at("first").added), std::string("first.sql"));
    QCOMPARE(textOf(world.state().tasks.at("second").added), std::string());
  }

  void aMigrationThatFailsLeavesTheCodeAloneAndWhatWasDoneBeforeIsTakenBack() {
    RolloutWorld world(planWith({migration("first"), migration("second")}));
    fails(world, "second");
    RolloutPromises promises(world);
    world.begin();
    QVERIFY(world.run());
    promises.checkEnd();
    QCOMPARE(promises.broken(), std::string());
    QCOMPARE(logOf(world, taskEvents), std::string(R"(
0.0 TaskStarted first
1.1 TaskEnded first
1.3 TaskPassed first
1.3 TaskStarted second
2.4 TaskEnded second
2.6 TaskFailed second
2.6 UndoStarted
2.6 TaskUndoStarted first
3.6 TaskEnded first
3.8 TaskUndone first
3.8 RolloutEnded failed
)"));
    QCOMPARE(reasonOfEnd(world), std::string("migration second ended with exit code 1"));
    QCOMPARE(exitCodeOf(world.state()), 1);
    QVERIFY(world.applied.empty());
  }

  void theDownOfAFailedOneRunsWhereItIsSafe() {
    auto task = migration("half");
    task.spec.isDownSafe = true;
    RolloutWorld world(planWith({task}));
    world.taskFateOf = [](const std::string&) {
      TaskFate fate;
      fate.exitCode = 1;
      fate.addsAlthoughFailed = true;
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QVERIFY(world.applied.empty());
    QCOMPARE(world.tasks().at("half").down.times, 1);
    // The control: without the word for it, what was half done stays, and is named.
    task.spec.isDownSafe = false;
    RolloutWorld other(planWith({task}));
    other.taskFateOf = world.taskFateOf;
    other.begin();
    QVERIFY(other.run());
    QCOMPARE(other.tasks().at("half").down.times, 0);
    QCOMPARE(reasonOfEnd(other),
             std::string("migration half ended with exit code 1; these schema versions stay: half.sql"));
  }

  void theCodeGoesBackFirstAndThenTheSchema() {
    RolloutWorld world(planWith({migration("expand")}, {servicePlan("a", 1), servicePlan("b", 2)}));
    neverWell(world, "rat-b-2");
    RolloutPromises promises(world);
    world.begin();
    QVERIFY(world.run());
    promises.checkEnd();
    QCOMPARE(promises.broken(), std::string());
    QCOMPARE(logOf(world, {EventType::UndoStarted, EventType::ServiceUndone, EventType::TaskUndoStarted,
                           EventType::TaskUndone, EventType::RolloutEnded}),
             std::string(R"(
34.4 UndoStarted
35.1 ServiceUndone b
37.2 ServiceUndone a
37.2 TaskUndoStarted expand
38.4 TaskUndone expand
38.4 RolloutEnded rolled_back
)"));
    QVERIFY(world.applied.empty());
  }

  void theSchemaGoesBackFirstWhereThePlanSaysSo() {
    auto task = migration("expand");
    task.spec.goesBackFirst = true;
    RolloutWorld world(planWith({task}));
    goesBad(world, "rat-a-2");
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::TaskUndone, EventType::ServiceUndone, EventType::RolloutEnded}),
             std::string(R"(
5.2 TaskUndone expand
6.9 ServiceUndone a
6.9 RolloutEnded rolled_back
)"));
  }

  void aPersonNamesTheVersionsThatStay() {
    RolloutWorld world(planWith({forward(migration("email", "a"))}));
    world.begin();
    QVERIFY(world.runUntil("ServiceSwitched a"));
    QCOMPARE(textOf(pastSchemaOf(world.state()).stays), std::string("email.sql"));
    auto abort = commandOf(CommandKind::Abort);
    world.send(abort);
    QCOMPARE(refusal(world), std::string("schema email.sql stays: confirm by name: email.sql"));
    abort.pastSchema = {"another.sql"};
    world.send(abort);
    QCOMPARE(world.events().back().type, EventType::CommandRefused);
    abort.pastSchema = {"email.sql"};
    world.send(abort);
    QVERIFY(world.run());
    QCOMPARE(toString(world.state().result), "aborted");
    QCOMPARE(textOf(world.applied), std::string("email.sql"));
    QCOMPARE(reasonOfEnd(world), std::string("undone by a person; these schema versions stay: email.sql"));
  }

  void beforeTheCodeIsReplacedNothingHasToBeNamed() {
    RolloutWorld world(planWith({forward(migration("email", "a"))}));
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-2"));
    world.send(commandOf(CommandKind::Abort));
    QVERIFY(world.run());
    QCOMPARE(toString(world.state().result), "aborted");
  }

  void aFailureGoesBackPastWhatTheOldVersionWorksWith() {
    RolloutWorld world(planWith({forward(migration("email", "a"))}));
    goesBad(world, "rat-a-2");
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(toString(world.state().result), "rolled_back");
  }

  void aFailureDoesNotGoBackPastWhatTheOldVersionCannotWorkWith_data() {
    QTest::addColumn<bool>("hasPerson");
    QTest::addColumn<QString>("end");
    QTest::newRow("a person decides") << true << QStringLiteral("none");
    QTest::newRow("nobody is there") << false << QStringLiteral("rollback_failed");
  }
  void aFailureDoesNotGoBackPastWhatTheOldVersionCannotWorkWith() {
    QFETCH(bool, hasPerson);
    QFETCH(QString, end);
    RolloutWorld world(planWith({forward(migration("email", "a"), false)}));
    world.start.hasPerson = hasPerson;
    goesBad(world, "rat-a-2");
    world.begin();
    world.run(1h);
    QCOMPARE(QString::fromLatin1(toString(world.state().result)), end);
    QCOMPARE(world.state().isHeld, hasPerson);
    const auto& said = hasPerson ? world.state().heldReason : world.state().services.at("a").failure;
    QVERIFY2(said.find("schema email.sql stays, and the version before does not work with it") !=
                 std::string::npos,
             said.c_str());
    if (!hasPerson)
      return;
    auto abort = commandOf(CommandKind::Abort);
    abort.pastSchema = {"email.sql"};
    world.send(abort);
    QVERIFY(world.run());
    QCOMPARE(toString(world.state().result), "aborted");
  }

  void whatLosesDataIsTakenBackOnlyWhenThatIsConfirmed() {
    auto task = migration("email", "a");
    task.spec.isReversible = false; // there is a down all the same
    for (bool isConfirmed : {false, true}) {
      RolloutWorld world(planWith({task}));
      world.begin();
      QVERIFY(world.runUntil(isConfirmed ? "ServiceSwitched a" : "InstanceStarted a-2"));
      auto abort = commandOf(CommandKind::Abort);
      if (isConfirmed)
        abort.pastSchema = {"email.sql"};
      world.send(abort);
      QVERIFY(world.run());
      QCOMPARE(world.tasks().at("email").down.times, isConfirmed ? 1 : 0);
    }
  }

  void aCrashRunsNothingTwice_data() {
    QTest::addColumn<bool>("isInCopy");
    QTest::addColumn<QString>("end");
    QTest::newRow("in a copy of its own") << false << QStringLiteral("succeeded");
    QTest::newRow("inside a running copy") << true << QStringLiteral("succeeded");
  }
  void aCrashRunsNothingTwice() {
    QFETCH(bool, isInCopy);
    QFETCH(QString, end);
    auto task = migration("expand");
    if (isInCopy)
      task = inCopy(task);
    for (Duration dies = 0s; dies < 3s; dies += 100ms) {
      RolloutWorld world(planWith({task}));
      world.begin();
      world.pass(dies);
      world.crash(world.events().size(), [] { return true; });
      world.pass(200ms);
      world.resume(false);
      QVERIFY2(world.run(), (world.log() + reasonsText(world)).c_str());
      QCOMPARE(world.tasks().at("expand").up.times, 1);
      QCOMPARE(QString::fromLatin1(toString(world.state().result)), end);
    }
  }

  void whatNobodyKnowsOfIsNotRunAgain() {
    auto task = inCopy(taskPlan(Kind::Migration, "expand", When::Before));
    RolloutWorld world(planWith({task}));
    diesInItsFirstTask(world);
    world.pass(5s);
    world.resume(false);
    QVERIFY(world.run());
    QCOMPARE(world.tasks().at("expand").up.times, 1);
    QCOMPARE(toString(world.state().result), "failed");
    QVERIFY(reasonOfEnd(world).find("nobody saw its end") != std::string::npos);
  }

  void whatAnOlderJournalTellsOfAnotherAttemptInsideACopyIsInDoubt() {
    RolloutWorld world(planWith({inCopy(taskPlan(Kind::Migration, "expand", When::Before))}));
    world.begin();
    world.pass(500ms);
    auto state = world.state();
    Event retried, resumed; // and of the second attempt no event at all
    retried.type = EventType::TaskRetried;
    retried.detail = {{"task", "expand"}, {"step", "run"}, {"attempt", 1}, {"retry_s", 1.0}};
    resumed.type = EventType::RolloutResumed;
    retried.at = resumed.at = world.now();
    apply(state, retried);
    apply(state, resumed);
    QVERIFY(state.tasks.at("expand").isInDoubt);
    QVERIFY(!state.tasks.at("expand").isWaiting);
  }

  void aHookInsideACopyMayRunAgain() {
    RolloutWorld world(planWith({inCopy(taskPlan(Kind::Hook, "backup", When::Before))}));
    diesInItsFirstTask(world);
    world.resume(false);
    QVERIFY(world.run());
    QCOMPARE(world.tasks().at("backup").up.times, 2);
    QCOMPARE(toString(world.state().result), "succeeded");
  }

  void aHookInsideACopyDoesNotRunAgainInAnUndo() {
    RolloutWorld world(planWith({inCopy(taskPlan(Kind::Hook, "backup", When::Before))}));
    diesInItsFirstTask(world);
    world.resume(true);
    QVERIFY(world.run());
    QCOMPARE(world.tasks().at("backup").up.times, 1);
    QCOMPARE(resultOf(world), std::string("aborted"));
    QVERIFY(world.state().tasks.at("backup").failure.find("nobody saw its end") != std::string::npos);
  }

  void aHookInsideACopyThatMayHaveRunWaitsForTheEndOfAHold() {
    RolloutWorld world(planWith({inCopy(taskPlan(Kind::Hook, "backup", When::Before))}));
    world.begin();
    world.pass(500ms);
    world.send(commandOf(CommandKind::Hold));
    world.send(Observation{ObservationKind::EffectFailed,
                           "task run backup #1",
                           "",
                           InstanceId(),
                           {{"message", "no answer"}, {"unreachable", true}}});
    world.pass(5s);
    QVERIFY(isAtRest(world.state()));
    QCOMPARE(world.tasks().at("backup").up.times, 1);
    world.send(commandOf(CommandKind::Continue));
    QVERIFY(world.run());
    QCOMPARE(world.tasks().at("backup").up.times, 2);
    QCOMPARE(resultOf(world), std::string("succeeded"));
  }

  void aHookInsideACopyDoesNotBeginInTheTurnThatHolds() {
    RolloutWorld world(
        planWith({inCopy(taskPlan(Kind::Hook, "backup", When::Before, "a")),
                  on(TaskSpec::OnError::Ask, taskPlan(Kind::Hook, "check", When::Before, "b"))},
                 {servicePlan("a", 1), servicePlan("b", 1)}));
    world.taskFateOf = [](const std::string& id) {
      TaskFate fate;
      fate.takes = id == "backup" ? 10min : 1s;
      fate.exitCode = 1;
      return fate;
    };
    world.begin();
    QVERIFY(world.runUntil("TaskEnded check"));
    world.send(Observation{ObservationKind::EffectFailed,
                           "task run backup #1",
                           "",
                           InstanceId(),
                           {{"message", "no answer"}, {"unreachable", true}}});
    auto state = world.state();
    QVERIFY(state.tasks.at("backup").isWaiting);
    const auto inHand = effectsOf(state);
    const auto removal = std::find_if(inHand.begin(), inHand.end(), [](const Effect& effect) {
      return effect.key().find("check") != std::string::npos;
    });
    QVERIFY(removal != inHand.end());
    const auto decision =
        decide(state, Observation{ObservationKind::EffectDone, removal->key(), "", InstanceId(), {}},
               {world.now().boot + 2s, world.now().wall + 2s});
    for (const auto& event : decision.events)
      apply(state, event);
    QVERIFY(state.isHeld);
    QVERIFY(state.tasks.at("backup").isWaiting);
    for (const auto& effect : decision.effects)
      QVERIFY2(effect.key().find("backup") == std::string::npos, effect.key().c_str());
  }

  void aCommandThatDoesNotEndIsEnded() {
    RolloutWorld world(planWith({taskPlan(Kind::Hook, "smoke", When::After, "a")}));
    world.taskFateOf = [](const std::string&) {
      TaskFate fate;
      fate.takes = 10min;
      return fate;
    };
    world.begin();
    QVERIFY(world.runUntil("TaskStarted smoke"));
    QCOMPARE(reasonsText(world), std::string(R"(
task a: hook smoke is running, since 1.8, until 31.8: undo
)"));
    QVERIFY(world.run());
    QCOMPARE(reasonOfEnd(world), std::string("hook smoke did not end within 30 s"));
    QCOMPARE(toString(world.state().result), "rolled_back");
    QVERIFY(!world.tasks().at("smoke").up.isThere);
  }

  void whatFailsIsPassedOverOrAskedAboutAsThePlanSays() {
    RolloutWorld ignored(
        planWith({on(TaskSpec::OnError::Ignore, taskPlan(Kind::Hook, "tell", When::After))}));
    fails(ignored, "tell");
    ignored.begin();
    QVERIFY(ignored.run());
    QCOMPARE(toString(ignored.state().result), "succeeded");
    QCOMPARE(reasonOfEnd(ignored), std::string("passed over: hook tell ended with exit code 1"));

    RolloutWorld asked(planWith({on(TaskSpec::OnError::Ask, taskPlan(Kind::Hook, "tell", When::After))}));
    fails(asked, "tell");
    asked.begin();
    asked.run(1h);
    QVERIFY(asked.state().isHeld);
    asked.send(commandOf(CommandKind::Continue));
    QVERIFY(asked.run());
    QCOMPARE(toString(asked.state().result), "succeeded");

    RolloutWorld alone(planWith({on(TaskSpec::OnError::Ask, taskPlan(Kind::Hook, "tell", When::After))}));
    alone.start.hasPerson = false;
    fails(alone, "tell");
    alone.begin();
    QVERIFY(alone.run());
    QCOMPARE(toString(alone.state().result), "rolled_back");
  }

  void hooksOfAFailureRunWhenTheOldVersionsAreBack() {
    RolloutWorld world(planWith({taskPlan(Kind::Hook, "mine", When::OnFailure, "a"),
                                 taskPlan(Kind::Hook, "others", When::OnFailure, "b"),
                                 taskPlan(Kind::Hook, "alarm", When::OnFailure)},
                                {servicePlan("a", 1), servicePlan("b", 2)}));
    neverWell(world, "rat-a-2");
    fails(world, "alarm");
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(logOf(world, {EventType::ServiceUndone, EventType::TaskStarted, EventType::TaskPassed,
                           EventType::TaskFailed, EventType::RolloutEnded}),
             std::string(R"(
31.7 ServiceUndone a
31.7 TaskStarted mine
32.8 TaskPassed mine
32.8 TaskStarted alarm
33.9 TaskFailed alarm
33.9 RolloutEnded rolled_back
)"));
  }

  void whatIsAppliedAlreadyIsPassedOver() {
    auto task = migration("email");
    task.spec.versions = {"email.sql"};
    RolloutWorld world(planWith({task}));
    world.applied = {"email.sql"};
    world.begin();
    QVERIFY(world.run());
    QVERIFY(world.state().tasks.at("email").wasSkipped);
    QCOMPARE(world.tasks().count("email"), size_t(0));
    QCOMPARE(toString(world.state().result), "succeeded");
  }

  void aSchemaThatTheCodeMigratesIsReadAroundItsStart() {
    RolloutWorld world(planWith({taskPlan(Kind::Schema, "schema-a", When::Before, "a")}));
    world.begin();
    QVERIFY(world.runUntil("ServiceSwitched a"));
    QCOMPARE(textOf(world.state().tasks.at("schema-a").added), std::string("a.sql"));
    world.send(commandOf(CommandKind::Abort));
    QCOMPARE(world.events().back().type, EventType::CommandRefused);
    QVERIFY(world.run());
    QCOMPARE(toString(world.state().result), "succeeded");
  }

  void aDownThatFailsNeedsAPerson() {
    RolloutWorld world(planWith({migration("email", "a")}));
    neverWell(world, "rat-a-2");
    world.taskFateOf = [](const std::string&) {
      TaskFate fate;
      fate.downExitCode = 3;
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(toString(world.state().result), "rollback_failed");
    QVERIFY(reasonOfEnd(world).starts_with("the down of migration email ended with exit code 3"));
  }

  void aHoldLetsTheCommandInHandEndAndBeginsNoOther() {
    RolloutWorld world(
        planWith({taskPlan(Kind::Hook, "one", When::Before), taskPlan(Kind::Hook, "two", When::Before)}));
    world.begin();
    world.pass(500ms);
    world.send(commandOf(CommandKind::Hold));
    world.pass(10min);
    QVERIFY(isAtRest(world.state()));
    QCOMPARE(world.tasks().count("two"), size_t(0));
    world.send(commandOf(CommandKind::Continue));
    QVERIFY(world.run());
    QCOMPARE(toString(world.state().result), "succeeded");
  }

  void anotherAttemptDoesNotBeginInAnUndo() {
    RolloutWorld world(planWith({forward(migration("email"))}));
    refuses(world, "email", 2);
    RolloutPromises promises(world);
    world.begin();
    QVERIFY(world.runUntil("TaskRetried email"));
    world.send(commandOf(CommandKind::Abort));
    QVERIFY(world.run());
    promises.checkEnd();
    QCOMPARE(promises.broken(), std::string());
    QCOMPARE(logOf(world, attemptEvents), std::string(R"(
0.0 TaskStarted email
0.2 TaskRetried email
0.2 UndoStarted
0.2 TaskPutBack email
0.3 TaskCleared email
0.3 RolloutEnded aborted
)"));
    QCOMPARE(world.tasks().at("email").up.times, 0);
    QCOMPARE(reasonOfEnd(world), std::string("undone by a person")); // no schema version stays
  }

  void anotherAttemptWaitsForTheEndOfAHold() {
    RolloutWorld world(planWith({forward(migration("email"))}));
    refuses(world, "email", 2);
    RolloutPromises promises(world);
    world.begin();
    QVERIFY(world.runUntil("TaskRetried email"));
    world.send(commandOf(CommandKind::Hold));
    world.pass(1h);
    QVERIFY(isAtRest(world.state()));
    world.send(commandOf(CommandKind::Continue));
    QVERIFY(world.run());
    promises.checkEnd();
    QCOMPARE(promises.broken(), std::string());
    QCOMPARE(world.tasks().at("email").up.times, 1);
    QCOMPARE(resultOf(world), std::string("succeeded"));
  }

  void anAttemptWhoseAnswerWasLostIsWaitedForInAnUndoAndNoneBegins_data() {
    QTest::addColumn<bool>("hasBegun");
    QTest::addColumn<QString>("applied");
    QTest::newRow("it had begun") << true << QStringLiteral("email.sql");
    QTest::newRow("it had not") << false << QString();
  }
  void anAttemptWhoseAnswerWasLostIsWaitedForInAnUndoAndNoneBegins() {
    QFETCH(bool, hasBegun);
    QFETCH(QString, applied);
    RolloutWorld world(planWith({forward(migration("email"))}));
    world.taskFateOf = [hasBegun](const std::string&) {
      TaskFate fate;
      fate.takes = 4s;
      fate.lost = 1;
      fate.beginsLost = hasBegun;
      return fate;
    };
    RolloutPromises promises(world);
    world.begin();
    QVERIFY(world.runUntil("TaskRetried email"));
    world.send(commandOf(CommandKind::Abort));
    QVERIFY(world.run());
    promises.checkEnd();
    QCOMPARE(promises.broken(), std::string());
    QCOMPARE(logOf(world, attemptEvents), std::string(hasBegun ? R"(
0.0 TaskStarted email
0.2 TaskRetried email
0.2 UndoStarted
2.2 TaskTried email
4.2 TaskEnded email
4.3 TaskCleared email
4.4 TaskPassed email
4.4 RolloutEnded aborted
)"
                                                               : R"(
0.0 TaskStarted email
0.2 TaskRetried email
0.2 UndoStarted
2.2 TaskTried email
2.2 TaskEnded email
2.3 TaskCleared email
2.4 TaskFailed email
2.4 RolloutEnded aborted
)"));
    QCOMPARE(world.tasks().at("email").up.times, hasBegun ? 1 : 0);
    QCOMPARE(QString::fromStdString(textOf(world.applied)), applied);
  }

  // Nothing tells whether it ran: what it may have done is named, and never taken for nothing.
  void anAttemptWhoseAnswerWasLostIsInDoubt() {
    auto task = taskPlan(Kind::Migration, "email", When::Before);
    RolloutWorld world(planWith({forward(std::move(task))}));
    world.taskFateOf = [](const std::string&) {
      TaskFate fate;
      fate.lost = 1;
      return fate;
    };
    world.begin();
    QVERIFY(world.runUntil("TaskRetried email"));
    world.send(commandOf(CommandKind::Abort));
    QVERIFY(world.run());
    QCOMPARE(reasonOfEnd(world), std::string("undone by a person; these schema versions stay: email"));
  }

  void anotherAttemptBeginsOnceAlthoughTheEngineDied() {
    RolloutWorld world(planWith({inCopy(migration("email"))}));
    refuses(world, "email", 1);
    world.begin();
    QVERIFY(world.runUntil("TaskRetried email"));
    world.crash(world.events().size(), [] { return true; });
    world.pass(5s);
    world.resume(false);
    QVERIFY(world.run());
    QCOMPARE(world.tasks().at("email").up.times, 1);
    QCOMPARE(resultOf(world), std::string("succeeded"));
  }

  void afterACrashAnUndoPastSchemaNeedsTheNamesToo() {
    RolloutWorld world(planWith({forward(migration("email", "a"))}));
    world.begin();
    QVERIFY(world.runUntil("ServiceSwitched a"));
    world.crash(world.events().size(), [] { return true; });
    world.resume(true);
    QVERIFY(world.state().isHeld);
    QCOMPARE(toString(world.state().phase), "rolling");
  }
};

QTEST_APPLESS_MAIN(RolloutTasksTest)
#include "tst_rollout_tasks.moc"
