#include "tests/specification/scenes.h"

namespace ratdeck {

using namespace sentences;

void SpecificationScenes::section_3_active_runs_end_before_the_runner_is_switched() {
  const auto swap = [this](const QString& version, const QStringList& overlays) {
    if (const auto problem = stage().make(QStringLiteral("runner"), version); !problem.isEmpty())
      qWarning("%s", qPrintable(problem));
    return stage().startRuns(2, 5000) ? stage().play(deployOf(QStringLiteral("runner")), version, overlays)
                                      : Scene{};
  };
  const Scene waits = swap(QStringLiteral("10.0.0"), {});
  QVERIFY2(waits.result.exitCode == 0, waits.result.toString().c_str());
  QCOMPARE(text(runsEndBeforeTheSwitch(waits)), QString());
  QVERIFY(!runsEndBeforeTheSwitch(swap(QStringLiteral("10.0.1"), {QStringLiteral("no_drain.yml")})).empty());
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
}

} // namespace ratdeck
