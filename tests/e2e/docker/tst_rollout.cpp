// Versions go to and fro on real containers behind a real HAProxy, under load, and nobody notices.
#include "tests/e2e/docker/stack_rig.h"
#include "tests/support/size.h"

#include <QElapsedTimer>
#include <QStandardPaths>

#include <csignal>
#include <curl/curl.h>

using namespace ratdeck;

namespace {

constexpr int loadRate = 200; // requests a second

struct Size {
  long long requests = 0;
  int rollouts = 2; // of all eight services
};

Size size() {
  return isFullSize() ? Size{100000, 7} : Size{};
}

} // namespace

class TestRollout : public QObject {
  Q_OBJECT

  std::unique_ptr<StackRig> m_rig;

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

  // In the same time through the router's own address and through the port that is published on the host.
  void swapsAllServicesToAndFroUnderLoadWithoutOneFailedRequest() {
    const auto problem = m_rig->startLoad(loadRate);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    LoadRun published;
    QCOMPARE(published.start(m_rig->publishedTargets(), 20, 1), QString());
    QElapsedTimer clock; // the router counts inner hops too, and the load tells its count at its end
    clock.start();
    int rollouts = 0;
    CliResult result;
    do {
      const auto version = rollouts % 2 == 0 ? QStringLiteral("2.0.0") : QStringLiteral("1.0.0");
      result = m_rig->deploy({}, version, 240000);
    } while (result.exitCode == 0 &&
             (++rollouts < size().rollouts || clock.elapsed() * loadRate < size().requests * 1050));
    const auto after = m_rig->routerCounts();
    const auto outside = published.stop();
    const auto load = m_rig->stopLoad();
    QVERIFY_VALUE(after);
    QVERIFY_VALUE(load);
    QVERIFY_VALUE(outside);
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
    QVERIFY(outside->requests() > 200);
    QVERIFY2(outside->failed() == 0, dumpJson(published.json()).c_str());
  }

  void dockerComposeShowsTheContainersOfTheLastRollout() {
    const auto container = m_rig->running("ratq");
    const auto list = m_rig->dockerCompose({QStringLiteral("ps")});
    QVERIFY(list);
    QVERIFY2(list->contains(container.name.c_str()), list->constData());
    const auto logs = m_rig->dockerCompose({QStringLiteral("logs"), QStringLiteral("ratq")});
    QVERIFY(logs);
    QVERIFY2(logs->contains("\"msg\":\"listening\""), logs->constData());
    QCOMPARE(m_rig->versionsOf("ratq"), std::vector<std::string>{container.image.substr(9)});
    QVERIFY(!list->contains((m_rig->project() + QStringLiteral("-ratq-1 ")).toUtf8())); // the one of `up`
  }

  void aForeignClientSeesNoErrorWhileThePortalIsSwapped() {
    if (QStandardPaths::findExecutable(QStringLiteral("wrk")).isEmpty())
      QSKIP("wrk is not installed");
    const auto target = m_rig->running("portal").image.ends_with("1.0.0") ? "2.0.0" : "1.0.0";
    QProcess wrk;
    bindToOurLife(wrk);
    wrk.start(QStringLiteral("wrk"),
              {QStringLiteral("-t1"), QStringLiteral("-c4"), QStringLiteral("-d300s"),
               QStringLiteral("--timeout"), QStringLiteral("10s"),
               QStringLiteral("http://%1/").arg(QString::fromStdString(m_rig->publishedTargets().portal))});
    QVERIFY(m_rig->waitForRequests(100));
    const auto result = m_rig->deploy(QStringLiteral("portal"), QString::fromLatin1(target));
    ::kill(pid_t(wrk.processId()), SIGINT); // it prints its report
    QVERIFY(wrk.waitForFinished(30000));
    const auto report = wrk.readAllStandardOutput();
    qInfo("%s", report.constData());
    QVERIFY2(result.exitCode == 0, result.toString().c_str());
    QVERIFY(report.contains(" requests in "));
    QVERIFY(!report.contains("Socket errors") && !report.contains("Non-2xx"));
  }

  // The control: what people do by hand does lose requests, and they are counted.
  void aCopyThatIsStoppedByHandLosesRequestsThatAreCounted() {
    const auto problem = m_rig->startLoad();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    const auto portal = "/containers/" + m_rig->running("portal").id;
    m_rig->engine().raw("POST", portal + "/stop");
    QVERIFY(m_rig->waitForRequests(100));
    m_rig->engine().raw("POST", portal + "/start");
    const auto load = m_rig->stopLoad();
    QVERIFY_VALUE(load);
    qInfo("%lld of %lld requests failed", load->failed(), load->requests());
    QVERIFY(load->failed() > 0);
  }
};

QTEST_GUILESS_MAIN(TestRollout)
#include "tst_rollout.moc"
