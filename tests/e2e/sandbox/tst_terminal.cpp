// A person at a terminal, who is asked, answers and leaves; and what becomes of a rollout that was left
// unfinished. On a stack of one service, so that a rollout takes seconds.
#include <QtTest>

#include "tests/e2e/sandbox/sandbox_rig.h"

#include <QFile>

#include <csignal>

using namespace ratdeck;

namespace {

constexpr const char* stackFile = "name: shop\n"
                                  "services:\n"
                                  "  web: { image: \"shop/web:${RAT_VERSION}\" }\n";
constexpr const char* gatedFile =
    "name: shop\n"
    "x-ratdeck: { approvals: [ { id: go, before: web } ] }\n"
    "services:\n"
    "  web: { image: \"shop/web:${RAT_VERSION}\", x-ratdeck: { order: start-first } }\n";

} // namespace

class TestTerminal : public QObject {
  Q_OBJECT

  std::unique_ptr<SandboxRig> m_rig;
  QString m_gated;

  QString write(const char* name, const char* text) {
    auto path = m_rig->folder() + QLatin1Char('/') + QLatin1String(name);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(text) < 0)
      qFatal("cannot write %s", qPrintable(path));
    return path;
  }
  CliResult run(const char* words, const char* version = "1.0.0") {
    return m_rig->run(QString::fromLatin1(words).split(QLatin1Char(' ')), QString::fromLatin1(version));
  }
  std::unique_ptr<TerminalRun> atTerminal(const char* words, const char* version) {
    return m_rig->beginAtTerminal(QString::fromLatin1(words).split(QLatin1Char(' ')),
                                  QString::fromLatin1(version));
  }
  std::string version() { return m_rig->versionsOf("web").empty() ? "" : m_rig->versionsOf("web").front(); }
  // Kills a deploy to `version` once its new copy was asked for.
  void leaveUnfinished(const QStringList& stack, const char* version) {
    auto before = m_rig->newestJournal();
    auto engine = m_rig->begin(QStringList{QStringLiteral("deploy"), QStringLiteral("--yes")} + stack,
                               QString::fromLatin1(version));
    QVERIFY(m_rig->waitForEvent(before, "StartRequested", "web"));
    engine->kill();
    QVERIFY(engine->waitForFinished());
  }

private Q_SLOTS:
  void initTestCase() {
    m_rig = std::make_unique<SandboxRig>();
    auto up = m_rig->run({QStringLiteral("sandbox"), QStringLiteral("up"), QStringLiteral("-f"),
                          write("stack.yml", stackFile)});
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
    m_gated = write("gated.yml", gatedFile);
  }
  void cleanupTestCase() { m_rig.reset(); }

  void whoSaysNoHasChangedNothing() {
    auto before = m_rig->newestJournal();
    auto deploy = atTerminal("deploy", "2.0.0");
    QVERIFY2(deploy->shows("Deploy this to the sandbox default? Type yes: "), deploy->text().c_str());
    deploy->type("no");
    QCOMPARE(deploy->exitCode(), 2);
    QVERIFY2(deploy->shows("nothing was changed", 0), deploy->text().c_str());
    QCOMPARE(m_rig->newestJournal(), before);
  }

  void jsonAtATerminalAsksForYesRatherThanDeployUnasked() {
    auto before = m_rig->newestJournal();
    auto deploy = atTerminal("deploy --output json", "2.0.0");
    QCOMPARE(deploy->exitCode(), 2);
    QVERIFY2(deploy->shows("add --yes", 0), deploy->text().c_str());
    QCOMPARE(m_rig->newestJournal(), before);
  }

  void aPlanThatNobodyCanApproveIsRefusedBeforeItStarts() {
    auto before = m_rig->newestJournal();
    auto deploy =
        m_rig->run({QStringLiteral("deploy"), QStringLiteral("-f"), m_gated}, QStringLiteral("2.0.0"));
    QVERIFY2(deploy.exitCode == 2, deploy.toString().c_str());
    QVERIFY2(deploy.err.find("--approve auto") != std::string::npos, deploy.err.c_str());
    QCOMPARE(m_rig->newestJournal(), before);
  }

  void whatMovesWhileTheQuestionStandsIsNotDeployedOver() {
    auto deploy = atTerminal("deploy", "3.0.0");
    QVERIFY2(deploy->shows("Type yes: "), deploy->text().c_str());
    auto other = run("deploy --yes --output json", "2.0.0");
    QVERIFY2(other.exitCode == 0, other.toString().c_str());
    deploy->type("yes");
    QCOMPARE(deploy->exitCode(), 2);
    QVERIFY2(deploy->shows("stale", 0), deploy->text().c_str());
    QCOMPARE(version(), "2.0.0");
  }

  void aSecondRollbackDoesNotBringTheBadVersionBack() {
    QCOMPARE(run("deploy --yes --output json", "9.0.0").exitCode, 0);
    auto rollback = atTerminal("rollback", "9.0.0");
    QVERIFY2(rollback->shows("Roll back to this on the sandbox default? Type yes: "),
             rollback->text().c_str());
    rollback->type("yes");
    QCOMPARE(rollback->exitCode(), 0);
    QCOMPARE(version(), "2.0.0");
    auto again = run("rollback --yes --output json", "9.0.0");
    QVERIFY2(again.exitCode == 0, again.toString().c_str());
    QCOMPARE(version(), "1.0.0");
    auto third = run("rollback --yes --output json", "9.0.0");
    QVERIFY2(third.exitCode == 2, third.toString().c_str());
  }

  void whileOneIsUnfinishedNoOtherIsBegun() {
    leaveUnfinished({}, "4.0.0");
    for (const char* words : {"deploy", "rollback --to 1"}) {
      auto refused = run(words, "5.0.0");
      QVERIFY2(refused.exitCode == 2, refused.toString().c_str());
      QVERIFY2(refused.err.find("ratdeckctl resume-unfinished --rollout ") != std::string::npos,
               refused.err.c_str());
    }
    QCOMPARE(run("resume-unfinished --roll-back --output json", "5.0.0").exitCode, 3);
    QCOMPARE(version(), "1.0.0");
  }

  void anInterruptedUndoGoesOnToItsEndAndSaysSo() {
    auto before = m_rig->newestJournal();
    auto deploy = atTerminal("deploy --yes", "5.5.0");
    QVERIFY(m_rig->waitForEvent(before, "StartRequested", "web"));
    deploy->type("abort oops");
    QVERIFY2(deploy->shows("undoing by "), deploy->text().c_str());
    const auto pid = static_cast<pid_t>(deploy->processId());
    QVERIFY(pid > 0);
    ::kill(pid, SIGINT);
    QCOMPARE(deploy->exitCode(), 3);
    QVERIFY2(deploy->shows("the undo goes on to its end", 0), deploy->text().c_str());
    QCOMPARE(version(), "1.0.0");
  }

  void anEngineThatCannotWriteItsJournalLeavesTheRolloutToAResume() {
    QCOMPARE(run("deploy --yes --output json", "7.0.0").exitCode, 0);
    QFile earlier(QString::fromStdString(m_rig->newestJournal()));
    QVERIFY(earlier.open(QIODevice::ReadOnly));
    auto text = earlier.readAll();
    auto begun = text.indexOf('\n', text.indexOf("RolloutStarted"));
    auto stopped = m_rig->runWithFullDisk({QStringLiteral("deploy"), QStringLiteral("--yes")},
                                          QStringLiteral("8.0.0"), (begun + text.size()) / 2);
    QVERIFY2(stopped.exitCode == 130, stopped.toString().c_str());
    QVERIFY2(stopped.err.find("the engine stopped") != std::string::npos, stopped.err.c_str());
    QVERIFY2(stopped.err.find("resume-unfinished --rollout ") != std::string::npos, stopped.err.c_str());
    auto resumed = run("resume-unfinished --resume --output json");
    QVERIFY2(resumed.exitCode == 0, resumed.toString().c_str());
    QCOMPARE(version(), "8.0.0");
  }

  void whoeverLeavesTheTerminalIsNotWaitedFor() {
    auto before = m_rig->newestJournal();
    auto deploy = m_rig->beginAtTerminal(
        {QStringLiteral("deploy"), QStringLiteral("--yes"), QStringLiteral("-f"), m_gated},
        QStringLiteral("6.0.0"));
    QVERIFY2(deploy->shows("type: approve go"), deploy->text().c_str());
    deploy->type("hold");
    QVERIFY(m_rig->waitForEvent(before, "RolloutHeld", {}));
    deploy->hangUp();
    QVERIFY(m_rig->waitForEvent(before, "PersonLeft", {}));
    QCOMPARE(deploy->exitCode(), 130);
    auto refused = m_rig->run({QStringLiteral("resume-unfinished"), QStringLiteral("--resume")});
    QVERIFY2(refused.exitCode == 2, refused.toString().c_str());
    auto resumed = run("resume-unfinished --resume --approve auto --output json");
    QVERIFY2(resumed.exitCode == 0, resumed.toString().c_str());
    QCOMPARE(version(), "6.0.0");
  }

  void aSandboxThatWentDownTakesItsUnfinishedRolloutWithIt() {
    leaveUnfinished({}, "9.0.0");
    QCOMPARE(run("sandbox down").exitCode, 0);
    auto up = m_rig->run({QStringLiteral("sandbox"), QStringLiteral("up"), QStringLiteral("-f"),
                          m_rig->folder() + QStringLiteral("/stack.yml")});
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
    QCOMPARE(version(), "1.0.0");
    auto late = run("resume-unfinished --resume");
    QVERIFY2(late.exitCode == 2, late.toString().c_str());
    QVERIFY2(late.err.find("deployed again") != std::string::npos, late.err.c_str());
  }

  void whatRunsUnderAnotherProjectIsFoundWithTheNameItWasDeployedWith() {
    const QStringList stack = {QStringLiteral("-f"), m_rig->folder() + QStringLiteral("/stack.yml"),
                               QStringLiteral("-p"), QStringLiteral("other")};
    leaveUnfinished(stack, "9.5.0");
    auto foreign = QString::fromStdString(m_rig->newestJournal());
    auto here = m_rig->run({QStringLiteral("resume-unfinished"), QStringLiteral("--rollout"), foreign,
                            QStringLiteral("--roll-back")});
    QVERIFY2(here.exitCode == 2, here.toString().c_str());
    QVERIFY2(here.err.find("another stack") != std::string::npos, here.err.c_str());
    auto listed = m_rig->run(QStringList{QStringLiteral("resume-unfinished")} + stack);
    QVERIFY2(listed.out.find("-p other --resume | --roll-back") != std::string::npos, listed.out.c_str());
    auto resumed =
        m_rig->run(QStringList{QStringLiteral("resume-unfinished"), QStringLiteral("--resume")} + stack);
    QVERIFY2(resumed.exitCode == 0, resumed.toString().c_str());
    for (const char* command : {"history", "status"}) {
      auto result = m_rig->run(QStringList{QString::fromLatin1(command)} + stack);
      QVERIFY2(result.exitCode == 0 && result.out.find("9.5.0") != std::string::npos,
               result.toString().c_str());
    }
  }
};

QTEST_GUILESS_MAIN(TestTerminal)
#include "tst_terminal.moc"
