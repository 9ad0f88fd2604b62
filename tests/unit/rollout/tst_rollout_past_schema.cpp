// What an undo goes past: changes of the schema that are not known, cannot be taken back, or only with a
// loss.
#include <QtTest>

#include "core/base/wording.h"
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

const std::set<EventType> steps = {
    EventType::TaskStarted,        EventType::TaskLooked,       EventType::TaskEnded,
    EventType::TaskPassed,         EventType::TaskFailed,       EventType::TaskUndoStarted,
    EventType::TaskUndone,         EventType::TaskUndoFailed,   EventType::UndoStarted,
    EventType::ServiceUndoStarted, EventType::ServiceUndone,    EventType::ServiceUndoFailed,
    EventType::RolloutHeld,        EventType::RolloutContinued, EventType::CommandRefused,
    EventType::RolloutEnded};

TaskPlan lossy(TaskPlan task) {
  task.spec.isReversible = false;
  return task;
}

TaskPlan backFirst(TaskPlan task) {
  task.spec.goesBackFirst = true;
  return task;
}

// Of a rollback: takes back what an earlier rollout did.
TaskPlan reverse(const std::string& id) {
  auto task = forward(withStatus(taskPlan(Kind::Migration, id, When::After)));
  task.reverses = 1;
  task.spec.versions = {id + ".sql"};
  return task;
}

Plan ofServices(Plan plan) {
  plan.onFailureScope = FailureScope::Service;
  sign(plan);
  return plan;
}

// It neither ends by itself in time, nor can be ended.
void neverEnds(RolloutWorld& world) {
  world.taskFateOf = [](const std::string&) {
    TaskFate fate;
    fate.takes = 10min;
    return fate;
  };
}

int timesOf(const RolloutWorld& world, const std::string& task) {
  return world.tasks().contains(task) ? world.tasks().at(task).up.times : 0;
}

Command abortNaming(std::set<std::string> versions) {
  auto abort = commandOf(CommandKind::Abort);
  abort.pastSchema = std::move(versions);
  return abort;
}

std::string reasonOfEnd(const RolloutWorld& world) {
  return world.state().endReason;
}

} // namespace

class RolloutPastSchemaTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  // --- a look is not a beginning ---

  void aLookThatEndsInAnUndoBeginsNothing() {
    RolloutWorld world(planWith({withStatus(contract("drop"))}));
    RolloutPromises promises(world);
    world.begin();
    QVERIFY(world.runUntil("TaskStarted drop"));
    world.send(commandOf(CommandKind::Abort));
    QVERIFY(world.run());
    promises.checkEnd();
    QCOMPARE(promises.broken(), std::string());
    QCOMPARE(timesOf(world, "drop"), 0);
    QCOMPARE(logOf(world, steps), std::string(R"(
2.8 TaskStarted drop
2.8 UndoStarted
2.8 ServiceUndoStarted a
2.9 TaskLooked drop
5.6 ServiceUndone a
5.6 RolloutEnded aborted
)"));
  }

  void aLookThatEndsInAHoldBeginsWhenItIsOver() {
    RolloutWorld world(planWith({migration("email")}));
    RolloutPromises promises(world);
    world.begin();
    QVERIFY(world.runUntil("TaskStarted email"));
    world.send(commandOf(CommandKind::Hold));
    world.pass(10min);
    QVERIFY(isAtRest(world.state()));
    QCOMPARE(timesOf(world, "email"), 0);
    world.send(commandOf(CommandKind::Continue));
    QVERIFY(world.run());
    QCOMPARE(promises.broken(), std::string());
    QCOMPARE(timesOf(world, "email"), 1);
    QCOMPARE(resultOf(world), std::string("succeeded"));
  }

  void aLookThatEndsInAStopBeginsNothing() {
    RolloutWorld world(planWith({withStatus(contract("drop"))}));
    world.begin();
    QVERIFY(world.runUntil("TaskStarted drop"));
    world.send(commandOf(CommandKind::StopHere));
    QVERIFY(world.run());
    QCOMPARE(timesOf(world, "drop"), 0);
    QCOMPARE(toString(world.state().tasks.at("drop").phase), "pending");
  }

  // --- what is not known counts as done ---

  void whatRunsMustBeNamed() {
    RolloutWorld world(planWith({contract("drop")}));
    world.begin();
    QVERIFY(world.runUntil("TaskStarted drop"));
    world.send(commandOf(CommandKind::Abort));
    QCOMPARE(refusal(world), std::string("schema drop stays: confirm by name: drop"));
    world.send(abortNaming({"drop"}));
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), std::string("aborted"));
  }

  void whatRunsIsNotGonePastByItself_data() {
    QTest::addColumn<bool>("isCompatible");
    QTest::addColumn<QString>("end");
    QTest::newRow("the old code does not work with it") << false << QStringLiteral("none");
    QTest::newRow("it does") << true << QStringLiteral("rolled_back");
  }
  void whatRunsIsNotGonePastByItself() {
    QFETCH(bool, isCompatible);
    QFETCH(QString, end);
    RolloutWorld world(planWith({forward(contract("drop"), isCompatible)}));
    world.taskFateOf = [](const std::string&) {
      TaskFate fate;
      fate.takes = 20s;
      return fate;
    };
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value == "rat-a-2")
        fate.exitsAfter = 6s;
      return fate;
    };
    world.begin();
    QVERIFY(world.runUntil("ServiceFailed a"));
    QCOMPARE(toString(world.state().tasks.at("drop").phase), "running");
    QCOMPARE(world.state().phase == RolloutPhase::Undoing, isCompatible);
    QVERIFY(!world.state().isHeld); // it is not known yet
    world.run(1h);
    QCOMPARE(QString::fromStdString(resultOf(world)), end);
    QCOMPARE(world.state().isHeld, !isCompatible);
  }

  void aSchemaThatTheNewCodeMayHaveMigratedIsReadFirst_data() {
    QTest::addColumn<bool>("isCompatible");
    QTest::addColumn<bool>("hasPerson");
    QTest::addColumn<QString>("end");
    QTest::newRow("a person decides") << false << true << QStringLiteral("none");
    QTest::newRow("nobody is there") << false << false << QStringLiteral("rollback_failed");
    QTest::newRow("the old code works with it") << true << false << QStringLiteral("rolled_back");
  }
  void aSchemaThatTheNewCodeMayHaveMigratedIsReadFirst() {
    QFETCH(bool, isCompatible);
    QFETCH(bool, hasPerson);
    QFETCH(QString, end);
    auto service = servicePlan("a", 1);
    service.order = UpdateOrder::StopFirst;
    auto task = taskPlan(Kind::Schema, "schema-a", When::Before, "a");
    task.spec.isCompatible = isCompatible;
    RolloutWorld world(planWith({task}, {service}));
    world.start.hasPerson = hasPerson;
    neverWell(world, "rat-a-2");
    world.begin();
    world.run(1h);
    QCOMPARE(QString::fromStdString(resultOf(world)), end);
    QCOMPARE(world.state().isHeld, hasPerson);
    if (hasPerson)
      QVERIFY(world.state().heldReason.ends_with(
          "schema a.sql stays, and the version before does not work with it"));
  }

  void whatFailedAndMayRunOnIsNotGonePastByItself() {
    RolloutWorld world(
        planWith({on(TaskSpec::OnError::Undo, withStatus(inCopy(forward(contract("drop"), false))))}));
    neverEnds(world);
    world.begin();
    world.run(1h);
    QVERIFY(world.state().isHeld);
    QVERIFY2(world.state().heldReason.find("schema drop stays") != std::string::npos,
             world.state().heldReason.c_str());
  }

  void whatFailedAndCannotBeReadIsNotGonePastByItself() {
    RolloutWorld world(planWith({on(TaskSpec::OnError::Undo, withStatus(forward(contract("drop"), false)))}));
    world.taskFateOf = [](const std::string&) {
      TaskFate fate;
      fate.exitCode = 1;
      fate.failures[TaskStep::Confirm] = 100;
      return fate;
    };
    world.begin();
    world.run(1h);
    QVERIFY(world.state().isHeld);
    // The control: it is read, and did nothing.
    RolloutWorld other(planWith({on(TaskSpec::OnError::Undo, withStatus(forward(contract("drop"), false)))}));
    fails(other, "drop");
    other.begin();
    QVERIFY(other.run());
    QCOMPARE(resultOf(other), std::string("rolled_back"));
  }

  void aDownDoesNotRunWhereNobodyKnowsWhatItsUpDid() {
    RolloutWorld world(planWith({taskPlan(Kind::Migration, "next", When::Before)}));
    neverWell(world, "rat-a-2");
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), std::string("rolled_back"));
    QCOMPARE(world.tasks().at("next").down.times, 0);
    QVERIFY(reasonOfEnd(world).ends_with("; these schema versions stay: next"));
    // The control: its status tells.
    RolloutWorld other(planWith({migration("next")}));
    neverWell(other, "rat-a-2");
    other.begin();
    QVERIFY(other.run());
    QCOMPARE(other.tasks().at("next").down.times, 1);
  }

  // --- names ---

  void oneNameConfirmsNoOtherLoss_data() {
    QTest::addColumn<bool>("isLossNamed");
    QTest::newRow("what stays alone") << false;
    QTest::newRow("what is lost too") << true;
  }
  void oneNameConfirmsNoOtherLoss() {
    QFETCH(bool, isLossNamed);
    RolloutWorld world(planWith({forward(migration("one", "a")), lossy(migration("two", "b"))},
                                {servicePlan("a", 1), servicePlan("b", 2)}));
    RolloutPromises promises(world);
    world.begin();
    QVERIFY(world.runUntil("TaskPassed two"));
    QCOMPARE(toText(pastSchemaOf(world.state())), std::string("schema one.sql stays"));
    world.send(isLossNamed ? abortNaming({"one.sql", "two.sql"}) : abortNaming({"one.sql"}));
    QVERIFY(world.run());
    promises.checkEnd();
    QCOMPARE(promises.broken(), std::string());
    QCOMPARE(resultOf(world), std::string("aborted"));
    QCOMPARE(world.tasks().at("two").down.times, isLossNamed ? 1 : 0);
    QCOMPARE(listed(world.applied), std::string(isLossNamed ? "one.sql" : "one.sql, two.sql"));
  }

  void whatIsLostIsSaidApart() {
    RolloutWorld world(planWith({migration("zero", "a"), lossy(migration("one", "a"))}));
    world.begin();
    QVERIFY(world.runUntil("ServiceSwitched a"));
    world.send(commandOf(CommandKind::Abort));
    QCOMPARE(refusal(world), std::string("the data of one.sql is lost: confirm by name: one.sql"));
    world.send(abortNaming({"one.sql"}));
    QVERIFY(world.run());
    QVERIFY(world.applied.empty());
  }

  void aRejectionWithNamesDoesWhatAnAbortDoes() {
    auto plan = planWith({lossy(migration("one", "a"))}, {servicePlan("a", 1), servicePlan("b", 2)});
    plan.approvals = {{"second", ApprovalSpec::When::Before, "", 2, 30min}};
    sign(plan);
    RolloutWorld world(plan);
    world.begin();
    QVERIFY(world.runUntil("ApprovalRequested second"));
    auto reject = answerTo(world, "second", CommandKind::Reject);
    reject.pastSchema = {"one.sql"};
    world.send(reject);
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), std::string("rejected"));
    QVERIFY(world.applied.empty());
  }

  void aNameIsFoundInWhatWasTyped() {
    QVERIFY(isNamedIn("1.sql, 2.sql", "1.sql"));
    QVERIFY(isNamedIn("1.sql 2.sql", "2.sql"));
    QVERIFY(isNamedIn("x,add the email column", "add the email column"));
    QVERIFY(isNamedIn("11.sql 1.sql", "1.sql"));
    QVERIFY(!isNamedIn("11.sql", "1.sql"));
    QVERIFY(!isNamedIn("1.sql.bak", "1.sql"));
    QVERIFY(!isNamedIn("add the", "add the email column"));
    QVERIFY(!isNamedIn("anything", ""));
  }

  // --- a failure is seen before it is accepted ---

  void aFailureInAHoldIsAskedAboutAndNotAccepted() {
    RolloutWorld world(planWith({on(TaskSpec::OnError::Ask, migration("email"))}));
    fails(world, "email");
    RolloutPromises promises(world);
    world.begin();
    world.pass(500ms);
    world.send(commandOf(CommandKind::Hold));
    QVERIFY(world.runUntil("TaskFailed email"));
    QCOMPARE(world.state().heldBy, std::string());
    QCOMPARE(world.state().heldReason, std::string("migration email ended with exit code 1"));
    world.crash(world.events().size(), [] { return true; });
    promises.forgetEvents();
    world.resume(false);
    world.pass(1min);
    QVERIFY(world.state().isHeld);
    QVERIFY(!world.state().tasks.at("email").isAccepted);
    QCOMPARE(logOf(world, {EventType::ServiceStarted}), std::string("\n"));
    world.send(commandOf(CommandKind::Continue));
    QVERIFY(world.run());
    QCOMPARE(promises.broken(), std::string());
    QCOMPARE(reasonOfEnd(world), std::string("passed over: migration email ended with exit code 1"));
  }

  void aFailureOnTheWayToAStopIsAskedAbout() {
    RolloutWorld world(
        planWith({on(TaskSpec::OnError::Ask, taskPlan(Kind::Hook, "smoke", When::After, "a"))}));
    fails(world, "smoke");
    world.begin();
    QVERIFY(world.runUntil("TaskStarted smoke"));
    world.send(commandOf(CommandKind::StopHere));
    world.run(1h);
    QVERIFY(world.state().isHeld);
    QVERIFY(!world.state().stopsHere);
    world.send(commandOf(CommandKind::StopHere));
    QVERIFY(world.run());
    QCOMPARE(reasonOfEnd(world), std::string("passed over: hook smoke ended with exit code 1"));
  }

  void whereNobodyIsThereABlockedFailureDoesNotEndWell_data() {
    QTest::addColumn<bool>("isOfHook");
    QTest::newRow("of the second contract") << false;
    QTest::newRow("of a hook behind a step") << true;
  }
  void whereNobodyIsThereABlockedFailureDoesNotEndWell() {
    QFETCH(bool, isOfHook);
    const auto undo = TaskSpec::OnError::Undo;
    RolloutWorld world(isOfHook ? planWith({forward(migration("one", "a"), false),
                                            taskPlan(Kind::Hook, "two", When::After, "a")})
                                : planWith({on(undo, forward(contract("one"), false)),
                                            on(undo, forward(contract("two"), false))}));
    world.start.hasPerson = false;
    fails(world, "two");
    RolloutPromises promises(world);
    world.begin();
    QVERIFY(world.run());
    promises.checkEnd();
    QCOMPARE(promises.broken(), std::string());
    QCOMPARE(resultOf(world), std::string("rollback_failed"));
    QCOMPARE(exitCodeOf(world.state()), 4);
    QVERIFY2(reasonOfEnd(world).find("two ended with exit code 1; not undone by itself") != std::string::npos,
             reasonOfEnd(world).c_str());
  }

  // --- what goes back before the code ---

  void whatGoesBackFirstDoesSoForOneServiceToo() {
    RolloutWorld world(ofServices(planWith({backFirst(migration("expand", "a"))})));
    goesBad(world, "rat-a-2");
    RolloutPromises promises(world);
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(promises.broken(), std::string());
    QCOMPARE(logOf(world, {EventType::TaskUndoStarted, EventType::TaskUndone, EventType::ServiceUndoStarted,
                           EventType::ServiceUndone, EventType::RolloutEnded}),
             std::string(R"(
4.0 TaskUndoStarted expand
5.2 TaskUndone expand
5.2 ServiceUndoStarted a
6.9 ServiceUndone a
6.9 RolloutEnded rolled_back
)"));
  }

  void theCodeStaysWhereWhatGoesBackFirstCannot_data() {
    QTest::addColumn<bool>("isCompatible");
    QTest::newRow("the old code does not work with it") << false;
    QTest::newRow("it does") << true;
  }
  void theCodeStaysWhereWhatGoesBackFirstCannot() {
    QFETCH(bool, isCompatible);
    auto task = backFirst(migration("expand"));
    task.spec.isCompatible = isCompatible;
    RolloutWorld world(planWith({task}, {servicePlan("a", 1), servicePlan("b", 2)}));
    neverWell(world, "rat-b-2");
    world.taskFateOf = [](const std::string&) {
      TaskFate fate;
      fate.downExitCode = 3;
      return fate;
    };
    world.begin();
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), std::string("rollback_failed"));
    QCOMPARE(world.bodies().at(InstanceId("rat-a-2")).isRunning, !isCompatible);
    QCOMPARE(world.answering("a"), 1);
  }

  // --- a rollback has no way back ---

  void whatARollbackTookAwayDoesNotComeBackByItself() {
    auto plan = planWith({reverse("email")});
    plan.bake = 10min;
    sign(plan);
    RolloutWorld world(plan);
    world.applied = {"email.sql"};
    world.start.bakes = true;
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value == "rat-a-2")
        fate.exitsAfter = 5s;
      return fate;
    };
    world.taskFateOf = [](const std::string&) {
      TaskFate fate;
      fate.takes = 6s;
      return fate;
    };
    world.begin();
    world.run(1h);
    QVERIFY2(world.state().isHeld, world.log().c_str());
    QVERIFY2(world.state().heldReason.ends_with("schema email.sql was taken away and does not come back, and "
                                                "the version before does not work without it"),
             world.state().heldReason.c_str());
    world.send(commandOf(CommandKind::Abort));
    QCOMPARE(
        refusal(world),
        std::string("schema email.sql was taken away and does not come back: confirm by name: email.sql"));
  }
};

QTEST_APPLESS_MAIN(RolloutPastSchemaTest)
#include "tst_rollout_past_schema.moc"
