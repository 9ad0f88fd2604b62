// Version 2 is bad in every way that a version can be bad: version 1 goes on serving, the exit code is 3, the
// evidence is kept, and what failed is no more than what was routed to the bad copy.
#include <QtTest>

#include "tests/e2e/sandbox/sandbox_rig.h"

#include <algorithm>

using namespace ratdeck;

class TestBadVersions : public QObject {
  Q_OBJECT

  std::unique_ptr<SandboxRig> m_rig;

  CliResult deploy(const QString& service) {
    return m_rig->run({QStringLiteral("deploy"), QStringLiteral("--service"), service,
                       QStringLiteral("--yes"), QStringLiteral("--output"), QStringLiteral("json")},
                      QStringLiteral("2.0.0"));
  }
  CliResult fault(const QString& service, const QString& what) {
    return m_rig->run(
        {QStringLiteral("sandbox"), QStringLiteral("fault"), service, what, QStringLiteral("--next")});
  }
  bool hasEvidence() const {
    auto lines = m_rig->journal(m_rig->newestJournal());
    return std::any_of(lines.begin(), lines.end(), [](const auto& line) {
      return line.type == "EvidenceCaptured" && !memberAt(memberAt(line.data, "detail"), "output").empty();
    });
  }

private Q_SLOTS:
  void initTestCase() {
    m_rig = std::make_unique<SandboxRig>();
    auto up = m_rig->up();
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
  }
  void cleanupTestCase() { m_rig.reset(); }

  void leavesVersionOneServingWhenVersionTwoNeverServed_data() {
    QTest::addColumn<QString>("service");
    QTest::addColumn<QString>("what");
    QTest::newRow("never healthy") << QStringLiteral("ratq") << QStringLiteral("never-healthy");
    QTest::newRow("crashes before its first pass") << QStringLiteral("portal") << QStringLiteral("crash");
    QTest::newRow("flaps every 400 ms") << QStringLiteral("ratd") << QStringLiteral("flap=400ms");
  }
  void leavesVersionOneServingWhenVersionTwoNeverServed() {
    QFETCH(QString, service);
    QFETCH(QString, what);
    QCOMPARE(m_rig->startLoad().exitCode, 0);
    QCOMPARE(fault(service, what).exitCode, 0);
    auto result = deploy(service);
    QCOMPARE(
        m_rig->run({QStringLiteral("sandbox"), QStringLiteral("fault"), service, QStringLiteral("clear")})
            .exitCode,
        0);
    auto load = m_rig->stopLoad();
    QVERIFY2(result.exitCode == 3, result.toString().c_str());
    QCOMPARE(textAt(result.json, "result"), "rolled_back");
    QVERIFY2(integerAt(load, "failed", -1) == 0, dumpJson(load).c_str());
    QVERIFY(integerAt(load, "requests") > 100);
    QVERIFY(m_rig->versionsOf(service.toStdString()) == std::vector<std::string>{"1.0.0"});
    QVERIFY(hasEvidence());
  }

  void comesBackWhenVersionTwoGoesBadUnderTraffic_data() {
    QTest::addColumn<QString>("service");
    QTest::addColumn<QString>("what");
    QTest::newRow("crashes after the switch") << QStringLiteral("portal") << QStringLiteral("crash-after=1s");
    QTest::newRow("answers 5xx") << QStringLiteral("ratd") << QStringLiteral("errors=0.3");
  }
  void comesBackWhenVersionTwoGoesBadUnderTraffic() {
    QFETCH(QString, service);
    QFETCH(QString, what);
    QCOMPARE(m_rig->startLoad().exitCode, 0);
    QCOMPARE(fault(service, what).exitCode, 0);
    auto result = deploy(service);
    QCOMPARE(
        m_rig->run({QStringLiteral("sandbox"), QStringLiteral("fault"), service, QStringLiteral("clear")})
            .exitCode,
        0);
    auto load = m_rig->stopLoad();
    QVERIFY2(result.exitCode == 3, result.toString().c_str());
    QVERIFY(m_rig->versionsOf(service.toStdString()) == std::vector<std::string>{"1.0.0"});
    // Counted and attributed: the journal says how many requests the bad copy got, and no more than those
    // failed.
    auto lines = m_rig->journal(m_rig->newestJournal());
    auto bad = std::find_if(lines.begin(), lines.end(), [](const auto& line) {
      return line.type == "ServingWentBad" || line.type == "InstanceExited";
    });
    QVERIFY(bad != lines.end());
    long long routed = 0;
    for (const auto& line : lines)
      if (line.type == "Sampled")
        for (const auto& [name, values] : memberAt(memberAt(line.data, "detail"), "services").items())
          if (name == service.toStdString())
            routed += integerAt(values, "requests");
    auto failed = integerAt(load, "failed", -1);
    qInfo("%lld failed of %lld routed during the rollout", failed, routed);
    QVERIFY(failed >= 0 && failed <= routed);
    QVERIFY(hasEvidence());
  }
};

QTEST_GUILESS_MAIN(TestBadVersions)
#include "tst_bad_versions.moc"
