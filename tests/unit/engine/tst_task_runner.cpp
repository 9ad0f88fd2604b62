// What a task's step asks of the runtime: which command, in which copy, under which name; and what comes
// back.
#include <QTemporaryDir>
#include <QtTest>

#include "core/engine/revision_store.h"
#include "core/engine/schema_past.h"
#include "core/engine/sql_files.h"
#include "core/engine/task_runner.h"
#include "tests/unit/engine/fake_target.h"

#include <fstream>
#include <memory>

using namespace ratdeck;

namespace {

TaskSpec migration() {
  TaskSpec task;
  task.id = "email";
  task.kind = TaskSpec::Kind::Migration;
  task.service = "web";
  task.up = TaskCommand{TaskCommand::Where::Own, "web", {"/migrate", "up"}};
  task.down = TaskCommand{TaskCommand::Where::Own, "web", {"/migrate", "down"}};
  task.status = TaskCommand{TaskCommand::Where::Copy, "db", {"/status"}};
  return task;
}

class Specs final : public SpecSource {
public:
  Result<ServiceSpec> serviceAt(int revision, const std::string& name) const override {
    auto stack = stackAt(revision);
    return *stack->find(name);
  }
  Result<StackSpec> stackAt(int revision) const override {
    StackSpec stack;
    stack.project = "shop";
    for (const auto* name : {"web", "db"}) {
      ServiceSpec service;
      service.name = name;
      service.image = std::string(name) + ":" + std::to_string(revision);
      service.containerName = "fixed";
      service.normalised = {{"image", service.image}, {"ports", {"80:80"}}, {"container_name", "fixed"}};
      stack.services[name] = service;
    }
    stack.policy.tasks = {task};
    return stack;
  }
  TaskSpec task = migration();
};

struct Rig {
  std::shared_ptr<FakeWorld> world = std::make_shared<FakeWorld>();
  FakeTarget target{world};
  std::shared_ptr<Specs> specs = std::make_shared<Specs>();
  std::unique_ptr<TaskRunner> runner = std::make_unique<TaskRunner>(target, specs, RolloutId("r1"));
  RolloutState state;

  Rig() {
    state.plan.project = "shop";
    state.plan.revision = 7;
    TaskPlan plan;
    plan.spec = migration();
    state.plan.tasks = {plan};
    state.tasks["email"].id = "email";
    for (int number : {1, 2, 3}) {
      auto& copy = world->instances[InstanceId("shop-db-" + std::to_string(number))];
      copy.id = InstanceId("shop-db-" + std::to_string(number));
      copy.service = "db";
      copy.number = number;
    }
    world->instances[InstanceId("shop-db-3")].state = InstanceState::Exited;
  }

  Result<Json> run(TaskStep step) {
    std::optional<Result<Json>> answer;
    Effect effect{EffectKind::RunTask, "web", InstanceId(), 1, {}, "email", step};
    runner->run(effect, state, [&](Result<Json> result) { answer = std::move(result); });
    if (!QTest::qWaitFor([&] { return answer.has_value(); }))
      return failure(ErrorKind::Timeout, "no answer");
    return *answer;
  }
  std::string log() const {
    std::string text;
    for (const auto& line : world->log)
      text += line + "\n";
    return text;
  }
};

} // namespace

class TaskRunnerTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aCommandRunsInACopyOfItsOwnUnderANameThatFollowsFromTheRollout() {
    Rig rig;
    rig.world->once = {3, "one\ntwo\n"};
    const auto ended = rig.run(TaskStep::Run);
    QVERIFY(ended.has_value());
    QCOMPARE(dumpJson(*ended), std::string(R"({"exit_code":3,"output":["one","two"]})"));
    QCOMPARE(rig.log(), std::string("run once shop-task-email-run-r1 web:7\n"));
  }

  void aRollbackRunsTheDownOfTheRevisionThatHadItsUp() {
    Rig rig;
    rig.state.plan.tasks.front().reverses = 5;
    QVERIFY(rig.run(TaskStep::Run).has_value());
    QCOMPARE(rig.log(), std::string("run once shop-task-email-run-r1 web:5\n"));
  }

  void aLookAsksTheNewestRunningCopy() {
    Rig rig;
    rig.world->execOutput = " 001.sql \n\n002.sql\n";
    const auto looked = rig.run(TaskStep::Look);
    QVERIFY(looked.has_value());
    QCOMPARE(dumpJson(*looked), std::string(R"({"applied":["001.sql","002.sql"]})"));
    QCOMPARE(rig.log(), std::string("exec shop-db-2 /status\n"));
    rig.world->execCode = 1;
    rig.world->execOutput = "no such table\n";
    const auto failed = rig.run(TaskStep::Confirm);
    QVERIFY(!failed.has_value());
    QCOMPARE(failed.error().message, std::string("status ended with exit code 1: no such table"));
    rig.world->instances.clear();
    QCOMPARE(rig.run(TaskStep::Look).error().message, std::string("no copy of db runs"));
  }

  void aLookReadsAllOfStdoutAndNothingElse() {
    Rig rig;
    rig.world->execErrors = "NOTICE:  relation exists, skipping\n";
    rig.world->execOutput.clear();
    for (int version = 1; version <= 60; ++version)
      rig.world->execOutput += std::to_string(version) + ".sql\n";
    const auto looked = rig.run(TaskStep::Look);
    QVERIFY(looked.has_value());
    const auto& applied = memberAt(*looked, "applied");
    QCOMPARE(applied.size(), size_t(60));
    QCOMPARE(applied.front().get<std::string>(), std::string("1.sql"));
    QCOMPARE(applied.back().get<std::string>(), std::string("60.sql"));
    // What is cut off would count as not applied.
    rig.world->isOutputCut = true;
    QCOMPARE(rig.run(TaskStep::Look).error().message,
             std::string("what status printed cannot be read, or is longer than 256 KiB"));
  }

  void aMigrationThatAnEngineBeforeMayHaveBegunIsOnlyLookedFor() {
    Rig rig;
    rig.state.tasks["email"].phase = TaskPhase::Running;
    rig.runner->inherit(rig.state);
    QVERIFY(rig.run(TaskStep::Run).has_value());
    QVERIFY(rig.run(TaskStep::Undo).has_value()); // the control: this one was not begun
    QCOMPARE(rig.log(), std::string("find once shop-task-email-run-r1 web:7\n"
                                    "run once shop-task-email-undo-r1 web:7\n"));
  }

  void aMigrationThatMayNotBeginIsOnlyLookedFor() {
    Rig rig;
    QVERIFY(rig.run(TaskStep::Await).has_value());
    QCOMPARE(rig.log(), std::string("find once shop-task-email-run-r1 web:7\n"));
  }

  void oneThatIsKnownNotToHaveBegunBeginsUnderAnotherEngine() {
    Rig rig;
    auto& task = rig.state.tasks["email"];
    task.phase = TaskPhase::Running;
    task.isWaiting = true;
    rig.runner->inherit(rig.state);
    QVERIFY(rig.run(TaskStep::Run).has_value());
    QCOMPARE(rig.log(), std::string("run once shop-task-email-run-r1 web:7\n"));
  }

  void aHookMayRunAgain() {
    Rig rig;
    rig.specs->task.kind = rig.state.plan.tasks.front().spec.kind = TaskSpec::Kind::Hook;
    rig.state.tasks["email"].phase = TaskPhase::Running;
    rig.runner->inherit(rig.state);
    QVERIFY(rig.run(TaskStep::Run).has_value());
    QCOMPARE(rig.log(), std::string("run once shop-task-email-run-r1 web:7\n"));
  }

  void whatIsOutWhenTheRunnerGoesBeginsNothing_data() {
    QTest::addColumn<bool>("isOwn");
    QTest::newRow("a look in a copy of its own") << true;
    QTest::newRow("a look in a running copy") << false;
  }
  void whatIsOutWhenTheRunnerGoesBeginsNothing() {
    QFETCH(bool, isOwn);
    Rig rig;
    if (isOwn)
      rig.specs->task.status = TaskCommand{TaskCommand::Where::Own, "db", {"/status"}};
    bool isAnswered = false;
    const Effect effect{EffectKind::RunTask, "web", InstanceId(), 1, {}, "email", TaskStep::Look};
    rig.runner->run(effect, rig.state, [&](const Result<Json>&) { isAnswered = true; });
    rig.runner.reset();
    bool isOver = false; // a call that was begun later is answered later
    rig.target.list([&](const Result<std::vector<InstanceInfo>>&) { isOver = true; });
    QVERIFY(QTest::qWaitFor([&] { return isOver; }));
    QCoreApplication::processEvents();
    QVERIFY(!isAnswered);
    QCOMPARE(rig.log(), std::string(isOwn ? "end once shop-task-email-look-r1\n" : ""));
  }

  void bothItsCopiesAreCleared() {
    Rig rig;
    QVERIFY(rig.run(TaskStep::Clear).has_value());
    QCOMPARE(rig.log(), std::string("end once shop-task-email-run-r1\nend once shop-task-email-undo-r1\n"));
  }

  void sqlIsReadThroughTheMountsOfItsService() {
    QTemporaryDir folder;
    const auto path = folder.path().toStdString();
    std::ofstream(path + "/1.sql") << "drop table t";
    std::ofstream(path + "/2.txt") << "truncate t";
    StackSpec stack;
    stack.services["web"].mounts = {{"bind", path, "/sql", true}};
    auto task = migration();
    stack.policy.tasks = {task};
    const auto textOf = [&](std::vector<std::string> argv) {
      stack.policy.tasks.front().up->argv = std::move(argv);
      auto texts = sqlTextsOf(stack);
      return texts.contains("email") ? texts.at("email") : "nothing";
    };
    QCOMPARE(textOf({"psql", "-f", "/sql/1.sql"}), std::string("drop table t\n;\n"));
    QCOMPARE(textOf({"migrate", "/sql"}), std::string("drop table t\n;\n"));
    QCOMPARE(textOf({"psql", "-f", "/sql/2.txt"}), std::string("nothing"));
    QCOMPARE(textOf({"psql", "-f", "/elsewhere/1.sql"}), std::string("nothing"));
    QCOMPARE(textOf({"psql", "-f", "/sql/../../etc/1.sql"}), std::string("nothing"));
  }
};

QTEST_GUILESS_MAIN(TaskRunnerTest)
#include "tst_task_runner.moc"
