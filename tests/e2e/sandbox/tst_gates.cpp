// A version that passes its health checks and fails its users all the same: the router's counters give it
// away, the old one has the traffic back within the gate's window and two seconds, and what failed is counted
// and attributed. Without the gate it stays: the control.
#include <QtTest>

#include "tests/e2e/sandbox/sandbox_rig.h"

#include <algorithm>

using namespace ratdeck;

namespace {

constexpr double window = 5; // seconds

// Over the stack's files.
QByteArray gates(const QByteArray& ofRatd) {
  return "services:\n  ratd:\n    x-ratdeck:\n      monitor: 8s\n      keep_warm: 8s\n" + ofRatd;
}

const JournalLine* lineOf(const std::vector<JournalLine>& lines, const char* type) {
  auto it = std::find_if(lines.begin(), lines.end(), [&](const auto& line) {
    return line.type == type && textAt(line.data, "service") == "ratd";
  });
  return it == lines.end() ? nullptr : &*it;
}

double bootSeconds(const JournalLine& line) {
  return static_cast<double>(integerAt(memberAt(line.data, "detail"), "boot_ns")) / 1e9;
}

} // namespace

class TestGates : public QObject {
  Q_OBJECT

  std::unique_ptr<SandboxRig> m_rig;

  CliResult deployRatd(const QByteArray& gate, const QStringList& more = {}) {
    QStringList words = {QStringLiteral("deploy"), QStringLiteral("--service"), QStringLiteral("ratd"),
                         QStringLiteral("--yes"),  QStringLiteral("--output"),  QStringLiteral("json")};
    for (const auto& file : m_rig->files())
      words += {QStringLiteral("-f"), file};
    words += {QStringLiteral("-f"),
              QString::fromStdString(m_rig->writeFile(QStringLiteral("gates.yml"), gates(gate)))};
    return m_rig->run(words + more, QStringLiteral("2.0.0"));
  }
  void fault(const QString& what) {
    QStringList words = {QStringLiteral("sandbox"), QStringLiteral("fault"), QStringLiteral("ratd"), what};
    if (what != QStringLiteral("clear"))
      words += QStringLiteral("--next");
    QCOMPARE(m_rig->run(words).exitCode, 0);
  }
  Json ratdOf(const CliResult& result) {
    for (const auto& service : memberAt(result.json, "services"))
      if (textAt(service, "name") == "ratd")
        return service;
    return {};
  }

private Q_SLOTS:
  void initTestCase() {
    m_rig = std::make_unique<SandboxRig>();
    auto up = m_rig->up();
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
    QCOMPARE(m_rig->startLoad().exitCode, 0);
    QVERIFY(m_rig->waitForRequests(200));
  }
  void cleanupTestCase() { m_rig.reset(); }

  void aVersionThatFailsItsUsersIsBackWithinTheWindowAndTwoSeconds_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<QByteArray>("gate");
    QTest::newRow("one in five requests fails")
        << QStringLiteral("errors=0.2")
        << QByteArray("      error_gate: { max_ratio: 0.05, min_requests: 20, window: 5s }\n");
    QTest::newRow("answers take too long")
        << QStringLiteral("slow=800ms")
        << QByteArray("      latency_gate: { max: 300ms, min_requests: 20, window: 5s }\n");
  }
  void aVersionThatFailsItsUsersIsBackWithinTheWindowAndTwoSeconds() {
    QFETCH(QString, what);
    QFETCH(QByteArray, gate);
    fault(what);
    const auto result = deployRatd(gate);
    fault(QStringLiteral("clear"));
    QVERIFY2(result.exitCode == 3, result.toString().c_str());
    const auto lines = m_rig->journal(m_rig->newestJournal());
    const auto *switched = lineOf(lines, "TrafficSwitched"), *back = lineOf(lines, "TrafficReturned");
    const auto* bad = lineOf(lines, "ServingWentBad");
    QVERIFY(switched && back && bad);
    const auto took = bootSeconds(*back) - bootSeconds(*switched);
    const auto answered = memberAt(ratdOf(result), "new_version");
    qInfo("back after %.2f s; %lld of %lld requests failed at the new version", took,
          integerAt(answered, "failed"), integerAt(answered, "requests"));
    QVERIFY(took <= window + 2);
    QVERIFY(m_rig->versionsOf("ratd") == std::vector<std::string>{"1.0.0"});
    // Counted and attributed: no user failed but by an answer of the new version.
    QVERIFY(integerAt(answered, "requests") >= 20);
    QVERIFY(integerAt(answered, "failed") <= integerAt(answered, "requests"));
  }

  void withoutTheGateTheBadVersionStays() {
    fault(QStringLiteral("errors=0.2"));
    const auto result = deployRatd("      error_gate: { max_ratio: 1 }\n");
    fault(QStringLiteral("clear"));
    QVERIFY2(result.exitCode == 0, result.toString().c_str());
    QVERIFY(integerAt(memberAt(ratdOf(result), "new_version"), "failed") > 0);
    QCOMPARE(m_rig->run({QStringLiteral("rollback"), QStringLiteral("--yes")}).exitCode, 0);
  }

  void tooFewRequestsAndNobodyToAskIsNoPass() {
    const auto result = deployRatd("      error_gate: { min_requests: 1000000, inconclusive: ask }\n");
    QVERIFY2(result.exitCode == 3, result.toString().c_str());
    QVERIFY(textAt(result.json, "reason").find("came to no verdict") != std::string::npos);
  }

  void theReleaseIsWatchedForItsBakeTimeWhereThatIsWanted() {
    const auto before = m_rig->newestJournal();
    const auto result = deployRatd("      error_gate: { max_ratio: 0.5 }\n", {QStringLiteral("--wait-bake")});
    QVERIFY2(result.exitCode == 0, result.toString().c_str());
    const auto lines = m_rig->journal(m_rig->newestJournal());
    QVERIFY(std::any_of(lines.begin(), lines.end(),
                        [](const auto& line) { return line.type == "BakeFinished"; }));
    QVERIFY(m_rig->newestJournal() != before);
  }
};

QTEST_GUILESS_MAIN(TestGates)
#include "tst_gates.moc"
