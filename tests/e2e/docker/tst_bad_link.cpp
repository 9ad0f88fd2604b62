// Rollouts of real containers while the line between ratdeckctl and its engine is late, stalls and breaks:
// each one succeeds or is undone, and nobody is hurt.
#include "tests/e2e/docker/flaky_link.h"
#include "tests/e2e/docker/stack_rig.h"
#include "tests/support/seed.h"
#include "tests/support/size.h"

#include <curl/curl.h>

using namespace ratdeck;

class TestBadLink : public QObject {
  Q_OBJECT

  std::unique_ptr<StackRig> m_rig;
  std::unique_ptr<FlakyLink> m_link;

  // Undone; failed before it changed anything; or, where it had not begun, the engine was out of reach.
  static bool isAllowed(int exitCode, bool hasBegun) {
    return hasBegun ? exitCode == 3 || exitCode == 1 : exitCode == 6;
  }

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<StackRig>(QStringLiteral("rdlink"), DockerRig::Options{},
                                       QStringLiteral("loose_tiers.yml"));
    const auto problem = m_rig->start();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    const auto socket = m_rig->folder() + QStringLiteral("/line.sock");
    m_link = std::make_unique<FlakyLink>(socket, QString::fromStdString(m_rig->engine().endpoint().socket));
    QVERIFY(m_link->isListening());
    m_rig->putBetween(socket);
    const auto up = m_rig->up();
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
  }
  void cleanupTestCase() {
    m_link.reset();
    m_rig.reset();
  }

  void aRolloutOverABadLineSucceedsOrIsUndoneAndHurtsNobody() {
    const auto seed = testSeed();
    const int wanted = isFullSize() ? 12 : 1;
    const auto problem = m_rig->startLoad(100);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    m_link->becomeBad({}, seed);
    std::string version = "1.0.0";
    std::vector<std::string> failed;
    int begun = 0;
    for (int i = 2; begun < wanted && i < 30 && failed.empty(); ++i) {
      const auto target = std::to_string(i) + ".0.0";
      const auto made = m_rig->images().make("ratq", target);
      QVERIFY2(made.isEmpty(), qPrintable(made));
      const auto before = m_rig->inventory();
      const auto journal = m_rig->newestJournal();
      const auto result = m_rig->deploy(QStringLiteral("ratq"), QString::fromStdString(target), 120000);
      const bool hasBegun = m_rig->newestJournal() != journal;
      qInfo("%s: exit %d%s", target.c_str(), result.exitCode, hasBegun ? "" : ", not begun");
      begun += hasBegun;
      if (result.exitCode == 0)
        version = target;
      else if (!isAllowed(result.exitCode, hasBegun) || m_rig->inventory() != before)
        failed.push_back(result.toString());
    }
    const auto load = m_rig->stopLoad();
    qInfo("%lld pieces, %d stalls, %d cuts", m_link->pieces(), m_link->stalls(), m_link->cuts());
    QVERIFY2(failed.empty(), failed.empty() ? "" : failed.front().c_str());
    QVERIFY(begun >= wanted);
    QVERIFY_VALUE(load);
    QVERIFY2(load->failed() == 0, dumpJson(m_rig->loadJson()).c_str());
    QVERIFY(load->requests() > 1000);
    QVERIFY(m_link->stalls() > 0 && m_link->cuts() > 0); // the control: the line was bad
    QCOMPARE(m_rig->running("ratq").image, "rat/ratq:" + version);
  }
};

QTEST_GUILESS_MAIN(TestBadLink)
#include "tst_bad_link.moc"
