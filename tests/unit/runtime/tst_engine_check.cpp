// When the engine's own health check of a container is as good as asking it again.
#include "core/runtime/docker/engine_check.h"

#include <QtTest>

using namespace ratdeck;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> test{"CMD", "check"};
const WallTime now = fromRfc3339("2026-11-26T12:00:10Z");

DockerContainer checked(DockerHealth health, const std::string& end, int exitCode) {
  DockerContainer container;
  container.health = health;
  container.raw = {
      {"Config", {{"Healthcheck", {{"Test", test}}}}},

      {"State",
       {{"Health",
         {{"Log",
           {{{"End", "2026-11-26T11:00:00Z"}, {"ExitCode", 1}}, {{"End", end}, {"ExitCode", exitCode}}}}}}}}};
  return container;
}

} // namespace

class EngineCheckTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void oneThatPassedJustNowNeedNotBeAskedAgain_data() {
    QTest::addColumn<int>("health");
    QTest::addColumn<QString>("end");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<bool>("counts");
    const auto row = [](const char* name, DockerHealth health, const char* end, int exitCode, bool counts) {
      QTest::newRow(name) << static_cast<int>(health) << QString::fromLatin1(end) << exitCode << counts;
    };
    const auto healthy = DockerHealth::Healthy;
    row("just now", healthy, "2026-11-26T12:00:09.250000000Z", 0, true);
    row("another zone", healthy, "2026-11-26T13:00:09.25+01:00", 0, true);
    row("too long ago", healthy, "2026-11-26T12:00:05Z", 0, false);
    row("a clock that is ahead", healthy, "2026-11-26T12:00:11Z", 0, false);
    row("healthy still, but its last check failed", healthy, "2026-11-26T12:00:09Z", 1, false);
    row("starting", DockerHealth::Starting, "2026-11-26T12:00:09Z", 0, false);
    row("unhealthy", DockerHealth::Unhealthy, "2026-11-26T12:00:09Z", 0, false);
    row("no time", healthy, "soon", 0, false);
  }

  void oneThatPassedJustNowNeedNotBeAskedAgain() {
    QFETCH(int, health);
    QFETCH(QString, end);
    QFETCH(int, exitCode);
    QFETCH(bool, counts);
    QCOMPARE(passedLately(checked(static_cast<DockerHealth>(health), end.toStdString(), exitCode), test, now),
             counts);
  }

  void oneThatRunsAnotherCheckIsAsked() {
    const auto container = checked(DockerHealth::Healthy, "2026-11-26T12:00:09Z", 0);
    QVERIFY(passedLately(container, test, now)); // the control
    QVERIFY(!passedLately(container, {"CMD", "check", "--strictly"}, now));
    QVERIFY(!passedLately(container, {}, now));
  }

  void oneWithoutAnyCheckIsAsked() {
    DockerContainer container;
    container.health = DockerHealth::Healthy;
    QVERIFY(!passedLately(container, test, now));
  }
};

QTEST_APPLESS_MAIN(EngineCheckTest)
#include "tst_engine_check.moc"
