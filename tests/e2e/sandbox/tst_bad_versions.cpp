// Version 2 is bad in every way that a version can be bad: version 1 goes on serving, the exit code is 3, the
// evidence is kept, and what failed is no more than what was routed to the bad copy.
#include <QtTest>

#include "tests/e2e/sandbox/sandbox_rig.h"

#include <QDir>
#include <QFile>

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
  // Of each process of the service, sorted: its command without what names the copy, and its environment.
  std::vector<QByteArray> processesOf(const QString& service) const {
    const QDir table(m_rig->folder() + QStringLiteral("/ratdeck/sandbox/default/pids"));
    std::vector<QByteArray> found;
    for (const auto& name : table.entryList({QStringLiteral("*-%1-*.json").arg(service)})) {
      const auto record = parseJson(read(table.filePath(name)).toStdString());
      const auto process = QStringLiteral("/proc/%1/").arg(integerAt(record.value_or(Json()), "pid"));
      auto words = read(process + QStringLiteral("cmdline")).split('\0');
      for (const char* own : {"--address", "--instance"})
        if (const auto at = words.indexOf(own); at >= 0)
          words.remove(at, 2);
      found.push_back(words.join(' ') + " | " + read(process + QStringLiteral("environ")).replace('\0', ' '));
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  static QByteArray read(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }
  // ratd stops first, and has this environment too.
  CliResult deployRatdStopFirst(const QByteArray& variable) {
    const auto path = m_rig->writeFile(QStringLiteral("ratd.yml"),
                                       "services:\n  ratd:\n    environment: { " + variable +
                                           " }\n    deploy: { update_config: { order: stop-first, "
                                           "failure_action: rollback } }\n");
    QStringList words = {QStringLiteral("deploy"), QStringLiteral("--service"), QStringLiteral("ratd"),
                         QStringLiteral("--yes"),  QStringLiteral("--output"),  QStringLiteral("json")};
    QStringList files = m_rig->files();
    files << QString::fromStdString(path);
    for (const auto& file : files)
      words << QStringLiteral("-f") << file;
    return m_rig->run(words);
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
    const auto before = processesOf(service);
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
    QVERIFY(!before.empty() && processesOf(service) == before);
    QVERIFY(hasEvidence());
  }

  // Where the old copy stopped first, what comes back is made of what is stored.
  void aBadEnvironmentIsUndoneToWhatRanBefore() {
    const auto before = processesOf(QStringLiteral("ratd"));
    QCOMPARE(before.size(), size_t(1));
    QVERIFY(before.front().contains("--version 1.0.0") && before.front().contains("RUNNER_ADDR="));
    const auto bad = deployRatdStopFirst("RUNNER_ADDR: 'http://127.0.0.1:1'");
    QVERIFY2(bad.exitCode == 3, bad.toString().c_str());
    QCOMPARE(textAt(bad.json, "result"), "rolled_back");
    QVERIFY(hasEvidence());
    QVERIFY2(processesOf(QStringLiteral("ratd")) == before,
             processesOf(QStringLiteral("ratd")).front().constData());
    const auto good = deployRatdStopFirst("NOBODY: asks"); // the control
    QVERIFY2(good.exitCode == 0, good.toString().c_str());
    const auto after = processesOf(QStringLiteral("ratd"));
    QVERIFY(after != before && after.front().contains("NOBODY=asks"));
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
