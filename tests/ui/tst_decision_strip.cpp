// A decision is made by a person who saw what it is about: by a click that began and ended well after it
// appeared, never by Enter or Space, never by a click that was meant for another one.
#include "tests/support/rollout_plans.h"
#include "tests/support/text.h"
#include "tests/ui/watched_window.h"
#include "ui/widgets/decision_strip.h"
#include "ui/widgets/deliberate_button.h"
#include "ui/widgets/theme.h"

#include <QComboBox>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QSignalSpy>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

constexpr int inertTime = 800; // milliseconds

DecisionRequest approvalOf(const char* gate) {
  DecisionRequest request;
  request.gate = GateId(gate);
  request.planHash = "hash-1";
  request.title = QStringLiteral("Approval “%1”").arg(QLatin1String(gate));
  request.next = QStringLiteral("roll ratd 2.3.0 → 2.4.0");
  request.then = QStringLiteral("nobody decided: undo");
  return request;
}

DecisionRequest drainOf(const QStringList& runs) {
  DecisionRequest request;
  request.kind = DecisionRequest::Kind::Drain;
  request.service = "ratd";
  request.title = QStringLiteral("ratd: %1 active runs at the deadline").arg(runs.size());
  request.runs = request.runIds = runs;
  request.extension = QStringLiteral("10 min");
  request.extensionTime = 10min;
  return request;
}

// A strip alone, and what it told.
class Strip {
public:
  Strip() {
    QObject::connect(&strip, &DecisionStrip::approved, &strip,
                     [this](const DecisionRequest& request) { tell("approve", request, {}); });
    QObject::connect(
        &strip, &DecisionStrip::rejected, &strip,
        [this](const DecisionRequest& request, const QString& reason) { tell("reject", request, reason); });
    QObject::connect(
        &strip, &DecisionStrip::drainDecided, &strip,
        [this](const DecisionRequest& request, DeadlineAction decision, const QString& reason, Duration by) {
          static constexpr const char* names[] = {"wait", "extend", "end", "undo"};
          tell(names[static_cast<int>(decision)], request, reason);
          extendBy = by;
        });
    strip.resize(1200, 80);
    strip.show();
  }

  void ask(const std::vector<DecisionRequest>& requests, Duration at = 0s) {
    const Instant now{BootTime(1h + at), WallTime(1h + at)};
    strip.setRequests(requests, now, QStringLiteral("No decision is awaited"), QStringLiteral("USERS OK"));
  }
  DeliberateButton* button(const char* name) const {
    return strip.findChild<DeliberateButton*>(QLatin1String(name));
  }
  QLineEdit* note() const { return strip.findChild<QLineEdit*>(); }
  void click(const char* name) const { QTest::mouseClick(button(name), Qt::LeftButton); }
  bool isArmed(const char* name) const {
    return QTest::qWaitFor([&] { return button(name)->isArmed(); }, 3000);
  }
  // Clicks on and on until one is obeyed or the button is armed. Milliseconds that took.
  qint64 peck(const char* name) {
    QElapsedTimer timer;
    timer.start();
    const bool isObeyed = QTest::qWaitFor(
        [&] {
          click(name);
          return !told.empty();
        },
        5000);
    return isObeyed ? timer.elapsed() : -1;
  }

  DecisionStrip strip;
  std::string told;
  Duration extendBy{}; // "approve gateway@hash-1, reject …"

private:
  void tell(const std::string& verb, const DecisionRequest& request, const QString& reason) {
    told += (told.empty() ? "" : ", ") + verb + " " +
            (request.kind == DecisionRequest::Kind::Approval ? request.gate.value + "@" + request.planHash
                                                             : request.service) +
            (reason.isEmpty() ? "" : ": " + reason.toStdString());
  }
};

Plan planWithGates() {
  auto plan = planOf({servicePlan("a", 1), servicePlan("b", 2)});
  plan.approvals = {{"first", ApprovalSpec::When::Before, "", 1, 30min},
                    {"second", ApprovalSpec::When::Before, "", 2, 30min}};
  sign(plan);
  return plan;
}

} // namespace

class DecisionStripTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { applyTheme(*qApp, ThemeChoice::Light); }

  // The control of all that follows: it is the time that makes the difference, not the click.
  void theSameClickApprovesWhenTheTimeIsOver() {
    Strip strip;
    strip.ask({approvalOf("gateway")});
    strip.click("approve");
    QVERIFY(strip.told.empty());
    QVERIFY(strip.isArmed("approve"));
    strip.click("approve");
    QCOMPARE(strip.told, std::string("approve gateway@hash-1"));
  }

  void noClickInTheFirstMomentsApproves() {
    Strip strip;
    strip.ask({approvalOf("gateway")});
    const auto took = strip.peck("approve");
    QVERIFY2(took >= inertTime, qPrintable(QString::number(took)));
    QCOMPARE(strip.told, std::string("approve gateway@hash-1"));
  }

  void noClickAfterAChangeOfWhatIsAskedApproves_data() {
    QTest::addColumn<QString>("field");
    for (const char* field : {"gate", "plan", "title", "next"})
      QTest::newRow(field) << QString::fromLatin1(field);
  }

  void noClickAfterAChangeOfWhatIsAskedApproves() {
    QFETCH(QString, field);
    Strip strip;
    auto request = approvalOf("gateway");
    strip.ask({request});
    QVERIFY(strip.isArmed("approve"));
    if (field == QStringLiteral("gate"))
      request.gate = GateId("other");
    else if (field == QStringLiteral("plan"))
      request.planHash = "hash-2";
    else
      (field == QStringLiteral("title") ? request.title : request.next) = QStringLiteral("something else");
    strip.ask({request});
    const auto took = strip.peck("approve");
    QVERIFY2(took >= inertTime, qPrintable(QString::number(took)));
  }

  void aRequestThatComesBackIsANewOne() {
    Strip strip;
    strip.ask({approvalOf("gateway")});
    QVERIFY(strip.isArmed("approve"));
    strip.ask({});
    QVERIFY(!strip.button("approve")->isVisible());
    strip.ask({approvalOf("gateway")});
    const auto took = strip.peck("approve");
    QVERIFY2(took >= inertTime, qPrintable(QString::number(took)));
  }

  void theCountdownTicksWithoutDisarming() {
    Strip strip;
    auto request = approvalOf("gateway");
    request.until = BootTime(1h + 30min);
    strip.ask({request});
    QVERIFY(strip.isArmed("approve"));
    for (int second = 1; second <= 40; ++second) {
      request.changed = QString::number(second);
      strip.ask({request}, std::chrono::seconds(second));
      QVERIFY(strip.button("approve")->isArmed());
    }
    QVERIFY(
        !strip.strip.findChild<QWidget*>(QStringLiteral("decisionCountdown"))->accessibleName().isEmpty());
    strip.click("approve");
    QCOMPARE(strip.told, std::string("approve gateway@hash-1"));
  }

  void aPressForOneGateIsNoClickOnTheNext_data() {
    QTest::addColumn<bool>("waitsLong");
    QTest::newRow("released at once") << false;
    QTest::newRow("released when the next one is armed") << true;
  }

  void aPressForOneGateIsNoClickOnTheNext() {
    QFETCH(bool, waitsLong);
    Strip strip;
    strip.ask({approvalOf("first")});
    QVERIFY(strip.isArmed("approve"));
    QTest::mousePress(strip.button("approve"), Qt::LeftButton);
    strip.ask({approvalOf("second")});
    if (waitsLong)
      QVERIFY(strip.isArmed("approve"));
    QTest::mouseRelease(strip.button("approve"), Qt::LeftButton);
    QVERIFY(strip.told.empty());
    QVERIFY(strip.isArmed("approve"));
    strip.click("approve");
    QCOMPARE(strip.told, std::string("approve second@hash-1"));
  }

  void aPressBeforeTheTimeIsNoClickAfterIt() {
    Strip strip;
    strip.ask({approvalOf("gateway")});
    QTest::mousePress(strip.button("approve"), Qt::LeftButton);
    QVERIFY(strip.isArmed("approve"));
    QTest::mouseRelease(strip.button("approve"), Qt::LeftButton);
    QVERIFY(strip.told.empty());
  }

  void aPressThatIsDrawnAwayIsTakenBack() {
    Strip strip;
    strip.ask({approvalOf("gateway")});
    QVERIFY(strip.isArmed("approve"));
    auto* button = strip.button("approve");
    QTest::mousePress(button, Qt::LeftButton);
    QTest::mouseMove(button, {-40, 0});
    QTest::mouseRelease(button, Qt::LeftButton, {}, {-40, 0});
    QVERIFY(strip.told.empty());
  }

  void aDoubleClickApprovesOnce() {
    Strip strip;
    strip.ask({approvalOf("gateway")});
    QVERIFY(strip.isArmed("approve"));
    QTest::mouseClick(strip.button("approve"), Qt::LeftButton);
    QTest::mouseDClick(strip.button("approve"), Qt::LeftButton);
    QCOMPARE(strip.told, std::string("approve gateway@hash-1"));
  }

  void onlyTheLeftButtonOfTheMouseMeansIt() {
    Strip strip;
    strip.ask({approvalOf("gateway")});
    QVERIFY(strip.isArmed("approve"));
    for (const auto button : {Qt::RightButton, Qt::MiddleButton})
      QTest::mouseClick(strip.button("approve"), button);
    QVERIFY(strip.told.empty());
  }

  void keysDoNothingOnAnyButton_data() {
    QTest::addColumn<int>("key");
    QTest::newRow("Enter") << int(Qt::Key_Enter);
    QTest::newRow("Return") << int(Qt::Key_Return);
    QTest::newRow("Space") << int(Qt::Key_Space);
    QTest::newRow("Select") << int(Qt::Key_Select);
  }

  void keysDoNothingOnAnyButton() {
    QFETCH(int, key);
    for (const auto& request : {approvalOf("gateway"), drainOf({QStringLiteral("run-1")})}) {
      Strip strip;
      strip.strip.activateWindow();
      QVERIFY(QTest::qWaitForWindowActive(&strip.strip));
      strip.ask({request});
      strip.note()->setText(QStringLiteral("CHG-7"));
      const bool isApproval = request.kind == DecisionRequest::Kind::Approval;
      QVERIFY(strip.isArmed(isApproval ? "approve" : "endRuns"));
      int reached = 0;
      for (auto* button : strip.strip.findChildren<DeliberateButton*>()) {
        if (!button->isVisible())
          continue;
        button->setFocus();
        QVERIFY(button->hasFocus() && button->isArmed() && button->isEnabled());
        QTest::keyClick(button, Qt::Key(key));
        button->click(); // as a mnemonic or a screen reader would
        ++reached;
      }
      QCOMPARE(reached, isApproval ? 2 : 3);
      strip.note()->setFocus();
      QTest::keyClick(strip.note(), Qt::Key(key));
      QVERIFY2(strip.told.empty(), strip.told.c_str());
    }
  }

  void theFocusIsNeverGivenToAButton() {
    Strip strip;
    strip.strip.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&strip.strip));
    const auto isOnButton = [&] {
      return qobject_cast<DeliberateButton*>(QApplication::focusWidget()) != nullptr;
    };
    QVERIFY(!isOnButton());
    strip.ask({approvalOf("gateway")});
    QVERIFY(!isOnButton());
    strip.strip.focusRequest();
    QCOMPARE(QApplication::focusWidget(), strip.note());
    strip.ask({drainOf({QStringLiteral("run-1")})});
    QCOMPARE(QApplication::focusWidget(), strip.note());
    strip.ask({});
    QCOMPARE(QApplication::focusWidget(), &strip.strip);
  }

  // Who types a note when the request goes must not steer the rollout with the rest of it.
  void whatIsTypedAsTheRequestGoesSteersNothing() {
    WatchedWindow window(planWithGates());
    QVERIFY(window.isReady());
    window.watched.begin();
    QTest::keyClick(&window.window, Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(window.find<QLineEdit>("decisionNote")->hasFocus());
    window.watched.send(approving(window.watched.view().decisions.front(), true, "bob", {}));
    QVERIFY(!window.find<QLineEdit>("decisionNote")->isVisible());
    QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("CHG 7 \r"));
    QVERIFY(window.commands.empty());
    QCOMPARE(QApplication::focusWidget(), window.window.findChild<DecisionStrip*>());
  }

  void rejectingNeedsAReason() {
    Strip strip;
    strip.ask({approvalOf("gateway")});
    QVERIFY(strip.isArmed("reject"));
    strip.click("reject");
    QTest::keyClicks(strip.note(), QStringLiteral("   "));
    strip.click("reject");
    QVERIFY(strip.told.empty());
    QTest::keyClicks(strip.note(), QStringLiteral("p99"));
    strip.click("reject");
    QCOMPARE(strip.told, std::string("reject gateway@hash-1:    p99"));
  }

  void goingOnWithoutAVerdictNeedsAReason() {
    Strip strip;
    auto request = approvalOf("inconclusive-ratd");
    request.needsReason = true;
    strip.ask({request});
    QVERIFY(!strip.button("approve")->isEnabled());
    strip.note()->setText(QStringLiteral("night: nobody is awake"));
    QVERIFY(strip.button("approve")->isEnabled());
    QVERIFY(strip.isArmed("approve"));
    strip.click("approve");
    QCOMPARE(strip.told, std::string("approve inconclusive-ratd@hash-1"));
    strip.ask({approvalOf("next")}); // one that needs none
    strip.note()->clear();
    QVERIFY(strip.button("approve")->isEnabled());
  }

  void endingRunsAndUndoingNeedAReasonAndWaitingDoesNot() {
    Strip strip;
    strip.ask({drainOf({QStringLiteral("run-1"), QStringLiteral("run-2")})});
    QVERIFY(strip.isArmed("endRuns"));
    strip.click("endRuns");
    strip.click("undoDrain");
    QVERIFY(strip.told.empty());
    strip.click("extendDrain");
    QCOMPARE(strip.told, std::string("extend ratd"));
    QTest::keyClicks(strip.note(), QStringLiteral("CHG-7"));
    strip.click("endRuns");
    strip.click("undoDrain");
    QCOMPARE(strip.told, std::string("extend ratd, end ratd: CHG-7, undo ratd: CHG-7"));
  }

  void itIsWaitedAsMuchLongerAsWasChosen() {
    Strip strip;
    strip.ask({drainOf({QStringLiteral("run-1")})});
    auto* choice = strip.strip.findChild<QComboBox*>(QStringLiteral("extendBy"));
    QVERIFY(choice && choice->isVisible());
    QCOMPARE(choice->currentText(), QStringLiteral("10 min")); // the plan's own
    QVERIFY(strip.isArmed("extendDrain"));
    strip.click("extendDrain");
    QCOMPARE(strip.extendBy, Duration(10min));
    choice->setCurrentIndex(choice->findText(QStringLiteral("30 min")));
    QCOMPARE(strip.button("extendDrain")->text(), QStringLiteral("Wait +30 min"));
    QVERIFY(strip.isArmed("extendDrain"));
    strip.ask({drainOf({QStringLiteral("run-1")})}, 5s); // asked again, it stays chosen
    QVERIFY(strip.isArmed("extendDrain"));
    strip.click("extendDrain");
    QCOMPARE(strip.extendBy, Duration(30min));
    strip.ask({});
    QVERIFY(!choice->isVisible());
  }

  // "End these 2 runs" ends the two that were read, and no others that took their place.
  void otherRunsAreAnotherQuestionAndTheReasonIsKept() {
    Strip strip;
    strip.ask({drainOf({QStringLiteral("run-1"), QStringLiteral("run-2")})});
    QTest::keyClicks(strip.note(), QStringLiteral("CHG-7"));
    QVERIFY(strip.isArmed("endRuns"));
    strip.ask({drainOf({QStringLiteral("run-1"), QStringLiteral("run-3")})});
    strip.click("endRuns");
    QVERIFY(strip.told.empty());
    QCOMPARE(strip.note()->text(), QStringLiteral("CHG-7"));
    strip.ask({approvalOf("gateway")});
    QVERIFY(strip.note()->text().isEmpty());
  }

  void theAgesOfRunsGoOnWithoutDisarming() {
    Strip strip;
    auto request = drainOf({QStringLiteral("run-1")});
    strip.ask({request});
    QVERIFY(strip.isArmed("endRuns"));
    request.runs = QStringList{QStringLiteral("run-1 · running · 43 s old")};
    strip.ask({request});
    QVERIFY(strip.button("endRuns")->isArmed());
    QCOMPARE(strip.strip.findChild<QWidget*>(QStringLiteral("decisionNext"))->accessibleName(),
             QStringLiteral("run-1 · running · 43 s old"));
  }

  // ---- in the whole window, with a rollout behind it

  void aWindowApprovesTheGateItShows() {
    WatchedWindow window(planWithGates());
    QVERIFY(window.isReady());
    window.watched.begin();
    auto* approve = window.find<DeliberateButton>("approve");
    QVERIFY(approve->isVisible());
    QTest::mouseClick(approve, Qt::LeftButton);
    QVERIFY(window.commands.empty());
    QTRY_VERIFY(approve->isArmed());
    QTest::mouseClick(approve, Qt::LeftButton);
    QCOMPARE(window.commands.size(), size_t(1));
    QCOMPARE(window.commands[0].gate, GateId("first"));
    QCOMPARE(window.commands[0].planHash, window.watched.world.start.plan.hash);
    QCOMPARE(window.commands[0].actor, std::string("ann"));
    QVERIFY(window.watched.runUntil("ApprovalGranted first"));
  }

  void inAWindowAClickAsOneGateReplacesAnotherApprovesNothing() {
    WatchedWindow window(planWithGates());
    QVERIFY(window.isReady());
    window.watched.begin();
    auto* approve = window.find<DeliberateButton>("approve");
    QTRY_VERIFY(approve->isArmed());
    QTest::mousePress(approve, Qt::LeftButton);
    window.watched.send(
        approving(window.watched.view().decisions.front(), true, "bob", {})); // from elsewhere
    QVERIFY(window.watched.runUntil("ApprovalRequested second"));
    QVERIFY(approve->isVisible());
    QTest::mouseRelease(approve, Qt::LeftButton);
    QTest::mouseClick(approve, Qt::LeftButton);
    QVERIFY(window.commands.empty());
    QTRY_VERIFY(approve->isArmed());
    QTest::mouseClick(approve, Qt::LeftButton);
    QCOMPARE(window.commands.size(), size_t(1));
    QCOMPARE(window.commands[0].gate, GateId("second"));
  }

  void theKeyApprovesWhatIsShownAndNotTooEarly() {
    WatchedWindow window(planWithGates());
    QVERIFY(window.isReady());
    window.watched.begin();
    const auto press = [&] {
      QTest::keyClick(&window.window, Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
    };
    press();
    QVERIFY(window.commands.empty());
    QTRY_VERIFY(window.find<DeliberateButton>("approve")->isArmed());
    press();
    press();
    QCOMPARE(window.commands.size(), size_t(1));
    QCOMPARE(window.commands[0].kind, CommandKind::Approve);
    QCOMPARE(window.commands[0].gate, GateId("first"));
    QCOMPARE(window.commands[0].planHash, window.watched.world.start.plan.hash);
    QVERIFY(window.watched.runUntil("ApprovalRequested second"));
    press();
    QCOMPARE(window.commands.size(), size_t(1));
    QTRY_VERIFY(window.find<DeliberateButton>("approve")->isArmed());
    press();
    QCOMPARE(window.commands.size(), size_t(2));
    QCOMPARE(window.commands[1].gate, GateId("second"));
  }

  void theKeyWorksFromTheNoteAndTakesItAlong() {
    WatchedWindow window(planWithGates());
    QVERIFY(window.isReady());
    window.watched.begin();
    QTest::keyClick(&window.window, Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
    auto* note = window.find<QLineEdit>("decisionNote");
    QVERIFY(note->hasFocus());
    QTest::keyClicks(note, QStringLiteral("CHG-7"));
    QTRY_VERIFY(window.find<DeliberateButton>("approve")->isArmed());
    QTest::keyClick(note, Qt::Key_Return); // Enter alone means nothing
    QVERIFY(window.commands.empty());
    QTest::keyClick(note, Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(window.commands.size(), size_t(1));
    QCOMPARE(window.commands[0].reason, std::string("CHG-7"));
  }

  void enterAndSpaceInALiveWindowDoNothing() {
    WatchedWindow window(planWithGates());
    QVERIFY(window.isReady());
    window.watched.begin();
    QTRY_VERIFY(window.find<DeliberateButton>("approve")->isArmed());
    window.find<QLineEdit>("decisionNote")->setText(QStringLiteral("CHG-7"));
    for (auto* button : window.window.findChildren<DeliberateButton*>()) {
      if (!button->isVisible())
        continue;
      button->setFocus();
      for (const auto key : {Qt::Key_Enter, Qt::Key_Return, Qt::Key_Space})
        QTest::keyClick(button, key);
    }
    QVERIFY(window.commands.empty());
  }

  void approveHasNotTheFirstFocus() {
    WatchedWindow window(planWithGates());
    QVERIFY(window.isReady());
    window.watched.begin();
    QCoreApplication::processEvents();
    QVERIFY(!qobject_cast<DeliberateButton*>(QApplication::focusWidget()));
    QTest::keyClick(&window.window, Qt::Key_U, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(QApplication::focusWidget(), window.find<DeliberateButton>("undoButton"));
    QVERIFY(window.commands.empty()); // the key goes there and does nothing
  }

  void aDrainIsDecidedByName() {
    WatchedWindow window(planWithRuns());
    QVERIFY(window.isReady());
    window.watched.world.runs["a"] = {{0s, 2}};
    window.watched.begin();
    QVERIFY(window.watched.runUntil("DrainDeadlinePassed a"));
    auto* end = window.find<DeliberateButton>("endRuns");
    QVERIFY(end->isVisible() && !end->isEnabled());
    QTest::keyClicks(window.find<QLineEdit>("decisionNote"), QStringLiteral("CHG-7"));
    QTRY_VERIFY(end->isArmed());
    QTest::mouseClick(end, Qt::LeftButton);
    QCOMPARE(window.commands.size(), size_t(1));
    QCOMPARE(window.commands[0].kind, CommandKind::DecideDrain);
    QCOMPARE(window.commands[0].service, std::string("a"));
    QVERIFY(window.watched.runUntil("RolloutEnded succeeded"));
  }

  void undoNowUndoesWithOneClickAndNotTooEarly() {
    WatchedWindow window(planWithGates());
    QVERIFY(window.isReady());
    auto* undo = window.find<DeliberateButton>("undoButton");
    QTRY_VERIFY(undo->isArmed()); // as "Roll back…"
    QTest::mousePress(undo, Qt::LeftButton);
    window.watched.begin(); // and now it means another thing
    QTest::mouseRelease(undo, Qt::LeftButton);
    QTest::mouseClick(undo, Qt::LeftButton);
    QVERIFY(window.commands.empty());
    QTRY_VERIFY(undo->isArmed());
    QVERIFY(undo->text().startsWith(QStringLiteral("Undo now")));
    QTest::mouseClick(undo, Qt::LeftButton);
    QCOMPARE(window.commands.size(), size_t(1));
    QCOMPARE(window.commands[0].kind, CommandKind::Abort);
  }
};

QTEST_MAIN(DecisionStripTest)
#include "tst_decision_strip.moc"
