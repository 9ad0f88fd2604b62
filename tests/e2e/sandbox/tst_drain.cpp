// Active runs of a runner that is rolled, on the embedded sandbox.
#include <QtTest>

#include "core/runtime/process/address_file.h"
#include "tests/e2e/drain_cases.h"
#include "tests/e2e/sandbox/sandbox_rig.h"

#include <curl/curl.h>

using namespace ratdeck;

class TestDrain : public QObject {
  Q_OBJECT

  std::unique_ptr<SandboxRig> m_rig;
  std::unique_ptr<DrainCases> m_cases;

private Q_SLOTS:
  void initTestCase() {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<SandboxRig>();
    QStringList words = {QStringLiteral("sandbox"), QStringLiteral("up"), QStringLiteral("--output"),
                         QStringLiteral("json")};
    QStringList files = m_rig->files();
    files << QStringLiteral(DRAIN_OVERLAY);
    for (const auto& file : files)
      words << QStringLiteral("-f") << file;
    const auto up = m_rig->run(words);
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
    const auto addresses = readAddressPlan(m_rig->folder().toStdString() + "/ratdeck/sandbox/default");
    QVERIFY(addresses.has_value());
    m_cases = std::make_unique<DrainCases>(*m_rig, addresses->frontend("ratd") + ":8080",
                                           [](const QString&) { return QString(); });
  }
  void cleanupTestCase() {
    m_cases.reset();
    m_rig.reset();
  }

  void atTheDeadlineItIsUndoneAndTheRunsFinish() { m_cases->atTheDeadlineItIsUndoneAndTheRunsFinish(); }
  void atTheDeadlineTheRunsAreEndedAndNamed() { m_cases->atTheDeadlineTheRunsAreEndedAndNamed(); }
  void atTheDeadlineItIsExtended() { m_cases->atTheDeadlineItIsExtended(); }
  void atTheDeadlineAPersonIsAskedAndMayExtend() { m_cases->atTheDeadlineAPersonIsAskedAndMayExtend(); }
  void aRestartOfTheEngineKeepsTheDeadline() { m_cases->aRestartOfTheEngineKeepsTheDeadline(); }
  void aNumberOfTheServicesOwnIsWaitedFor() { m_cases->aNumberOfTheServicesOwnIsWaitedFor(); }
  void aRunnerWithoutAHealthServiceIsDrainedAllTheSame() {
    m_cases->aRunnerWithoutAHealthServiceIsDrainedAllTheSame();
  }
};

QTEST_GUILESS_MAIN(TestDrain)
#include "tst_drain.moc"
