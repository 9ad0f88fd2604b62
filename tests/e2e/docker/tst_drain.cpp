// Active runs of a runner that is rolled, on real containers behind a real HAProxy.
#include "tests/e2e/docker/stack_rig.h"
#include "tests/e2e/drain_cases.h"

#include <curl/curl.h>

using namespace ratdeck;

class TestDrain : public QObject {
  Q_OBJECT

  std::unique_ptr<StackRig> m_rig;
  std::unique_ptr<DrainCases> m_cases;

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<StackRig>(QStringLiteral("rddrain"), DockerRig::Options{},
                                       QStringLiteral("../drain.yml"));
    const auto problem = m_rig->startAndBringUp();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    m_cases = std::make_unique<DrainCases>(*m_rig, m_rig->targets().ratd, [this](const QString& version) {
      QString trouble;
      for (const char* service : {"runner", "ratd"})
        trouble += m_rig->images().make(service, version.toStdString());
      return trouble;
    });
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
