// Versions go to and fro on real containers behind a real HAProxy, under load, and nobody notices.
#include "tests/e2e/docker/stack_rig.h"

#include <curl/curl.h>

using namespace ratdeck;

namespace {

// RATDECK_TEST_SIZE=full: the size that the goal is judged by.
struct Size {
  long long requests = 0;
  int rollouts = 2; // of all eight services
};

Size size() {
  return qEnvironmentVariable("RATDECK_TEST_SIZE") == QStringLiteral("full") ? Size{100000, 7} : Size{};
}

} // namespace

class TestRollout : public QObject {
  Q_OBJECT

  std::unique_ptr<StackRig> m_rig;

  long long answeredSince(const RouterCounts& before) const {
    const auto now = m_rig->routerCounts();
    return now ? now->requests - before.requests : 0;
  }

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<StackRig>(QStringLiteral("rdrollout"));
    const auto problem = m_rig->start();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    const auto more = m_rig->images().makeAll("2.0.0");
    QVERIFY2(more.isEmpty(), qPrintable(more));
    const auto up = m_rig->up();
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
  }
  void cleanupTestCase() { m_rig.reset(); }

  void swapsAllServicesToAndFroUnderLoadWithoutOneFailedRequest() {
    const auto problem = m_rig->startLoad();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    const auto before = m_rig->routerCounts();
    QVERIFY_VALUE(before);
    int rollouts = 0;
    CliResult result;
    do {
      result =
          m_rig->deploy({}, rollouts % 2 == 0 ? QStringLiteral("2.0.0") : QStringLiteral("1.0.0"), 240000);
    } while (result.exitCode == 0 &&
             (++rollouts < size().rollouts || answeredSince(*before) < size().requests));
    const auto after = m_rig->routerCounts();
    const auto load = m_rig->stopLoad();
    QVERIFY_VALUE(after);
    QVERIFY_VALUE(load);
    qInfo("%d rollouts of eight services, %s", rollouts, dumpJson(m_rig->loadJson()).c_str());
    QVERIFY2(result.exitCode == 0, result.toString().c_str());
    const auto last = rollouts % 2 == 0 ? "1.0.0" : "2.0.0";
    for (const std::string& service : StandInImages::applications())
      QVERIFY2(m_rig->versionsOf(service) == std::vector<std::string>{last}, service.c_str());
    QVERIFY(load->requests() >= std::max(2000ll, size().requests));
    QCOMPARE(load->failed(), 0);
    QCOMPARE(integerAt(memberAt(m_rig->loadJson(), "streams"), "cut", -1), 0);
    QVERIFY(load->streamsCompleted() > 0);
    QVERIFY(load->postsAcknowledged() > 0);
    QCOMPARE(load->postsLost().value_or(-1), 0);
    QCOMPARE(load->postsDoubled().value_or(-1), 0);
    QCOMPARE(after->retries, 0);
  }
};

QTEST_GUILESS_MAIN(TestRollout)
#include "tst_rollout.moc"
