// What is checked before the first change: the windows and freezes of a stack, with an override that is kept,
// and what is broken already.
#include <QtTest>

#include "tests/e2e/sandbox/sandbox_rig.h"

#include <QFile>

#include <algorithm>

using namespace ratdeck;

class TestChecks : public QObject {
  Q_OBJECT

  std::unique_ptr<SandboxRig> m_rig;
  int m_next = 2;

  QString nextVersion() { return QStringLiteral("%1.0.0").arg(m_next++); }
  QString writeOverlay(const char* name, const QByteArray& keys) const {
    return QString::fromStdString(m_rig->writeFile(QLatin1String(name), "x-ratdeck:\n" + keys));
  }
  // What is watched after the switch is another test's business.
  QString quickPortal() const {
    return QString::fromStdString(
        m_rig->writeFile(QStringLiteral("portal.yml"),
                         "services:\n  portal: { x-ratdeck: { monitor: 0s, keep_warm: 0s } }\n"));
  }
  QString frozen() const {
    return writeOverlay("frozen.yml",
                        "  freezes: [{ from: 2020-01-01, to: 2200-01-01, reason: the audit }]\n");
  }
  // Open for a minute a week, three days from now or before.
  QString closedWindow() const {
    const char* days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    const auto day = QDateTime::currentDateTimeUtc().addDays(3).date().dayOfWeek() - 1;
    return writeOverlay("window.yml", QByteArray("  windows: [{ days: [") + days[day] +
                                          "], from: \"11:58\", to: \"11:59\" }]\n");
  }

  QStringList words(const char* command, const QString& overlay, const QStringList& more = {}) const {
    QStringList arguments = {QLatin1String(command), QStringLiteral("--output"), QStringLiteral("json")};
    const auto files = m_rig->files() + QStringList{quickPortal(), overlay};
    for (const auto& file : files)
      if (!file.isEmpty())
        arguments << QStringLiteral("-f") << file;
    if (qstrcmp(command, "history") != 0)
      arguments << QStringLiteral("--service") << QStringLiteral("portal");
    return arguments << more;
  }
  CliResult deploy(const QString& version, const QString& overlay, const QStringList& more = {}) {
    return m_rig->run(words("deploy", overlay, QStringList(QStringLiteral("--yes")) << more), version);
  }
  CliResult plan(const QString& version, const QString& overlay) {
    return m_rig->run(words("plan", overlay), version);
  }
  void fault(const QStringList& what) {
    const auto done = m_rig->run(
        QStringList{QStringLiteral("sandbox"), QStringLiteral("fault"), QStringLiteral("portal")} << what);
    QVERIFY2(done.exitCode == 0, done.toString().c_str());
  }
  static bool has(const Json& problems, const char* code) {
    return std::any_of(problems.begin(), problems.end(),
                       [&](const Json& problem) { return textAt(problem, "code") == code; });
  }
  std::string runningVersion() { return m_rig->versionsOf("portal").front(); }

private Q_SLOTS:
  void initTestCase() {
    m_rig = std::make_unique<SandboxRig>();
    const auto up = m_rig->up();
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
  }
  void cleanupTestCase() { m_rig.reset(); }

  void aDeployInAFreezeOrOutsideItsWindowsIsRefusedAndChangesNothing_data() {
    QTest::addColumn<bool>("isFreeze");
    QTest::newRow("freeze") << true;
    QTest::newRow("outside-window") << false;
  }
  void aDeployInAFreezeOrOutsideItsWindowsIsRefusedAndChangesNothing() {
    QFETCH(bool, isFreeze);
    const auto overlay = isFreeze ? frozen() : closedWindow();
    const auto before = m_rig->newestJournal();
    const auto refused = deploy(QStringLiteral("2.0.0"), overlay);
    QVERIFY2(refused.exitCode == 2, refused.toString().c_str());
    const char* until = isFreeze ? "deploys are frozen until Thu 2200-01-02 00:00 (UTC): the audit"
                                 : "the next deploy may begin on ";
    for (const char* part : {until, "--override-window REASON", "a rollback may begin at any time"})
      QVERIFY2(refused.err.find(part) != std::string::npos, refused.err.c_str());
    QCOMPARE(m_rig->newestJournal(), before);
    QCOMPARE(runningVersion(), std::string("1.0.0"));

    const auto planned = plan(QStringLiteral("2.0.0"), overlay);
    QVERIFY2(planned.exitCode == 0, planned.toString().c_str());
    QVERIFY(has(memberAt(planned.json, "problems"), QTest::currentDataTag()));
    // The control: it is the same plan at any other time.
    QCOMPARE(textAt(planned.json, "hash"), textAt(plan(QStringLiteral("2.0.0"), {}).json, "hash"));
  }

  void aBlankReasonIsBadUsage() {
    const auto refused =
        deploy(QStringLiteral("2.0.0"), frozen(), {QStringLiteral("--override-window"), QStringLiteral(" ")});
    QVERIFY2(refused.exitCode == 2, refused.toString().c_str());
  }

  void anOverrideGoesAndItsReasonIsKeptAndARollbackNeedsNone() {
    const auto done = deploy(nextVersion(), frozen(),
                             {QStringLiteral("--override-window"), QStringLiteral("the login is broken")});
    QVERIFY2(done.exitCode == 0, done.toString().c_str());
    const std::string reason = "the login is broken";
    QCOMPARE(textAt(done.json, "window_override"), reason);
    const auto lines = m_rig->journal(m_rig->newestJournal());
    const auto started = std::find_if(lines.begin(), lines.end(),
                                      [](const JournalLine& line) { return line.type == "RolloutStarted"; });
    QVERIFY(started != lines.end());
    QCOMPARE(textAt(memberAt(started->data, "detail"), "window_override"), reason);
    const auto history = m_rig->run(words("history", frozen()));
    QCOMPARE(textAt(memberAt(history.json, "rollouts").at(0), "window_override"), reason);

    const auto back = m_rig->run(words("rollback", frozen(), {QStringLiteral("--yes")}));
    QVERIFY2(back.exitCode == 0, back.toString().c_str());
    QCOMPARE(runningVersion(), std::string("1.0.0"));
  }

  void inItsWindowNoReasonIsNeededAndNoneIsKept() {
    const auto open = writeOverlay("open.yml", "  windows: [{}]\n");
    const auto done =
        deploy(nextVersion(), open, {QStringLiteral("--override-window"), QStringLiteral("for nothing")});
    QVERIFY2(done.exitCode == 0, done.toString().c_str());
    QCOMPARE(textAt(done.json, "window_override"), std::string());
  }

  void aTimeZoneThatDoesNotExistIsAnErrorAtItsPlace() {
    const auto overlay = writeOverlay("zone.yml", "  windows: [{ timezone: Europe/Atlantis }]\n");
    const auto refused = deploy(nextVersion(), overlay);
    QVERIFY2(refused.exitCode == 2, refused.toString().c_str());
    QVERIFY2(refused.err.starts_with(overlay.toStdString() + ":2:"), refused.err.c_str());
  }

  void aPlanAsAPageIsOneFileForPeople() {
    const auto path = m_rig->folder() + QStringLiteral("/plan.html");
    const auto planned =
        m_rig->run(words("plan", {}, {QStringLiteral("--out"), path}), QStringLiteral("9.0.0"));
    QVERIFY2(planned.exitCode == 0, planned.toString().c_str());
    QFile page(path);
    QVERIFY(page.open(QIODevice::ReadOnly));
    const auto text = page.readAll();
    QVERIFY(text.startsWith("<!DOCTYPE html>") && text.contains("portal") && text.contains("9.0.0"));
    const auto refused = m_rig->run({QStringLiteral("deploy"), path, QStringLiteral("--yes")});
    QVERIFY2(refused.exitCode == 2, refused.toString().c_str()); // it is none to be carried out
  }

  void whatWasLookedAtIsInThePlan() {
    const auto planned = plan(QStringLiteral("9.0.0"), {});
    std::string looked;
    for (const auto& check : memberAt(planned.json, "preflight"))
      looked += textAt(check, "what") + " ";
    QCOMPARE(looked, std::string("health disk active runs "));
    QCOMPARE(textAt(memberAt(planned.json, "steps").at(0), "kind"), std::string("preflight"));
  }

  void whatWasBrokenBeforeIsLeftAsBrokenWhereTheNewVersionIsNoBetter() {
    fault({QStringLiteral("never-healthy"), QStringLiteral("--now")});
    fault({QStringLiteral("never-healthy"), QStringLiteral("--next")});
    const auto before = runningVersion();
    const auto version = nextVersion();
    const auto planned = plan(version, {});
    QVERIFY2(has(memberAt(planned.json, "baseline"), "already-down"), dumpJson(planned.json).c_str());
    const auto failed = deploy(version, {});
    QVERIFY2(failed.exitCode == 3, failed.toString().c_str());
    QCOMPARE(textAt(memberAt(failed.json, "broken_before").at(0), "now"), std::string("still"));
    QCOMPARE(runningVersion(), before);
  }

  void whatWasBrokenBeforeIsMendedByAVersionThatIsWell() {
    fault({QStringLiteral("clear")});
    fault({QStringLiteral("never-healthy"), QStringLiteral("--now")});
    const auto version = nextVersion();
    const auto mended = deploy(version, {});
    QVERIFY2(mended.exitCode == 0, mended.toString().c_str());
    QCOMPARE(textAt(memberAt(mended.json, "broken_before").at(0), "now"), std::string("mended"));
    QCOMPARE(runningVersion(), version.toStdString());
    // The control: nothing is broken now.
    const auto well = deploy(nextVersion(), {});
    QVERIFY2(well.exitCode == 0, well.toString().c_str());
    QVERIFY(!well.json.contains("broken_before"));
  }
};

QTEST_GUILESS_MAIN(TestChecks)
#include "tst_checks.moc"
