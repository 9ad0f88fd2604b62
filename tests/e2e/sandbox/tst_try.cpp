// deploy --try: a new version is started beside the one that serves, passes its gates or does not, and is
// gone again; nobody notices.
#include <QtTest>

#include "tests/e2e/sandbox/sandbox_rig.h"

#include <algorithm>

using namespace ratdeck;

class TestTry : public QObject {
  Q_OBJECT

  std::unique_ptr<SandboxRig> m_rig;

  static QStringList tryOf(const QStringList& services, bool asJson = true) {
    QStringList arguments = {QStringLiteral("deploy"), QStringLiteral("--try")};
    for (const auto& service : services)
      arguments << QStringLiteral("--service") << service;
    return asJson ? arguments << QStringLiteral("--output") << QStringLiteral("json") : arguments;
  }
  CliResult json(const QStringList& arguments, const QString& version = QStringLiteral("1.0.0")) {
    return m_rig->run(arguments + QStringList{QStringLiteral("--output"), QStringLiteral("json")}, version);
  }
  CliResult fault(const QString& what) {
    return m_rig->run({QStringLiteral("sandbox"), QStringLiteral("fault"), QStringLiteral("ratq"), what,
                       QStringLiteral("--next")});
  }
  std::string copies() { return dumpJson(memberAt(json({QStringLiteral("status")}).json, "instances")); }
  std::string planHash() {
    return textAt(json({QStringLiteral("plan")}, QStringLiteral("2.0.0")).json, "hash");
  }
  std::string revisions() { return dumpJson(memberAt(json({QStringLiteral("history")}).json, "revisions")); }
  static std::string resultOf(const Json& outcome, const std::string& name) {
    for (const auto& service : memberAt(outcome, "services"))
      if (textAt(service, "name") == name)
        return textAt(service, "result");
    return {};
  }
  bool wasRouted() const {
    auto lines = m_rig->journal(m_rig->newestJournal());
    return std::any_of(lines.begin(), lines.end(), [](const auto& line) {
      return line.type == "JoinRequested" || line.type == "RouterDrainRequested" ||
             line.type == "TrafficSwitched";
    });
  }

private Q_SLOTS:
  void initTestCase() {
    m_rig = std::make_unique<SandboxRig>();
    auto up = m_rig->up();
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
  }
  void cleanupTestCase() { m_rig.reset(); }

  void aGoodVersionPassesAndNobodyNotices() {
    auto before = copies(), hash = planHash(), known = revisions();
    QCOMPARE(m_rig->startLoad().exitCode, 0);
    auto result = m_rig->run(tryOf({}), QStringLiteral("2.0.0"));
    auto load = m_rig->stopLoad();
    QVERIFY2(result.exitCode == 0, result.toString().c_str());
    QCOMPARE(textAt(result.json, "result"), "succeeded");
    QVERIFY(boolAt(result.json, "try"));
    for (const char* name : {"ratd", "ratq", "portal"})
      QCOMPARE(resultOf(result.json, name), "tried");
    QCOMPARE(resultOf(result.json, "postgres"), "unchanged");
    QVERIFY(memberAt(result.json, "left_over").empty());
    QVERIFY2(integerAt(load, "failed", -1) == 0, dumpJson(load).c_str());
    QVERIFY(integerAt(load, "requests") > 100);
    QVERIFY(!wasRouted());
    QCOMPARE(copies(), before);
    QCOMPARE(planHash(), hash);
    QCOMPARE(revisions(), known);
  }

  void aVersionThatIsNeverHealthyFailsWithItsEvidenceAndTheOthersAreTried() {
    auto before = copies();
    QCOMPARE(m_rig->startLoad().exitCode, 0);
    QCOMPARE(fault(QStringLiteral("never-healthy")).exitCode, 0);
    auto result =
        m_rig->run(tryOf({QStringLiteral("ratq"), QStringLiteral("ratd")}, false), QStringLiteral("2.0.0"));
    QCOMPARE(fault(QStringLiteral("clear")).exitCode, 0);
    auto load = m_rig->stopLoad();
    QVERIFY2(result.exitCode == 1, result.toString().c_str());
    for (const char* said : {"1 of 2 services passed their gates; nothing was routed, nothing is left",
                             "did not pass its gate", "evidence  ", "          | "})
      QVERIFY2(result.out.find(said) != std::string::npos, result.out.c_str());
    QVERIFY2(integerAt(load, "failed", -1) == 0, dumpJson(load).c_str());
    QVERIFY(!wasRouted());
    QCOMPARE(copies(), before);
  }

  void killedInTheMiddleItIsShownAsATryAndWhatItStartedIsRemoved_data() {
    QTest::addColumn<bool>("undo");
    QTest::newRow("resumed") << false;
    QTest::newRow("undone") << true;
  }
  void killedInTheMiddleItIsShownAsATryAndWhatItStartedIsRemoved() {
    QFETCH(bool, undo);
    auto before = copies(), journal = m_rig->newestJournal();
    auto engine = m_rig->begin(tryOf({QStringLiteral("ratq")}), QStringLiteral("2.0.0"));
    QVERIFY(m_rig->waitForEvent(journal, "InstanceStarted", "ratq"));
    engine->kill();
    QVERIFY(engine->waitForFinished());
    QVERIFY(copies() != before);
    auto left = json({QStringLiteral("resume-unfinished")});
    QVERIFY2(memberAt(left.json, "rollouts").size() == 1, left.toString().c_str());
    QVERIFY(boolAt(memberAt(left.json, "rollouts").at(0), "try"));
    auto after = json({QStringLiteral("resume-unfinished"),
                       undo ? QStringLiteral("--roll-back") : QStringLiteral("--resume")});
    QVERIFY2(after.exitCode == (undo ? 3 : 0), after.toString().c_str());
    QCOMPARE(copies(), before);
  }

  void aDeployAndItsRollbackKnowNothingOfTheTriesBefore() {
    auto refused = m_rig->run({QStringLiteral("rollback"), QString::fromStdString(newestRollout())});
    QVERIFY2(refused.exitCode == 2 && refused.err.find("was a try") != std::string::npos,
             refused.toString().c_str());
    auto deployed =
        m_rig->run({QStringLiteral("deploy"), QStringLiteral("--service"), QStringLiteral("ratq")},
                   QStringLiteral("2.0.0"));
    QVERIFY2(deployed.exitCode == 0, deployed.toString().c_str());
    auto tried = m_rig->run(tryOf({QStringLiteral("ratq")}), QStringLiteral("3.0.0"));
    QVERIFY2(tried.exitCode == 0, tried.toString().c_str());
    QVERIFY(m_rig->versionsOf("ratq") == std::vector<std::string>{"2.0.0"});
    auto back = m_rig->run({QStringLiteral("rollback")}, QStringLiteral("3.0.0"));
    QVERIFY2(back.exitCode == 0, back.toString().c_str());
    QVERIFY(m_rig->versionsOf("ratq") == std::vector<std::string>{"1.0.0"});
  }

private:
  std::string newestRollout() const {
    auto path = m_rig->newestJournal();
    auto name = path.substr(path.rfind('/') + 1);
    return name.substr(0, name.rfind('.'));
  }
};

QTEST_GUILESS_MAIN(TestTry)
#include "tst_try.moc"
