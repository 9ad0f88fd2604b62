// A person steers: Ctrl-C, a lost terminal, approvals, a drain with active runs, rollback, a second engine.
#include <QtTest>

#include "tests/e2e/sandbox/sandbox_rig.h"

#include <QFile>

#include <algorithm>
#include <csignal>

using namespace ratdeck;

class TestSteering : public QObject {
  Q_OBJECT

  std::unique_ptr<SandboxRig> m_rig;

  std::unique_ptr<QProcess> beginDeploy(const QString& service, const QString& version) {
    return m_rig->begin({QStringLiteral("deploy"), QStringLiteral("--service"), service,
                         QStringLiteral("--yes"), QStringLiteral("--output"), QStringLiteral("json")},
                        version);
  }
  CliResult resume(const QString& how, const QString& version) {
    return m_rig->run(
        {QStringLiteral("resume-unfinished"), how, QStringLiteral("--output"), QStringLiteral("json")},
        version);
  }

private Q_SLOTS:
  void initTestCase() {
    m_rig = std::make_unique<SandboxRig>();
    auto up = m_rig->up();
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
    QCOMPARE(m_rig->startLoad(100).exitCode, 0);
  }
  void cleanupTestCase() {
    auto load = m_rig->stopLoad();
    QVERIFY2(integerAt(load, "failed", -1) == 0, dumpJson(load).c_str());
    m_rig.reset();
  }

  void firstCtrlCFinishesTheSwapInHandAndHolds() {
    auto before = m_rig->newestJournal();
    auto engine = beginDeploy(QStringLiteral("ratq"), QStringLiteral("2.0.0"));
    QVERIFY(m_rig->waitForEvent(before, "InstanceStarted", "ratq"));
    ::kill(static_cast<pid_t>(engine->processId()), SIGINT);
    QVERIFY(engine->waitForFinished(60000));
    // Held after its swap, or, where nothing was left to hold, done.
    QVERIFY2(engine->exitCode() == 130 || engine->exitCode() == 0,
             engine->readAllStandardError().constData());
    if (engine->exitCode() == 130) {
      auto lines = m_rig->journal(m_rig->newestJournal());
      QVERIFY(
          std::any_of(lines.begin(), lines.end(), [](const auto& l) { return l.type == "TrafficSwitched"; }));
      QCOMPARE(resume(QStringLiteral("--resume"), QStringLiteral("2.0.0")).exitCode, 0);
    }
    QVERIFY(m_rig->versionsOf("ratq") == std::vector<std::string>{"2.0.0"});
  }

  void secondCtrlCStopsAtOnceAndTheRolloutCanBeUndone() {
    auto before = m_rig->newestJournal();
    auto engine = beginDeploy(QStringLiteral("ratq"), QStringLiteral("3.0.0"));
    QVERIFY(m_rig->waitForEvent(before, "StartRequested", "ratq"));
    auto pid = static_cast<pid_t>(engine->processId());
    ::kill(pid, SIGINT);
    QVERIFY(m_rig->waitForEvent(before, "RolloutHeld", {}));
    ::kill(pid, SIGINT);
    QVERIFY(engine->waitForFinished(5000));
    QCOMPARE(engine->exitCode(), 130);
    QCOMPARE(resume(QStringLiteral("--roll-back"), QStringLiteral("3.0.0")).exitCode, 3);
    QVERIFY(m_rig->versionsOf("ratq") == std::vector<std::string>{"2.0.0"});
  }

  void aLostTerminalDetachesAndGoesOn() {
    auto before = m_rig->newestJournal();
    auto engine = beginDeploy(QStringLiteral("portal"), QStringLiteral("2.0.0"));
    QVERIFY2(m_rig->waitForEvent(before, "StartRequested", "portal"),
             engine->readAllStandardError().constData());
    ::kill(static_cast<pid_t>(engine->processId()), SIGHUP);
    QVERIFY(engine->waitForFinished(60000));
    QCOMPARE(engine->exitCode(), 0);
    QVERIFY(m_rig->versionsOf("portal") == std::vector<std::string>{"2.0.0"});
  }

  void aSecondEngineIsRefusedWhileOneRolls() {
    auto before = m_rig->newestJournal();
    auto first = beginDeploy(QStringLiteral("ratq"), QStringLiteral("4.0.0"));
    QVERIFY(m_rig->waitForEvent(before, "StartRequested", "ratq"));
    auto second = m_rig->run({QStringLiteral("deploy"), QStringLiteral("--service"), QStringLiteral("portal"),
                              QStringLiteral("--yes")},
                             QStringLiteral("4.0.0"));
    QVERIFY2(second.exitCode == 2, second.toString().c_str());
    QVERIFY2(second.err.find("being changed") != std::string::npos, second.err.c_str());
    QVERIFY(first->waitForFinished(60000));
    QCOMPARE(first->exitCode(), 0);
  }

  void rollbackBringsTheRevisionBeforeBack() {
    auto before = m_rig->versionsOf("ratq");
    auto deployed = m_rig->run({QStringLiteral("deploy"), QStringLiteral("--service"), QStringLiteral("ratq"),
                                QStringLiteral("--yes"), QStringLiteral("--output"), QStringLiteral("json")},
                               QStringLiteral("5.0.0"));
    QVERIFY2(deployed.exitCode == 0, deployed.toString().c_str());
    auto back = m_rig->run({QStringLiteral("rollback"), QStringLiteral("--yes"), QStringLiteral("--output"),
                            QStringLiteral("json")});
    QVERIFY2(back.exitCode == 0, back.toString().c_str());
    QVERIFY(m_rig->versionsOf("ratq") == before);
    QVERIFY(m_rig->versionsOf("portal") == std::vector<std::string>{"2.0.0"});
  }

  void activeRunsHoldTheRunnerBackUntilTheyHaveEnded() {
    QCOMPARE(m_rig
                 ->run({QStringLiteral("sandbox"), QStringLiteral("fault"), QStringLiteral("runner"),
                        QStringLiteral("runs=2x8s"), QStringLiteral("--now")})
                 .exitCode,
             0);
    QVERIFY(QTest::qWaitFor(
        [&] {
          return integerAt(
                     m_rig->run({QStringLiteral("runs"), QStringLiteral("--output"), QStringLiteral("json")})
                         .json,
                     "active") == 2;
        },
        10000));
    auto deployed =
        m_rig->run({QStringLiteral("deploy"), QStringLiteral("--service"), QStringLiteral("runner"),
                    QStringLiteral("--yes"), QStringLiteral("--output"), QStringLiteral("json")},
                   QStringLiteral("2.0.0"));
    QVERIFY2(deployed.exitCode == 0, deployed.toString().c_str());
    QVERIFY(memberAt(deployed.json, "runs_lost").empty());
    auto lines = m_rig->journal(m_rig->newestJournal());
    auto at = [&](const char* type) {
      return std::find_if(lines.begin(), lines.end(), [&](const auto& line) { return line.type == type; }) -
             lines.begin();
    };
    QVERIFY2(at("DrainFinished") < at("TrafficSwitched"), "the switch came before the runs had ended");
  }
};

QTEST_GUILESS_MAIN(TestSteering)
#include "tst_steering.moc"
