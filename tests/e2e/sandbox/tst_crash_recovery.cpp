// The engine is killed with SIGKILL in each phase of a swap, under load; then the rollout is resumed, and, in
// another run, undone. Nobody is hurt, no event is lost, no copy is left over.
#include <QtTest>

#include "tests/e2e/sandbox/sandbox_rig.h"

#include <QFile>

#include <algorithm>

using namespace ratdeck;

class TestCrashRecovery : public QObject {
  Q_OBJECT

  std::unique_ptr<SandboxRig> m_rig;
  QString m_version = QStringLiteral("1.0.0");
  int m_next = 2;

  // What was on disk when the engine died is still there, byte for byte, at the start of the finished
  // journal.
  static QByteArray contentOf(const std::string& path) {
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }
  CliResult fault(const QString& what, const QString& scope) {
    return m_rig->run(
        {QStringLiteral("sandbox"), QStringLiteral("fault"), QStringLiteral("ratq"), what, scope});
  }
  static QByteArray wholeLines(QByteArray text) { return text.left(text.lastIndexOf('\n') + 1); }

private Q_SLOTS:
  void initTestCase() {
    m_rig = std::make_unique<SandboxRig>();
    auto up = m_rig->up();
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
  }
  void cleanupTestCase() { m_rig.reset(); }

  void goesOnOrComesBackAfterTheEngineWasKilled_data() {
    QTest::addColumn<QString>("event");
    QTest::addColumn<bool>("undo");
    for (const char* event :
         {"RolloutStarted", "StartRequested", "InstanceStarted", "GatePassed", "JoinRequested",
          "TrafficSwitched", "RouterDrainRequested", "InFlightDrained", "LeaveRequested", "StopRequested"})
      for (bool undo : {false, true})
        QTest::addRow("killed at %s, then %s", event, undo ? "undone" : "resumed")
            << QString::fromLatin1(event) << undo;
  }
  void goesOnOrComesBackAfterTheEngineWasKilled() {
    QFETCH(QString, event);
    QFETCH(bool, undo);
    auto target = QStringLiteral("%1.0.0").arg(m_next++);
    auto before = m_rig->newestJournal();
    QCOMPARE(m_rig->startLoad(100).exitCode, 0);
    // What follows these is over in milliseconds: a copy that ignores SIGTERM makes it last a whole grace.
    if (event == QStringLiteral("LeaveRequested") || event == QStringLiteral("StopRequested"))
      QCOMPARE(fault(QStringLiteral("ignore-sigterm"), QStringLiteral("--now")).exitCode, 0);

    auto engine = m_rig->begin({QStringLiteral("deploy"), QStringLiteral("--service"), QStringLiteral("ratq"),
                                QStringLiteral("--yes")},
                               target);
    QVERIFY(m_rig->waitForEvent(before, event.toStdString(), {}));
    engine->kill();
    QVERIFY(engine->waitForFinished());
    auto path = m_rig->newestJournal();
    auto atDeath = wholeLines(contentOf(path));

    auto after = m_rig->run({QStringLiteral("resume-unfinished"),
                             undo ? QStringLiteral("--roll-back") : QStringLiteral("--resume"),
                             QStringLiteral("--output"), QStringLiteral("json")},
                            target);
    auto load = m_rig->stopLoad();
    QCOMPARE(fault(QStringLiteral("clear"), QStringLiteral("--now")).exitCode, 0);
    QVERIFY2(after.exitCode == (undo ? 3 : 0), after.toString().c_str());
    QCOMPARE(textAt(after.json, "result"), undo ? "aborted" : "succeeded");
    QVERIFY2(integerAt(load, "failed", -1) == 0, dumpJson(load).c_str());
    QVERIFY2(contentOf(path).startsWith(atDeath), "an event that was on disk is gone");
    if (!undo)
      m_version = target;
    auto versions = m_rig->versionsOf("ratq");
    QVERIFY2(versions == std::vector<std::string>{m_version.toStdString()}, "a copy is missing or left over");
    auto left =
        m_rig->run({QStringLiteral("resume-unfinished"), QStringLiteral("--output"), QStringLiteral("json")});
    QVERIFY(memberAt(left.json, "rollouts").empty());
  }
};

QTEST_GUILESS_MAIN(TestCrashRecovery)
#include "tst_crash_recovery.moc"
