// The engine of a rollout is killed with SIGKILL in each phase of a swap of containers, under load; then the
// rollout is resumed, or undone. Nobody is hurt, no event is lost, no container is left over.
#include "tests/e2e/docker/stack_rig.h"
#include "tests/support/size.h"

#include <QFile>

#include <curl/curl.h>

#include <algorithm>

using namespace ratdeck;

namespace {

QByteArray contentOf(const std::string& path) {
  QFile file(QString::fromStdString(path));
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QByteArray wholeLines(QByteArray text) {
  return text.left(text.lastIndexOf('\n') + 1);
}

} // namespace

class TestCrashRecovery : public QObject {
  Q_OBJECT

  std::unique_ptr<StackRig> m_rig;
  std::string m_version = "1.0.0";
  int m_next = 2;

  std::vector<std::string> inventoryWith(const std::string& version) const {
    auto lines = m_before;
    const std::string old = "ratq rat/ratq:" + m_version;
    for (std::string& line : lines)
      if (line.rfind(old, 0) == 0)
        line.replace(0, old.size(), "ratq rat/ratq:" + version);
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  std::vector<std::string> m_before;

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<StackRig>(QStringLiteral("rdcrash"), DockerRig::Options{},
                                       QStringLiteral("loose_tiers.yml"));
    const auto problem = m_rig->startAndBringUp();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }
  void cleanupTestCase() { m_rig.reset(); }

  // Not at full size: every second phase, resumed and undone in turns.
  void goesOnOrComesBackAfterTheEngineWasKilled_data() {
    QTest::addColumn<QString>("event");
    QTest::addColumn<bool>("undo");
    int phase = 0;
    for (const char* event :
         {"RolloutStarted", "StartRequested", "InstanceStarted", "GatePassed", "JoinRequested",
          "TrafficSwitched", "RouterDrainRequested", "InFlightDrained", "LeaveRequested", "StopRequested"}) {
      const bool isTaken = phase % 2 == 1, isUndone = phase % 4 == 1;
      ++phase;
      for (bool undo : {false, true})
        if (isFullSize() || (isTaken && undo == isUndone))
          QTest::addRow("killed at %s, then %s", event, undo ? "undone" : "resumed")
              << QString::fromLatin1(event) << undo;
    }
  }
  void goesOnOrComesBackAfterTheEngineWasKilled() {
    QFETCH(QString, event);
    QFETCH(bool, undo);
    const auto target = std::to_string(m_next++) + ".0.0";
    const auto made = m_rig->images().make("ratq", target);
    QVERIFY2(made.isEmpty(), qPrintable(made));
    m_before = m_rig->inventory();
    const auto journalBefore = m_rig->newestJournal();
    const auto problem = m_rig->startLoad(100);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));

    auto engine = m_rig->begin(StackRig::deployWords(QStringLiteral("ratq")), QString::fromStdString(target));
    const bool hasCome = m_rig->waitForEvent(journalBefore, event.toStdString(), {});
    engine->kill();
    QVERIFY(engine->waitForFinished());
    QVERIFY2(hasCome, resultOf(*engine).toString().c_str());
    const auto path = m_rig->newestJournal();
    const auto atDeath = wholeLines(contentOf(path));
    QVERIFY2(!atDeath.contains("\"RolloutEnded\""), "it was over before it was killed");

    const auto after = m_rig->run({QStringLiteral("resume-unfinished"),
                                   undo ? QStringLiteral("--roll-back") : QStringLiteral("--resume"),
                                   QStringLiteral("--output"), QStringLiteral("json")},
                                  QString::fromStdString(target));
    const auto load = m_rig->stopLoad();
    QVERIFY2(after.exitCode == (undo ? 3 : 0), after.toString().c_str());
    QCOMPARE(textAt(after.json, "result"), undo ? "aborted" : "succeeded");
    QVERIFY_VALUE(load);
    QVERIFY2(load->failed() == 0, dumpJson(m_rig->loadJson()).c_str());
    QVERIFY2(contentOf(path).startsWith(atDeath), "an event that was on disk is gone");
    const auto expected = undo ? m_before : inventoryWith(target);
    if (!undo)
      m_version = target;
    QVERIFY2(m_rig->inventory() == expected, "a container is missing or left over");
    const auto left =
        m_rig->run({QStringLiteral("resume-unfinished"), QStringLiteral("--output"), QStringLiteral("json")});
    QVERIFY(memberAt(left.json, "rollouts").empty());
  }
};

QTEST_GUILESS_MAIN(TestCrashRecovery)
#include "tst_crash_recovery.moc"
