#include "tests/specification/scenes.h"

namespace ratdeck {

using namespace sentences;

Scene SpecificationScenes::rollRunner(const QString& version, const QString& overlay, int runs,
                                      int milliseconds) {
  const QString runner = QStringLiteral("runner");
  if (const auto problem = stage().make(runner, version); !problem.isEmpty())
    qWarning("%s", qPrintable(problem));
  if (runs > 0 && !stage().startRuns(runs, milliseconds))
    qWarning("the runs did not start");
  return stage().play(deployOf(runner), version, overlay.isEmpty() ? QStringList() : QStringList{overlay});
}

void SpecificationScenes::section_3_the_old_runner_takes_no_new_work_before_the_switch() {
  const QString steps = QStringLiteral("drain_steps.yml");
  const Scene without = rollRunner(QStringLiteral("10.1.0"), steps); // its old copy has no gRPC health yet
  QVERIFY2(without.result.exitCode == 0, without.result.toString().c_str());
  const Scene with = rollRunner(QStringLiteral("10.1.1"), steps);
  QVERIFY2(with.result.exitCode == 0, with.result.toString().c_str());
  QCOMPARE(text(takesNoNewWork(with, "runner")), QString());
  QVERIFY(!takesNoNewWork(without, "runner").empty()); // the control
}

void SpecificationScenes::section_3_active_runs_end_before_the_runner_is_switched() {
  const Scene waits = rollRunner(QStringLiteral("10.0.0"), {}, 2, 5000);
  QVERIFY2(waits.result.exitCode == 0, waits.result.toString().c_str());
  QCOMPARE(text(runsEndBeforeTheSwitch(waits)), QString());
  const Scene hurries = rollRunner(QStringLiteral("10.0.1"), QStringLiteral("no_drain.yml"), 2, 5000);
  QVERIFY(!runsEndBeforeTheSwitch(hurries).empty());
}

void SpecificationScenes::section_3_runs_that_outlive_the_deadline_are_ended_and_left_to_the_reaper() {
  const Scene ends = rollRunner(QStringLiteral("10.2.0"), QStringLiteral("ends_runs.yml"), 2, 40000);
  QVERIFY2(ends.result.exitCode == 0, ends.result.toString().c_str());
  QCOMPARE(text(leavesRunsToTheReaper(ends, 2)), QString());
  QVERIFY(QTest::qWaitFor([this] { return stage().activeRuns() == 0; }, 60000));
  const Scene goesBack = rollRunner(QStringLiteral("10.2.1"), QStringLiteral("undoes_for_runs.yml"), 2, 6000);
  QVERIFY2(isUndone(goesBack).empty(), goesBack.result.toString().c_str());
  QVERIFY(!leavesRunsToTheReaper(goesBack, 2).empty()); // the control: another answer at the deadline
}

void SpecificationScenes::section_3_a_failed_runner_is_rolled_back() {
  const auto fail = [this](const QStringList& more) {
    const QString version = QStringLiteral("6.0.%1").arg(more.size());
    const auto problem =
        stage().makeFaulty(QStringLiteral("runner"), version, QStringLiteral("never-healthy"));
    if (!problem.isEmpty())
      qWarning("%s", qPrintable(problem));
    auto scene = stage().play(deployOf(QStringLiteral("runner")), version,
                              QStringList{QStringLiteral("quick_verdicts.yml")} + more);
    stage().clear(QStringLiteral("runner"));
    return scene;
  };
  const auto before = stage().rig().versionsOf("runner");
  const Scene failed = fail({});
  QVERIFY2(isUndone(failed).empty(), failed.result.toString().c_str());
  QVERIFY(stage().rig().versionsOf("runner") == before);
  QVERIFY(!isUndone(fail({QStringLiteral("no_rollback.yml")})).empty());
}

void SpecificationScenes::monitoring_5xx_through_the_portal_bring_the_old_version_back() {
  const auto fail = [this](const QString& version, const QStringList& overlays) {
    const auto problem = stage().makeFaulty(QStringLiteral("ratd"), version, QStringLiteral("errors=0.3"));
    if (!problem.isEmpty())
      qWarning("%s", qPrintable(problem));
    auto scene = stage().play(deployOf(QStringLiteral("ratd")), version, overlays, true);
    stage().clear(QStringLiteral("ratd"));
    return scene;
  };
  const auto before = stage().rig().versionsOf("ratd");
  const Scene undone = fail(QStringLiteral("8.0.0"), {});
  QVERIFY2(isUndone(undone).empty(), undone.result.toString().c_str());
  QVERIFY(undone.story.of("ServingWentBad", "ratd"));
  QVERIFY(stage().rig().versionsOf("ratd") == before);
  const Scene unseen = fail(QStringLiteral("8.0.1"), {QStringLiteral("no_error_gate.yml")});
  QVERIFY2(!isUndone(unseen).empty() && unseen.failed > 0, unseen.result.toString().c_str());
  const Scene back = stage().play({QStringLiteral("rollback")}, QStringLiteral("8.0.1"));
  QVERIFY2(back.result.exitCode == 0, back.result.toString().c_str());
  QVERIFY(stage().rig().versionsOf("ratd") == before);
}

} // namespace ratdeck
