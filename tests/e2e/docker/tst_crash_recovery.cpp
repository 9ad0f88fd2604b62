// A swap of containers under load, by a deploy or by a rollback, is broken off at each of its events or soon
// after: a person undoes it, or its engine is killed with SIGKILL and it is resumed or undone afterwards.
// Nobody is hurt, no event is lost, no container is left over.
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

  enum Ending { UndoneByPerson, KilledThenUndone, KilledThenResumed };

  std::unique_ptr<StackRig> m_rig;
  std::string m_version = "1.0.0";
  int m_next = 2;

  static QStringList words(const char* text) { return QString::fromLatin1(text).split(QLatin1Char(' ')); }

  // The image of one more version; "" if it cannot be made.
  std::string makeNextVersion(const QStringList& faults = {}) {
    const auto version = std::to_string(m_next++) + ".0.0";
    const auto trouble = m_rig->images().make("ratq", version, faults);
    if (!trouble.isEmpty())
      qWarning("%s", qPrintable(trouble));
    return trouble.isEmpty() ? version : std::string();
  }
  std::vector<std::string> inventoryWith(const std::string& version) const {
    auto lines = m_rig->inventory();
    for (std::string& line : lines)
      if (const std::string old = "ratq rat/ratq:" + m_version; line.starts_with(old))
        line.replace(0, old.size(), "ratq rat/ratq:" + version);
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  // A rollout that was broken off.
  struct Break {
    bool hasCome = false; // the event
    QByteArray journal;   // what was on disk then
    int exitCode = -1;    // -1 = it was killed, or did not end
    std::string text;
  };
  void noteBreak(Break& broken, const std::string& earlier, const std::string& event) {
    broken.hasCome = m_rig->waitForEvent(earlier, event, {});
    broken.journal = wholeLines(contentOf(m_rig->newestJournal()));
  }
  Break undoAtTerminal(const QStringList& command, const QString& version, const std::string& event) {
    Break broken;
    const auto earlier = m_rig->newestJournal();
    const auto engine = m_rig->beginAtTerminal(command, version);
    noteBreak(broken, earlier, event);
    engine->type("abort oops");
    broken.exitCode = engine->exitCode(120000);
    broken.text = engine->text();
    return broken;
  }
  Break killAt(const QStringList& command, const QString& version, const std::string& event) {
    Break broken;
    const auto earlier = m_rig->newestJournal();
    const auto engine = m_rig->begin(command, version);
    noteBreak(broken, earlier, event);
    engine->kill();
    engine->waitForFinished();
    broken.journal = wholeLines(contentOf(m_rig->newestJournal()));
    broken.text = resultOf(*engine).toString();
    return broken;
  }
  // How the journal says that it ended; "" = not yet.
  std::string resultIn(const std::string& path) const {
    std::string result;
    for (const JournalLine& line : m_rig->journal(path))
      if (line.type == "RolloutEnded")
        result = textAt(memberAt(line.data, "detail"), "result");
    return result;
  }

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

  // Not at full size: a few, of each kind.
  void goesOnOrComesBackFromEachPhase_data() {
    QTest::addColumn<QString>("event");
    QTest::addColumn<bool>("isRollback");
    QTest::addColumn<int>("ending");
    const std::pair<Ending, const char*> endings[] = {{UndoneByPerson, "undone by a person"},
                                                      {KilledThenUndone, "killed, then undone"},
                                                      {KilledThenResumed, "killed, then resumed"}};
    int row = 0;
    for (const char* event :
         {"RolloutStarted", "StartRequested", "InstanceStarted", "GatePassed", "JoinRequested",
          "TrafficSwitched", "RouterDrainRequested", "InFlightDrained", "LeaveRequested", "StopRequested"})
      for (const bool isRollback : {false, true})
        for (const auto& [ending, name] : endings)
          if (row++ % 11 == 0 || isFullSize())
            QTest::addRow("%s at %s, %s", isRollback ? "rollback" : "deploy", event, name)
                << QString::fromLatin1(event) << isRollback << static_cast<int>(ending);
  }
  void goesOnOrComesBackFromEachPhase() {
    QFETCH(QString, event);
    QFETCH(bool, isRollback);
    QFETCH(int, ending);
    // Where a person has to be quicker than the last step, that takes its whole grace.
    const bool isLate = event == QLatin1String("LeaveRequested") || event == QLatin1String("StopRequested");
    const bool isSlow = isLate && ending == UndoneByPerson;
    auto target = makeNextVersion(isSlow ? QStringList{QStringLiteral("ignore-sigterm")} : QStringList());
    QVERIFY(!target.empty());
    if (isRollback || isSlow) {
      const auto deployed = m_rig->deploy(QStringLiteral("ratq"), QString::fromStdString(target));
      QVERIFY2(deployed.exitCode == 0, deployed.toString().c_str());
      std::swap(target, m_version);
    }
    if (!isRollback && isSlow)
      target = makeNextVersion();
    const auto before = m_rig->inventory(), after = inventoryWith(target);
    const auto problem = m_rig->startLoad(100);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));

    const auto command = words(isRollback ? "rollback --yes" : "deploy --yes --service ratq");
    const auto version = QString::fromStdString(target);
    const auto broken = ending == UndoneByPerson ? undoAtTerminal(command, version, event.toStdString())
                                                 : killAt(command, version, event.toStdString());
    QVERIFY2(broken.hasCome, broken.text.c_str());
    QVERIFY2(!broken.journal.contains("\"RolloutEnded\""), "it was over before it was broken off");
    const auto path = m_rig->newestJournal();
    if (ending == UndoneByPerson) {
      QVERIFY2(broken.exitCode == 3, broken.text.c_str());
    } else {
      const bool isResumed = ending == KilledThenResumed;
      const auto rest = m_rig->run(
          words(isResumed ? "resume-unfinished --resume" : "resume-unfinished --roll-back"), version);
      QVERIFY2(rest.exitCode == (isResumed ? 0 : 3), rest.toString().c_str());
    }
    const auto load = m_rig->stopLoad();
    QCOMPARE(resultIn(path), ending == KilledThenResumed ? "succeeded" : "aborted");
    QVERIFY_VALUE(load);
    QVERIFY2(load->failed() == 0, dumpJson(m_rig->loadJson()).c_str());
    QVERIFY2(contentOf(path).startsWith(broken.journal), "an event that was on disk is gone");
    if (ending == KilledThenResumed)
      m_version = target;
    QVERIFY2(m_rig->inventory() == (ending == KilledThenResumed ? after : before),
             "a container is missing or left over");
    const auto left = m_rig->run(words("resume-unfinished --output json"));
    QVERIFY(memberAt(left.json, "rollouts").is_array() && memberAt(left.json, "rollouts").empty());
  }
};

QTEST_GUILESS_MAIN(TestCrashRecovery)
#include "tst_crash_recovery.moc"
