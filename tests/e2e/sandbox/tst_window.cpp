// The window as its user meets it: the program's own console on a display, driven by mouse and keys, on a
// real sandbox under load. What is claimed is read from the screen's visible text.
#include <QtTest>

#include "app/ratdeck/console.h"
#include "tests/e2e/sandbox/window_rig.h"
#include "tests/support/virtual_display.h"
#include "ui/widgets/deliberate_button.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/status_label.h"

#include <curl/curl.h>
#include <QApplication>
#include <QComboBox>

#include <csignal>

using namespace ratdeck;

namespace {

// With a gate and a drain that are soon over.
constexpr const char* people =
    "x-ratdeck: { approvals: [ { id: gateway, before: ratd, expires: 10m } ] }\n"
    "services: { runner: { x-ratdeck: { drain: { wait_for_runs: true, deadline: 28s } } } }\n";

} // namespace

class TestWindow : public QObject {
  Q_OBJECT

  std::unique_ptr<WindowRig> m_rig;
  std::unique_ptr<Console> m_console;
  bool m_hasFailed = false;

  QWidget& window() { return m_console->window(); }

  // What is written on the line of this name, if it is seen.
  QString line(const char* name) {
    const auto* label = window().findChild<StatusLabel*>(QLatin1String(name));
    return label && label->isVisible() ? label->line().word + QStringLiteral(" · ") + label->line().detail
                                       : QString();
  }
  QString words(const char* name) {
    const auto* label = window().findChild<PlainLabel*>(QLatin1String(name));
    return label && label->isVisible() ? label->plain() : QString();
  }
  QAbstractButton* button(const char* name) {
    auto* found = window().findChild<QAbstractButton*>(QLatin1String(name));
    return found && found->isVisible() ? found : nullptr;
  }
  bool isArmed(const char* name) {
    auto* deliberate = qobject_cast<DeliberateButton*>(button(name));
    return deliberate && deliberate->isEnabled() && deliberate->isArmed();
  }
  void click(const char* name) { QTest::mouseClick(button(name), Qt::LeftButton); }
  bool waitFor(const char* name, const QString& text, int timeoutMs) {
    return QTest::qWaitFor([&] { return line(name).contains(text); }, timeoutMs);
  }

private Q_SLOTS:
  void initTestCase() {
    std::signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<WindowRig>();
    const auto up = m_rig->up();
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
    QCOMPARE(m_rig->startLoad(100).exitCode, 0);
    m_console =
        std::make_unique<Console>(m_rig->environmentOf(QStringLiteral("2.0.0")), m_rig->optionsWith(people));
    m_console->open();
    QVERIFY(QTest::qWaitForWindowExposed(&m_console->window()));
  }
  void cleanupTestCase() {
    m_console.reset();
    m_rig.reset();
  }

  // One story: what follows a failed step has nothing to say.
  void init() {
    if (m_hasFailed)
      QFAIL("an earlier step failed");
  }
  void cleanup() { m_hasFailed = m_hasFailed || QTest::currentTestFailed(); }

  void theLiveStackIsShownBeforeAnythingRolls() {
    QVERIFY2(waitFor("headline", QStringLiteral("NOTHING ROLLS"), 20000), qPrintable(line("headline")));
    QVERIFY2(line("headline").contains(QStringLiteral("succeeded by")), qPrintable(line("headline")));
    QVERIFY2(waitFor("users", QStringLiteral("USERS OK"), 10000), qPrintable(line("users")));
    QVERIFY(window().windowTitle().startsWith(QStringLiteral("SANDBOX")));
  }

  void aPlanIsMadeAndStartedByTheMouse() {
    const auto fault =
        m_rig->run({QStringLiteral("sandbox"), QStringLiteral("fault"), QStringLiteral("runner"),
                    QStringLiteral("runs=2x30s"), QStringLiteral("--now")});
    QVERIFY2(fault.exitCode == 0, fault.toString().c_str());
    click("openPlan");
    QTRY_VERIFY(button("planButton"));
    click("planButton");
    QTRY_VERIFY_WITH_TIMEOUT(button("startButton") && button("startButton")->isEnabled(), 20000);
    QVERIFY2(button("startButton")->text().startsWith(QStringLiteral("Deploy to SANDBOX rat")),
             qPrintable(button("startButton")->text()));
    const auto journal = m_rig->newestJournal();
    click("startButton"); // too early: it has just said something new
    QTest::keyClick(button("startButton"), Qt::Key_Return);
    QTest::keyClick(button("startButton"), Qt::Key_Space);
    QCOMPARE(m_rig->newestJournal(), journal);
    QTRY_VERIFY(isArmed("startButton"));
    click("startButton");
    QVERIFY2(waitFor("headline", QStringLiteral("ROLLING"), 20000), qPrintable(line("headline")));
  }

  void aDrainWithActiveRunsIsShownAndRiddenOut() {
    const auto title = [&] {
      return words("decisionTitle");
    };
    QTRY_VERIFY2_WITH_TIMEOUT(title().contains(QStringLiteral("runner")) &&
                                  title().contains(QStringLiteral("active run")),
                              qPrintable(title() + line("headline")), 60000);
    QVERIFY2(words("decisionCountdown").contains(QStringLiteral("→")),
             qPrintable(words("decisionCountdown")));
    QVERIFY(button("endRuns") && !button("endRuns")->isEnabled()); // no reason is given
    QTRY_VERIFY_WITH_TIMEOUT(!title().contains(QStringLiteral("runner")), 60000);
  }

  void anApprovalIsAskedForAndOnlyALateClickGivesIt() {
    QVERIFY2(waitFor("headline", QStringLiteral("WAITING FOR APPROVAL"), 90000),
             qPrintable(line("headline")));
    QCOMPARE(words("decisionTitle"), QStringLiteral("Approval “gateway”"));
    QVERIFY2(words("decisionNext").contains(QStringLiteral("ratd 1.0.0 → 2.0.0")),
             qPrintable(words("decisionNext")));
    QVERIFY(!button("approve")->hasFocus());
    click("approve");
    QTest::keyClick(button("approve"), Qt::Key_Return);
    QTest::keyClick(button("approve"), Qt::Key_Space);
    QTRY_VERIFY(isArmed("approve"));
    QVERIFY2(line("headline").contains(QStringLiteral("WAITING FOR APPROVAL")), qPrintable(line("headline")));
    click("approve");
    QVERIFY2(waitFor("headline", QStringLiteral("ROLLING"), 10000), qPrintable(line("headline")));
  }

  void oneClickUndoesTheRollout() {
    QTRY_VERIFY_WITH_TIMEOUT(line("headline").contains(QStringLiteral("ratd 1.0.0 → 2.0.0")), 30000);
    QTRY_VERIFY_WITH_TIMEOUT(isArmed("undoButton"), 5000);
    const auto label = button("undoButton")->text();
    click("undoButton");
    if (label.startsWith(QStringLiteral("Undo…"))) { // old copies are gone: it says so and asks
      QTRY_VERIFY(isArmed("confirmButton"));
      click("confirmButton");
    }
    QVERIFY2(waitFor("headline", QStringLiteral("UNDOING"), 10000), qPrintable(line("headline")));
    QVERIFY2(waitFor("headline", QStringLiteral("BACK ON 1.0.0"), 120000), qPrintable(line("headline")));
    QVERIFY2(line("users").startsWith(QStringLiteral("USERS WERE OK · 0 of ")), qPrintable(line("users")));
    QCOMPARE(m_rig->versionsOf("ratd"), std::vector<std::string>{"1.0.0"});
  }

  void theEndIsLeftForTheLiveStack() {
    click("doneButton");
    QVERIFY2(waitFor("headline", QStringLiteral("aborted by"), 15000), qPrintable(line("headline")));
  }

  // The control of the verdict: with nobody to tell, the word OK goes.
  void withTheFeedCutTheWindowSaysThatItKnowsNothing() {
    QVERIFY(waitFor("users", QStringLiteral("USERS OK"), 10000));
    const auto status = m_rig->run({QStringLiteral("sandbox"), QStringLiteral("status"),
                                    QStringLiteral("--output"), QStringLiteral("json")});
    const auto router = static_cast<pid_t>(integerAt(status.json, "router_pid"));
    QVERIFY(router > 1);
    QCOMPARE(::kill(router, SIGSTOP), 0);
    const bool isTold =
        QTest::qWaitFor([&] { return line("users").contains(QStringLiteral("NO DATA")); }, 2500);
    const auto said = line("users");
    ::kill(router, SIGCONT);
    QVERIFY2(isTold, qPrintable(said));
    QVERIFY2(!said.contains(QStringLiteral("OK")), qPrintable(said));
    QVERIFY2(waitFor("users", QStringLiteral("USERS OK"), 20000), qPrintable(line("users")));
  }

  void closedInMidRolloutItGoesOnInTheBackground() {
    click("openPlan");
    QTRY_VERIFY(button("planButton"));
    click("planButton");
    QTRY_VERIFY_WITH_TIMEOUT(button("startButton") && button("startButton")->isEnabled(), 20000);
    auto* approve = window().findChild<QComboBox*>(QStringLiteral("approve"));
    QVERIFY(approve && approve->isVisible());
    QTest::keyClick(approve, Qt::Key_Down); // grant all: nobody can be asked there
    QTRY_VERIFY(isArmed("startButton"));
    const auto before = m_rig->newestJournal();
    click("startButton");
    QVERIFY2(m_rig->waitForEvent(before, "TrafficSwitched", "ratq", 60000), qPrintable(line("headline")));
    window().close();
    QTRY_VERIFY(button("background"));
    QVERIFY(window().isVisible());
    click("background");
    QTRY_VERIFY_WITH_TIMEOUT(!window().isVisible(), 30000);
    m_console.reset();
    QVERIFY(m_rig->waitForEvent(before, "RolloutEnded", {}, 120000));
    QCOMPARE(m_rig->versionsOf("portal"), std::vector<std::string>{"2.0.0"});
  }

  void openedAgainTheWindowTellsWhatHappenedMeanwhile() {
    m_console =
        std::make_unique<Console>(m_rig->environmentOf(QStringLiteral("2.0.0")), m_rig->optionsWith(people));
    m_console->open();
    QVERIFY2(waitFor("headline", QStringLiteral("succeeded by"), 20000), qPrintable(line("headline")));
  }

  void noUserSawAnyOfIt() {
    const auto load = m_rig->stopLoad();
    // The router stood still for some seconds in the test above, and each request that waited was answered.
    QVERIFY(integerAt(load, "requests") > 1000);
    QCOMPARE(integerAt(load, "failed"), 0LL);
  }
};

int main(int argc, char** argv) {
  const VirtualDisplay display;
  if (!display.isThere())
    return 1;
  QApplication application(argc, argv);
  applyTheme(application, ThemeChoice::Light);
  TestWindow test;
  return QTest::qExec(&test, argc, argv);
}

#include "tst_window.moc"
