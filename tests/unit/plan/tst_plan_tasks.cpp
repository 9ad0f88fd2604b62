// Hooks and migrations in a plan: who takes part, in which order, what a person is told, and the way back.
#include <QTest>

#include "core/plan/plan_text.h"
#include "core/plan/try_plan.h"
#include "core/spec/compose/loader.h"
#include "tests/unit/plan/plan_builders.h"

using namespace ratdeck;
using namespace ratdeck::testing;

namespace {

using Kind = TaskSpec::Kind;
using When = TaskSpec::When;
using Phase = TaskSpec::Phase;

TaskSpec hook(const std::string& id, When when, const std::string& service = {}) {
  TaskSpec task;
  task.id = id;
  task.when = when;
  task.service = service;
  task.up = TaskCommand{TaskCommand::Where::Copy, service.empty() ? "web" : service, {"/hook", "secret"}};
  return task;
}

TaskSpec migration(const std::string& id, Phase phase = Phase::Expand, const std::string& sql = "select 1") {
  TaskSpec task;
  task.id = id;
  task.kind = Kind::Migration;
  task.phase = phase;
  task.service = "web";
  task.up = TaskCommand{TaskCommand::Where::Own, "web", {"psql", "-c", sql}};
  task.down = TaskCommand{TaskCommand::Where::Own, "web", {"psql", "-c", "undo"}};
  task.status = TaskCommand{TaskCommand::Where::Own, "web", {"psql", "-c", "select version"}};
  task.isCompatible = phase != Phase::Contract;
  return task;
}

StackSpec shop(const std::string& version, std::vector<TaskSpec> tasks) {
  auto stack = stackOf({service("web", "shop/web:" + version), service("api", "shop/api:1")});
  for (auto& [name, spec] : stack.services)
    spec.expose = {80};
  stack.policy.tasks = std::move(tasks);
  return stack;
}

Plan planWith(std::vector<TaskSpec> tasks) {
  return planFor(shop("2", std::move(tasks)), worldOf(shop("1", {})));
}

std::string problemsOf(const Plan& plan, const std::string& code) {
  std::string text;
  for (const auto& problem : plan.problems)
    if (problem.code == code)
      text += (text.empty() ? "" : "\n") + std::string(toString(problem.severity)) + ": " + problem.message;
  return text;
}

std::string stepsOf(const Plan& plan) {
  std::string text = "\n";
  for (const auto& step : plan.steps)
    if (step.kind == StepKind::Migrate || step.kind == StepKind::Hook || step.kind == StepKind::Start)
      text += step.id + ": " + step.title + "\n";
  return text;
}

std::string wordsIn(const std::string& sql) {
  std::string text;
  for (const auto& word : breakingWords(sql))
    text += (text.empty() ? "" : ", ") + word;
  return text;
}

} // namespace

class PlanTasksTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void eachStandsWhereItRuns() {
    auto smoke = hook("smoke", When::After, "web");
    smoke.onError = TaskSpec::OnError::Ask;
    auto plan = planWith({hook("tell", When::After), migration("drop", Phase::Contract), smoke,
                          hook("backup", When::Before), migration("fill", Phase::Migrate), migration("add"),
                          hook("alarm", When::OnFailure), hook("others", When::Before, "api")});
    QCOMPARE(stepsOf(plan), std::string(R"(
1.hook.backup: before the release: hook backup, in a running copy of web, at most 1 min; if it fails, what was changed is undone
1.web.migrate.add: migration add (expand), in a copy of web made for it, at most 1 min; an undo runs its down once the code is back; if it fails, what was changed is undone
1.web.migrate.fill: migration fill (migrate), in a copy of web made for it, at most 1 min; an undo runs its down once the code is back; if it fails, what was changed is undone
1.web.start: start 1 copy of web 2
1.web.hook.smoke: hook smoke, in a running copy of web, at most 1 min; if it fails, a person decides
1.hook.tell: after the release: hook tell, in a running copy of web, at most 1 min; if it fails, what was changed is undone
1.migrate.drop: after the release: migration drop (contract), in a copy of web made for it, at most 1 min; an undo runs its down once the code is back; if it fails, what was changed is undone
1.hook.alarm: on failure: hook alarm, in a running copy of web, at most 1 min; if it fails, that is noted
)"));
    const auto text = toText(plan);
    QVERIFY(text.find("before the release: hook backup") < text.find("  web "));
    QVERIFY(text.find("after the release: migration drop") > text.find("hook smoke"));
  }

  void aPlanCarriesNoCommandAndReadsBack() {
    const auto plan = planWith({hook("backup", When::Before), migration("add")});
    const auto json = dumpJson(toJson(plan));
    QVERIFY(json.find("secret") == std::string::npos && json.find("psql") == std::string::npos);
    auto read = planFromJson(*parseJson(json));
    QVERIFY2(read.has_value(), read ? "" : read.error().toString().c_str());
    QVERIFY(*read == plan);
  }

  void anotherCommandIsAnotherPlan() {
    const auto one = planWith({migration("add", Phase::Expand, "select 1")});
    const auto other = planWith({migration("add", Phase::Expand, "select 2")});
    QVERIFY(one.hash != other.hash);
    QCOMPARE(differences(one, other).size(), size_t(1));
    QVERIFY(differences(one, other).front().starts_with("tasks.add.command_hash: "));
  }

  void whoDoesNotChangeHasNoTasks() {
    auto plan = planFor(shop("1", {migration("add"), hook("backup", When::Before)}), worldOf(shop("1", {})));
    QVERIFY(plan.isEmpty() && plan.tasks.empty() && plan.steps.empty());
  }

  void aTryRunsNone() {
    const auto plan = tryPlan(planWith({migration("add")}));
    QVERIFY(!plan.isEmpty() && plan.tasks.empty());
  }

  void anApprovalStandsBeforeItsMigration() {
    auto first = migration("add"), last = migration("drop", Phase::Contract);
    first.approval = "may-add";
    last.approval = "may-drop";
    auto plan = planWith({first, last});
    QCOMPARE(plan.approvals.size(), size_t(2));
    QCOMPARE(plan.approvals[0].service, std::string("web"));
    QVERIFY(plan.approvals[0].when == ApprovalSpec::When::Before);
    QCOMPARE(plan.approvals[1].wave, 1);
    QVERIFY(plan.approvals[1].when == ApprovalSpec::When::After);
    for (const auto& step : plan.steps)
      if (step.kind == StepKind::Migrate)
        QVERIFY(step.needsApproval);
  }

  void sqlThatBreaksTheOldCodeIsNamed_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("words");
    QTest::newRow("nothing") << "alter table t add column c int default 0; create index i on t (c)"
                             << "";
    QTest::newRow("drops") << "ALTER TABLE t\n  DROP\tCOLUMN c; drop table u"
                           << "DROP COLUMN, DROP TABLE";
    QTest::newRow("renames") << "alter table t rename column a to b"
                             << "RENAME";
    QTest::newRow("renames a table") << "alter table t rename to u"
                                     << "RENAME";
    QTest::newRow("tightens") << "alter table t alter column c set not null"
                              << "SET NOT NULL";
    QTest::newRow("another type") << "alter table t alter c type bigint"
                                  << "ALTER COLUMN TYPE";
    QTest::newRow("no default") << "alter table t add column a int, add b numeric(10, 2) not null"
                                << "NOT NULL without DEFAULT";
    QTest::newRow("a default") << "alter table t add if not exists b numeric(10, 2) not null default 0, add "
                                  "column n bigserial not null"
                               << "";
    QTest::newRow("a new table") << "create table u (a int not null, b text not null)"
                                 << "";
    QTest::newRow("truncates") << "truncate t"
                               << "TRUNCATE";
    QTest::newRow("in a comment") << "-- drop table t\n/* truncate t */ select 1"
                                  << "";
    QTest::newRow("in a text") << "insert into t values ('drop table t')"
                               << "";
    QTest::newRow("a name") << "select drop_table_count from rename_to"
                            << "";
  }
  void sqlThatBreaksTheOldCodeIsNamed() {
    QFETCH(QString, sql);
    QFETCH(QString, words);
    QCOMPARE(QString::fromStdString(wordsIn(sql.toStdString())), words);
  }

  void aLongSqlIsReadInReasonableTime() {
    std::string sql = "select " + std::string(1 << 20, 'x');
    QCOMPARE(wordsIn(sql), std::string());
  }

  void thePlanWarnsOfIt() {
    auto request =
        requestFor(shop("2", {migration("swap", Phase::Expand, "alter table t rename a to b"),
                              migration("file"), migration("drop", Phase::Contract, "drop table t")}),
                   worldOf(shop("1", {})));
    request.sqlTexts["file"] = "truncate t";
    const auto plan = *makePlan(request);
    QCOMPARE(
        problemsOf(plan, "migration-breaks-old-code"),
        std::string("warning: the migration file has SQL that may break the version that still serves then: "
                    "TRUNCATE; add first and drop in a later release: see breaking-change.md\n"
                    "warning: the migration swap has SQL that may break the version that still serves then: "
                    "RENAME; add first and drop in a later release: see breaking-change.md\n"
                    "info: the migration drop takes away what the version before may use (DROP TABLE); it "
                    "runs last, when no copy of that version is left and, where the release is watched (in "
                    "the window, and with --wait-bake), when its bake is over"));
  }

  void aPointOfNoReturnIsSaid() {
    auto task = migration("phone");
    task.down.reset();
    task.isReversible = false;
    task.versions = {"030_phone.sql"};
    QCOMPARE(
        problemsOf(planWith({task}), "point-of-no-return"),
        std::string("info: the migration phone cannot be reversed: 030_phone.sql stays; to go back past it "
                    "must be confirmed by the versions' names"));
    QCOMPARE(problemsOf(planWith({migration("add")}), "point-of-no-return"), std::string());
  }

  void aDownOfWhichNoStatusTellsIsNoWayBack() {
    auto task = migration("add");
    task.status.reset();
    QCOMPARE(problemsOf(planWith({task}), "point-of-no-return"),
             std::string("warning: the migration add has a `down` and no `status`: nothing tells whether its "
                         "`up` did what the `down` would take away, so no undo runs it; to go back past it "
                         "must be confirmed by the versions' names"));
    auto request = requestFor(shop("1", {}), worldOf(shop("2", {})));
    request.schemaPast = std::vector<SchemaStep>{{task, 9, {"add"}}};
    const auto plan = *makePlan(request);
    QVERIFY(plan.tasks.empty());
    QVERIFY(plan.pastSchema == std::vector<std::string>{"add"});
  }

  void aServiceThatIsNotThereIsAnError() {
    auto task = hook("smoke", When::After);
    task.up->service = "tools";
    const auto plan = planWith({task});
    QVERIFY(plan.hasErrors());
    QVERIFY(problemsOf(plan, "task-without-service").find("the hook smoke is to run in tools") !=
            std::string::npos);
  }

  void aRollbackTakesTheNewestStepsBackDownToOneThatStays() {
    auto forward = migration("phone");
    forward.down.reset();
    forward.isReversible = false;
    auto request = requestFor(shop("1", {migration("email")}), worldOf(shop("2", {})));
    request.schemaPast = std::vector<SchemaStep>{{migration("email"), 9, {"3.sql"}},
                                                 {migration("fax"), 8, {"2.sql"}},
                                                 {forward, 7, {"1.sql"}},
                                                 {migration("old"), 6, {"0.sql"}}};
    const auto plan = *makePlan(request);
    QCOMPARE(plan.tasks.size(), size_t(2));
    QCOMPARE(plan.tasks[0].spec.id + " " + std::to_string(plan.tasks[0].reverses), std::string("email 9"));
    QCOMPARE(plan.tasks[1].spec.id + " " + std::to_string(plan.tasks[1].reverses), std::string("fax 8"));
    QVERIFY(plan.tasks[0].spec.when == When::After && plan.tasks[0].spec.service.empty());
    QVERIFY(plan.pastSchema == (std::vector<std::string>{"1.sql", "0.sql"}));
    QVERIFY(problemsOf(plan, "past-schema").find("1.sql, 0.sql") != std::string::npos);
    auto read = planFromJson(toJson(plan));
    QVERIFY(read && *read == plan);
  }

  void aRollbackOfOneServiceLeavesWhatStoodAtTheRelease() {
    auto atRelease = migration("drop-names");
    atRelease.service.clear();
    auto request = requestFor(shop("1", {}), worldOf(shop("2", {})));
    request.services = {"web"};
    request.schemaPast = std::vector<SchemaStep>{
        {migration("email"), 9, {"4.sql"}}, {atRelease, 8, {"3.sql"}}, {migration("fax"), 7, {"2.sql"}}};
    const auto plan = *makePlan(request);
    QCOMPARE(plan.tasks.size(), size_t(1));
    QCOMPARE(plan.tasks[0].spec.id, std::string("email"));
    QVERIFY(plan.pastSchema == (std::vector<std::string>{"3.sql", "2.sql"}));
    request.services.clear(); // the control
    QVERIFY(makePlan(request)->pastSchema.empty());
  }

  void aRollbackToCodeWhoseSchemaWasTakenBackIsRefused() {
    auto request = requestFor(shop("1", {}), worldOf(shop("2", {})));
    SchemaStep step{migration("email"), 5, {"3.sql"}};
    step.task.up.reset(); // it is not in effect any more
    request.schemaPast = {step};
    const auto plan = *makePlan(request);
    QVERIFY(plan.tasks.empty() && plan.pastSchema.empty());
    QCOMPARE(problemsOf(plan, "schema-missing"),
             std::string("error: the version you go back to was rolled out with the migration email (3.sql), "
                         "which was taken back since, and a rollback runs no `up`: deploy that version's "
                         "files"));
    step.task.phase = Phase::Contract; // code that it came after works without it
    request.schemaPast = {step};
    QVERIFY(!makePlan(request)->hasErrors());
    step.task.phase = Phase::Expand;
    step.task.service = "api"; // of which nothing changes
    request.schemaPast = {step};
    QVERIFY(!makePlan(request)->hasErrors());
  }

  void theFourPhasesOfABreakingChange_data() {
    QTest::addColumn<int>("phase");
    QTest::addColumn<QString>("tasks");
    QTest::newRow("expand") << 1 << QStringLiteral("add-full-name");
    QTest::newRow("migrate") << 2 << QStringLiteral("fill-full-name");
    QTest::newRow("code") << 3 << QString();
    QTest::newRow("contract") << 4 << QStringLiteral("drop-names");
  }
  void theFourPhasesOfABreakingChange() {
    QFETCH(int, phase);
    QFETCH(QString, tasks);
    const auto load = [](int n) {
      compose::LoadRequest request;
      request.files = {std::string(RATDECK_SOURCE_FOLDER) + "/resources/breaking-change/phase-" +
                       std::to_string(n) + ".yml"};
      request.projectName = "shop";
      auto loaded = compose::load(request);
      if (!loaded)
        qFatal("%s", loaded.error().toString().c_str());
      return loaded->stack;
    };
    auto before = load(phase == 1 ? 1 : phase - 1);
    if (phase == 1)
      before.services.at("web").image = "shop/web:1";
    const auto plan = planFor(load(phase), worldOf(before));
    QVERIFY(!plan.hasErrors());
    QCOMPARE(plan.services.size(), size_t(1));
    QString names;
    for (const auto& task : plan.tasks)
      names += QString::fromStdString(task.spec.id);
    QCOMPARE(names, tasks);
    const auto breaks = problemsOf(plan, "migration-breaks-old-code");
    QVERIFY2(breaks.find("warning") == std::string::npos, breaks.c_str());
    QCOMPARE(problemsOf(plan, "point-of-no-return").empty(), phase != 4);
  }
};

QTEST_APPLESS_MAIN(PlanTasksTest)
#include "tst_plan_tasks.moc"
