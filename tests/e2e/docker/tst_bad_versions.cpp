// Version 2 is bad in every way that a version can be bad, in containers: version 1 goes on serving, the exit
// code is 3, the evidence is kept, nothing is left over, and what failed is no more than what was routed to
// the bad copy.
#include "tests/e2e/docker/stack_rig.h"

#include <curl/curl.h>

#include <algorithm>

using namespace ratdeck;

class TestBadVersions : public QObject {
  Q_OBJECT

  std::unique_ptr<StackRig> m_rig;

  std::vector<JournalLine> lines() const { return m_rig->journal(m_rig->newestJournal()); }
  bool hasEvidence() const {
    const auto journal = lines();
    return std::any_of(journal.begin(), journal.end(), [](const auto& line) {
      return line.type == "EvidenceCaptured" && !memberAt(memberAt(line.data, "detail"), "output").empty();
    });
  }
  // Requests that the router sent to the service while it was watched.
  long long routedTo(const std::string& service) const {
    long long routed = 0;
    for (const auto& line : lines())
      if (line.type == "Sampled")
        for (const auto& [name, values] : memberAt(memberAt(line.data, "detail"), "services").items())
          if (name == service)
            routed += integerAt(values, "requests");
    return routed;
  }
  static void addRows(const std::vector<std::array<const char*, 3>>& rows) {
    QTest::addColumn<QString>("service");
    QTest::addColumn<QString>("fault");
    for (const auto& [name, service, fault] : rows)
      QTest::newRow(name) << QString::fromLatin1(service) << QString::fromLatin1(fault);
  }

  struct Attempt {
    CliResult deployed;
    Result<LoadReport> load;
  };
  // Version 2.0.0 with the fault inside, under load.
  Attempt attempt(const QString& service, const QString& fault) {
    const QString version =
        QStringLiteral("2.0.0-") + QString(fault).replace(QLatin1Char('='), QLatin1Char('-'));
    const auto made = m_rig->images().make(service.toStdString(), version.toStdString(), {fault});
    const auto problem = made.isEmpty() ? m_rig->startLoad() : made;
    if (!problem.isEmpty())
      qWarning("%s", qPrintable(problem));
    auto deployed = m_rig->deploy(service, version);
    return {std::move(deployed), m_rig->stopLoad()};
  }

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<StackRig>(QStringLiteral("rdbad"), DockerRig::Options{},
                                       QStringLiteral("loose_tiers.yml"));
    const auto problem = m_rig->startAndBringUp();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }
  void cleanupTestCase() { m_rig.reset(); }

  void leavesVersionOneServingWhenVersionTwoNeverServed_data() {
    addRows({{"never healthy", "ratq", "never-healthy"},
             {"crashes before its first pass", "portal", "crash"},
             {"flaps every 400 ms", "ratd", "flap=400ms"}});
  }
  void leavesVersionOneServingWhenVersionTwoNeverServed() {
    QFETCH(QString, service);
    QFETCH(QString, fault);
    const auto before = m_rig->inventory();
    const auto [result, load] = attempt(service, fault);
    QVERIFY2(result.exitCode == 3, result.toString().c_str());
    QCOMPARE(textAt(result.json, "result"), "rolled_back");
    QVERIFY_VALUE(load);
    QVERIFY2(load->failed() == 0, dumpJson(m_rig->loadJson()).c_str());
    QVERIFY(load->requests() > 100);
    QVERIFY2(m_rig->inventory() == before, "a container is missing or left over");
    QVERIFY(hasEvidence());
  }

  // Long enough that the new copy passes its gate before it crashes, and short enough for its watch of 5 s.
  void comesBackWhenVersionTwoGoesBadUnderTraffic_data() {
    addRows(
        {{"crashes after the switch", "portal", "crash-after=5s"}, {"answers 5xx", "ratd", "errors=0.3"}});
  }
  void comesBackWhenVersionTwoGoesBadUnderTraffic() {
    QFETCH(QString, service);
    QFETCH(QString, fault);
    const auto before = m_rig->inventory();
    const auto [result, load] = attempt(service, fault);
    QVERIFY2(result.exitCode == 3, result.toString().c_str());
    QVERIFY2(m_rig->inventory() == before, "a container is missing or left over");
    QVERIFY(hasEvidence());
    const auto journal = lines();
    QVERIFY(std::any_of(journal.begin(), journal.end(), [](const auto& line) {
      return line.type == "ServingWentBad" || line.type == "InstanceExited";
    }));
    QVERIFY(std::any_of(journal.begin(), journal.end(),
                        [](const auto& line) { return line.type == "TrafficSwitched"; }));
    QVERIFY_VALUE(load);
    const auto routed = routedTo(service.toStdString());
    qInfo("%lld failed of %lld routed during the rollout", load->failed(), routed);
    QVERIFY(load->failed() <= routed);
  }
};

QTEST_GUILESS_MAIN(TestBadVersions)
#include "tst_bad_versions.moc"
