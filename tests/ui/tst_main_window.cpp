// The window as a person has it before them: facts come in, and what can be read follows; what is meant goes
// out, by the mouse, by keys, from the menus and from the palette alike.
#include "tests/support/rollout_plans.h"
#include "tests/support/text.h"
#include "tests/ui/seen_text.h"
#include "tests/ui/watched_window.h"
#include "ui/widgets/charts.h"
#include "ui/widgets/command_palette.h"
#include "ui/widgets/confirm_dialog.h"
#include "ui/widgets/decision_strip.h"
#include "ui/widgets/deliberate_button.h"
#include "ui/widgets/key_sheet.h"
#include "ui/widgets/leave_dialog.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/service_table.h"
#include "ui/widgets/step_timeline_view.h"
#include "ui/widgets/target_dialog.h"
#include "ui/widgets/theme.h"

#include <QClipboard>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTableWidget>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

bool saysOk(const QString& text) {
  static const QRegularExpression ok(QStringLiteral("\\bOK\\b"));
  return ok.match(text).hasMatch();
}

class Window : public WatchedWindow {
public:
  using WatchedWindow::WatchedWindow;

  QString seen() const { return seenText(window); }
  bool shows(const char* text) const { return seen().contains(QString::fromUtf8(text)); }
  // To the window: without a display nobody gives it the keys back when a dialog closes.
  void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
    if (!isReady())
      qFatal("the window does not get the keys");
    QTest::keyClick(&window, key, modifiers);
  }
  // The dialog of that kind that is open now; null if there is none.
  template <class Dialog>
  Dialog* open() const {
    for (auto* dialog : window.findChildren<Dialog*>())
      if (dialog->isVisible())
        return dialog;
    return nullptr;
  }
};

} // namespace

class MainWindowTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { applyTheme(*qApp, ThemeChoice::Light); }

  // ---- facts and what can be read

  void withoutATargetItSaysSo() {
    ManualClock clock;
    ConsoleModel model(clock);
    MainWindow window(model, "ann");
    window.resize(1280, 800);
    window.show();
    const auto seen = seenText(window);
    for (const char* text :
         {"NO TARGET", "USERS NOT MEASURED · no target is open", "no target is open — ratdeck"})
      QVERIFY2(seen.contains(QString::fromUtf8(text)), text);
    QVERIFY(!saysOk(seen));
    for (const auto& entry : window.actions().entries())
      if (entry.command)
        entry.command(); // there is nothing to copy, and it does no harm
  }

  void theTargetIsInTheTitleAndInItsBand() {
    Window window(planWithWaveGate("go"));
    QCOMPARE(window.window.windowTitle(), QStringLiteral("SANDBOX · rat · the sandbox default — ratdeck"));
    QVERIFY(window.shows("rat · the sandbox default"));
    QVERIFY(window.shows("NOTHING ROLLS"));
  }

  void aTargetThatDoesNotAnswerIsNotReached() {
    Window window(planWithWaveGate("go"));
    window.watched.sample({{"a", {300, 0, 0, 0, 1}}});
    QVERIFY(window.shows("USERS OK"));
    window.watched.model.loseTarget();
    window.watched.show();
    QVERIFY(window.shows("NOT REACHED"));
    QVERIFY(window.shows("NO DATA"));
    QVERIFY(!saysOk(window.seen()));
  }

  void withoutARouterNothingIsMeasuredAndNothingIsOk() {
    Window window(planWithWaveGate("go"), false);
    window.watched.pass(1s);
    QVERIFY(window.shows("USERS NOT MEASURED"));
    window.watched.begin();
    do {
      QVERIFY(window.shows("USERS NOT MEASURED"));
      QVERIFY2(!saysOk(window.seen()), qPrintable(window.seen()));
      window.watched.pass(1s);
      if (!window.watched.view().decisions.empty())
        window.watched.send(approving(window.watched.view().decisions.front(), true, "ann", {}));
    } while (window.watched.view().mode == ConsoleMode::Live);
    QVERIFY(window.shows("USERS NOT MEASURED"));
    QVERIFY2(!saysOk(window.seen()), qPrintable(window.seen()));
  }

  void aFeedThatIsCutIsNoDataWithinTwoSeconds() {
    Window window(planWithWaveGate("go"));
    window.watched.begin();
    for (int second = 0; second < 3; ++second) {
      window.watched.pass(1s);
      window.watched.sample({{"a", {300, 0, 0, 0, 1}}});
    }
    QVERIFY(window.shows("USERS OK · 0 of 900 failed"));
    window.watched.pass(2s);
    QVERIFY(window.shows("NO DATA"));
    QVERIFY2(!saysOk(window.seen()), qPrintable(window.seen()));
    window.watched.sample({{"a", {300, 0, 0, 0, 1}}});
    QVERIFY(window.shows("USERS OK"));
  }

  void stepsThatNobodyObservesAreSaidToBeUnknown() {
    Window window(planWithWaveGate("go"));
    window.watched.begin();
    window.watched.pass(500ms);
    auto* steps = window.window.findChild<StepTimelineView*>();
    QCOMPARE(steps->accessibleDescription(), QStringLiteral("a start"));
    window.watched.send(Observation{ObservationKind::Away, {}, {}, {}, {{"seconds", 42}}});
    QVERIFY(window.shows("TARGET AWAY"));
    QCOMPARE(steps->accessibleDescription(), QStringLiteral("not observed for 42 s, a start"));
  }

  // By the window's own clockwork: nobody tells it that nothing is told any more.
  void theWindowNoticesSilenceByItself() {
    Window window(planWithWaveGate("go"));
    window.watched.begin();
    window.watched.pass(1s);
    window.watched.sample({{"a", {300, 0, 0, 0, 1}}});
    window.watched.clock.advance(2s);
    QTRY_VERIFY_WITH_TIMEOUT(window.shows("NO DATA"), 2000);
    QVERIFY(!saysOk(window.seen()));
  }

  void hurtUsersAreSaidWithTheCulprit() {
    Window window(planWithWaveGate("go"));
    window.watched.begin();
    window.watched.pass(1s);
    window.watched.sample({{"a", {300, 100, 0, 31, 1}}});
    QVERIFY2(window.shows("USERS HURT · 31 of 400 failed, all from a 2"), qPrintable(window.seen()));
    QVERIFY(!saysOk(window.seen()));
  }

  void aHoldIsSeenAndTheButtonContinues() {
    Window window(planWithWaveGate("go"));
    QVERIFY(window.isReady());
    window.watched.begin();
    auto* hold = window.find<DeliberateButton>("holdButton");
    QTRY_VERIFY(hold->isArmed());
    QTest::mouseClick(hold, Qt::LeftButton);
    QTest::mouseClick(hold, Qt::LeftButton); // one too many: it does not continue at once
    QCOMPARE(window.commands.size(), size_t(1));
    QCOMPARE(window.commands.back().kind, CommandKind::Hold);
    QVERIFY(window.shows("HELD"));
    QVERIFY(window.shows("held by ann"));
    QCOMPARE(hold->text(), QStringLiteral("Continue"));
    QTRY_VERIFY(hold->isArmed());
    QTest::mouseClick(hold, Qt::LeftButton);
    QCOMPARE(window.commands.back().kind, CommandKind::Continue);
    QVERIFY(!window.shows("HELD"));
  }

  void aRefusalIsShownWithItsReason() {
    Window window(planWithWaveGate("go"));
    window.watched.begin();
    Command command;
    command.kind = CommandKind::Continue;
    window.watched.send(command);
    QVERIFY2(window.shows("refused: it is not held"), qPrintable(window.seen()));
  }

  void aRolloutIsReadFromItsStartToItsEnd() {
    Window window(planWithWaveGate("go"));
    window.watched.begin();
    QVERIFY(window.shows("ROLLING"));
    QVERIFY(window.watched.runUntil("ApprovalRequested go"));
    QVERIFY(window.shows("WAITING FOR APPROVAL"));
    QVERIFY(window.shows("Approval “go”"));
    QVERIFY(window.shows("29 min 59 s → nobody decided: undo") ||
            window.shows("30 min → nobody decided: undo"));
    window.watched.send(approving(window.watched.view().decisions.front(), true, "ann", {}));
    QVERIFY(window.watched.runUntil("RolloutEnded succeeded"));
    QVERIFY(window.shows("ON 2"));
    QVERIFY(window.find<QPushButton>("doneButton")->isVisible());
    QVERIFY(!window.find<QPushButton>("holdButton")->isVisible());
    QTest::mouseClick(window.find<QPushButton>("doneButton"), Qt::LeftButton);
    QVERIFY(window.shows("NOTHING ROLLS"));
  }

  void theChartsOfAnEndedRolloutStopAtItsEnd() {
    Window window(planOf({servicePlan("a", 1)}));
    window.watched.begin();
    window.watched.pass(1s);
    window.watched.sample({{"a", {300, 0, 0, 0, 1}}});
    QVERIFY(window.watched.runUntil("RolloutEnded succeeded"));
    window.watched.clock.advance(10min);
    window.watched.show();
    QVERIFY2(window.shows("The rollout ended "), qPrintable(window.seen()));
    auto* charts = window.window.findChild<Charts*>();
    QTRY_VERIFY(charts->isSettled());
    QVERIFY(charts->accessibleName().contains(QStringLiteral("up to the end")));
    QTest::keyClick(charts, Qt::Key_End);
    const auto& model = window.watched.model;
    QCOMPARE(charts->cursor(), std::optional<ChartTime>(model.history().at(model.state().endedAt)));
    QVERIFY2(charts->accessibleDescription().contains(QStringLiteral("ended")),
             qPrintable(charts->accessibleDescription()));
  }

  void whatFailedIsSaidAtTheFoot() {
    Window window(planWithWaveGate("go"));
    window.window.showFailure(ConsoleAction::Resume,
                              {ErrorKind::Refused, "another engine has it", "wait", {}});
    QVERIFY(window.shows("another engine has it; wait"));
  }

  void whyAButtonIsGreyIsReadBesideIt() {
    Window window(planWithServiceGate("go"));
    window.watched.begin();
    auto* hold = window.find<DeliberateButton>("holdButton");
    QVERIFY(hold->isEnabled() && hold->accessibleDescription().isEmpty());
    QVERIFY(!window.find<PlainLabel>("bandRefusal")->isVisible());
    const QString reason = QStringLiteral("type a reason first");
    QVERIFY(window.find<QLineEdit>("decisionNote")->placeholderText().contains(reason));
    QVERIFY(!window.find<DeliberateButton>("reject")->accessibleDescription().isEmpty());
    Command undo;
    undo.kind = CommandKind::Abort;
    window.watched.send(undo);
    QCOMPARE(window.watched.view().mode, ConsoleMode::Live);
    QVERIFY(!hold->isEnabled());
    QVERIFY2(window.shows("the rollout is being undone already"), qPrintable(window.seen()));
    QCOMPARE(hold->accessibleDescription(), QStringLiteral("the rollout is being undone already"));
  }

  // ---- who may only read

  void inReadOnlyNoVerbIsThere() {
    Window window(planWithWaveGate("go"));
    window.window.setReadOnly(true);
    window.watched.show();
    const auto check = [&] {
      for (const char* name : {"openPlan", "holdButton", "undoButton", "approve", "reject", "extendDrain",
                               "endRuns", "undoDrain"})
        QVERIFY2(!window.find<QWidget>(name)->isVisible(), name);
      const QStringList harmless{QStringLiteral("Open…"), QStringLiteral("Quit"),
                                 QStringLiteral("Show what runs now"),
                                 QStringLiteral("Look again, or plan again")};
      for (const auto& entry : window.window.actions().entries())
        if (entry.menu != QStringLiteral("View") && !harmless.contains(entry.action->text()))
          QVERIFY2(!entry.action->isEnabled(), qPrintable(entry.action->text()));
    };
    check();
    window.watched.begin();
    QVERIFY(window.watched.runUntil("ApprovalRequested go"));
    check();
    QVERIFY2(!window.shows("No decision is awaited"), "one is, if not here");
    QVERIFY(window.shows("WAITING FOR APPROVAL"));
    window.press(Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
    window.press(Qt::Key_Period, Qt::ControlModifier);
    QVERIFY(window.commands.empty());
  }

  // ---- closing

  void anIdleWindowClosesAtOnce() {
    Window window(planWithWaveGate("go"));
    QSignalSpy closing(&window.window, &MainWindow::closing);
    QVERIFY(window.window.close());
    QCOMPARE(closing.size(), 1);
  }

  void closingInMidRolloutAsksAndEscapeCancels() {
    Window window(planWithWaveGate("go"));
    QVERIFY(window.isReady());
    window.watched.begin();
    QSignalSpy chosen(&window.window, &MainWindow::closingChosen);
    QVERIFY(!window.window.close());
    auto* dialog = window.open<LeaveDialog>();
    QVERIFY(dialog);
    const auto seen = seenText(*dialog);
    for (const char* text : {"Keep running in the background", "Hold, then close", "Cancel"})
      QVERIFY2(seen.contains(QLatin1String(text)), text);
    QTest::keyClick(dialog, Qt::Key_Escape);
    QTRY_VERIFY(!window.open<LeaveDialog>());
    QVERIFY(window.window.isVisible());
    QCOMPARE(chosen.size(), 0);
    QVERIFY(window.commands.empty());
  }

  void theThreeWaysOfLeaving_data() {
    QTest::addColumn<QString>("button");
    QTest::addColumn<int>("way"); // -1: none
    QTest::newRow("background") << QStringLiteral("background") << int(MainWindow::ClosingWay::Background);
    QTest::newRow("hold") << QStringLiteral("holdAndClose") << int(MainWindow::ClosingWay::Hold);
    QTest::newRow("cancel") << QString() << -1;
  }

  void theThreeWaysOfLeaving() {
    QFETCH(QString, button);
    QFETCH(int, way);
    Window window(planWithWaveGate("go"));
    QVERIFY(window.isReady());
    window.watched.begin();
    std::vector<MainWindow::ClosingWay> chosen;
    connect(&window.window, &MainWindow::closingChosen, this,
            [&](MainWindow::ClosingWay how) { chosen.push_back(how); });
    QVERIFY(!window.window.close());
    auto* dialog = window.open<LeaveDialog>();
    for (auto* each : dialog->findChildren<QPushButton*>())
      if (each->objectName() == button)
        QTest::mouseClick(each, Qt::LeftButton);
    QTRY_VERIFY(!window.open<LeaveDialog>());
    QVERIFY(window.window.isVisible());
    QCOMPARE(chosen.size(), size_t(way < 0 ? 0 : 1));
    QVERIFY(way < 0 || chosen[0] == MainWindow::ClosingWay(way));
    window.window.closeNow(); // what was asked was answered
    QVERIFY(!window.window.isVisible());
  }

  // Without anybody it would go on: the hold is a person's to end.
  void whatIsHeldIsNotLeftToTheBackground() {
    Window window(planWithWaveGate("go"));
    QVERIFY(window.isReady());
    window.watched.begin();
    Command command;
    command.kind = CommandKind::Hold;
    window.watched.send(command);
    QVERIFY(!window.window.close());
    auto* dialog = window.open<LeaveDialog>();
    QVERIFY(dialog);
    QVERIFY(!dialog->findChild<QPushButton*>(QStringLiteral("background"))->isVisible());
    QVERIFY(seenText(*dialog).contains(QStringLiteral("Close, it stays held")));
  }

  void nobodyLeavesWhileARolloutIsAboutToBegin() {
    Window window(planWithWaveGate("go"));
    window.watched.model.prepareRollout();
    QVERIFY(!window.window.close());
    QVERIFY(window.shows("a rollout is about to begin"));
    window.watched.model.cancelPreparing();
    QVERIFY(window.window.close());
  }

  // ---- one list of actions

  void menusPaletteAndKeysAreOneList() {
    Window window(planWithWaveGate("go"));
    QVERIFY(window.isReady());
    const auto& entries = window.window.actions().entries();
    std::vector<QAction*> inMenus;
    for (auto* menu : window.window.menuBar()->actions())
      for (auto* action : menu->menu()->actions())
        inMenus.push_back(action);
    QCOMPARE(inMenus.size(), entries.size());
    window.press(Qt::Key_K, Qt::ControlModifier);
    const auto* palette = window.open<CommandPalette>();
    QVERIFY(palette);
    const auto* table = palette->findChild<QTableWidget*>();
    QCOMPARE(size_t(table->rowCount()), entries.size());
    QStringList keys;
    for (size_t i = 0; i < entries.size(); ++i) {
      const auto& [menu, action, command] = entries[i];
      QCOMPARE(std::count(inMenus.begin(), inMenus.end(), action), 1);
      QCOMPARE(table->item(int(i), 0)->text(), menu);
      QCOMPARE(table->item(int(i), 1)->text(), action->text());
      const auto key = action->shortcut().toString(QKeySequence::NativeText);
      QCOMPARE(table->item(int(i), 2)->text(), key);
      if (!key.isEmpty())
        keys << key;
    }
    auto unique = keys;
    unique.removeDuplicates();
    QCOMPARE(unique, keys);
    KeySheet sheet(window.window.actions(), nullptr);
    sheet.show();
    const auto told = seenText(sheet).split(QLatin1Char('\n'));
    for (const auto& key : keys)
      QVERIFY2(told.contains(key), qPrintable(key));
  }

  void thePaletteFiltersAndRunsByKeyboard() {
    Window window(planWithWaveGate("go"));
    QVERIFY(window.isReady());
    auto* table = window.window.findChild<ServiceTable*>();
    QVERIFY(!table->isVisible());
    window.press(Qt::Key_K, Qt::ControlModifier);
    auto* palette = window.open<CommandPalette>();
    auto* words = palette->findChild<QLineEdit*>();
    QTRY_VERIFY(words->hasFocus());
    QTest::keyClicks(words, QStringLiteral("table serv"));
    QCOMPARE(palette->findChild<QTableWidget*>()->rowCount(), 1);
    QTest::keyClick(words, Qt::Key_Return);
    QVERIFY(!palette->isVisible());
    QVERIFY(table->isVisible());
    window.press(Qt::Key_K, Qt::ControlModifier);
    QVERIFY(words->text().isEmpty()); // it begins anew
    QTest::keyClick(words, Qt::Key_Escape);
    QVERIFY(!palette->isVisible());
  }

  void thePalettesArrowsPassOverWhatCannotBeDone() {
    Window window(planWithWaveGate("go"));
    QVERIFY(window.isReady());
    window.press(Qt::Key_K, Qt::ControlModifier);
    auto* palette = window.open<CommandPalette>();
    auto* words = palette->findChild<QLineEdit*>();
    auto* table = palette->findChild<QTableWidget*>();
    std::vector<int> reached;
    for (int i = 0; i < table->rowCount(); ++i) {
      if (reached.empty() || reached.back() != table->currentRow())
        reached.push_back(table->currentRow());
      QTest::keyClick(words, Qt::Key_Down);
    }
    std::vector<int> enabled;
    const auto& entries = window.window.actions().entries();
    for (size_t i = 0; i < entries.size(); ++i)
      if (entries[i].action->isEnabled())
        enabled.push_back(int(i));
    QVERIFY(enabled.size() < entries.size()); // there is something to pass over
    QVERIFY(reached == enabled);
    QTest::keyClick(words, Qt::Key_Up);
    QCOMPARE(table->currentRow(), enabled[enabled.size() - 2]);
  }

  void thePaletteCopiesTheCommandThatDoesTheSame() {
    Window window(planWithWaveGate("go"));
    QVERIFY(window.isReady());
    window.press(Qt::Key_K, Qt::ControlModifier);
    auto* words = window.open<CommandPalette>()->findChild<QLineEdit*>();
    QTest::keyClicks(words, QStringLiteral("plan a deploy"));
    QTest::keyClick(words, Qt::Key_C, Qt::ControlModifier);
    QVERIFY2(QGuiApplication::clipboard()->text().startsWith(QStringLiteral("ratdeckctl plan")),
             qPrintable(QGuiApplication::clipboard()->text()));
  }

  void aButtonCopiesTheCommandThatDoesTheSameWhereThereIsOne() {
    Window window(planWithWaveGate("go"));
    QVERIFY(window.isReady());
    const auto offered = [&](const char* name) {
      auto* button = window.find<QPushButton>(name);
      Q_EMIT button->customContextMenuRequested(QPoint(4, 4));
      auto* menu = button->findChild<QMenu*>();
      return menu ? menu->actions().first() : nullptr;
    };
    auto* copy = offered("undoButton");
    QVERIFY(copy && copy->isEnabled());
    copy->trigger();
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("ratdeckctl rollback"));
    window.watched.begin();
    QVERIFY(offered("holdButton") && !offered("holdButton")->isEnabled());
  }

  // Approving from the palette is a decision as well: not before it was there to be read.
  void thePaletteApprovesNothingTooEarly() {
    Window window(planWithWaveGate("go"));
    QVERIFY(window.isReady());
    window.watched.begin();
    QVERIFY(window.watched.runUntil("ApprovalRequested go"));
    const auto approve = [&] {
      window.press(Qt::Key_K, Qt::ControlModifier);
      auto* words = window.open<CommandPalette>()->findChild<QLineEdit*>();
      QTest::keyClicks(words, QStringLiteral("approve"));
      QTest::keyClick(words, Qt::Key_Return);
    };
    approve();
    QVERIFY(window.commands.empty());
    QTRY_VERIFY(window.find<DeliberateButton>("approve")->isArmed());
    approve();
    QCOMPARE(window.commands.size(), size_t(1));
  }

  void keysDoWhatTheyAreListedFor() {
    Window window(planWithWaveGate("go"));
    QVERIFY(window.isReady());
    window.press(Qt::Key_Slash);
    auto* filter = qobject_cast<QLineEdit*>(QApplication::focusWidget());
    QVERIFY(filter); // of the events
    QTest::keyClicks(filter, QStringLiteral("/?"));
    QCOMPARE(filter->text(), QStringLiteral("/?")); // in a line they are letters
    window.window.setFocus();
    window.press(Qt::Key_Question);
    QVERIFY(window.open<KeySheet>());
    QTest::keyClick(window.open<KeySheet>(), Qt::Key_Escape);
    QTRY_VERIFY(!window.open<KeySheet>());
    window.press(Qt::Key_O, Qt::ControlModifier);
    QVERIFY(window.open<TargetDialog>());
    QTest::keyClick(window.open<TargetDialog>(), Qt::Key_Escape);
    window.watched.begin();
    window.press(Qt::Key_Period, Qt::ControlModifier);
    QCOMPARE(window.commands.size(), size_t(1));
    QCOMPARE(window.commands[0].kind, CommandKind::Hold);
  }

  // ---- questions

  void undoAsksWhereOldCopiesAreGoneAndCancelIsTheDefault() {
    Window window(planWithWaveGate("go"));
    QVERIFY(window.isReady());
    window.watched.begin();
    QVERIFY(window.watched.runUntil("InstanceStopped a-1"));
    auto* undo = window.find<DeliberateButton>("undoButton");
    QTRY_VERIFY(undo->isArmed());
    QVERIFY(undo->text().startsWith(QStringLiteral("Undo… · back to 1: restarts 1 copy")));
    QTest::mouseClick(undo, Qt::LeftButton);
    auto* dialog = window.open<ConfirmDialog>();
    QVERIFY(dialog);
    QVERIFY(seenText(*dialog).contains(QStringLiteral("restarts 1 copy")));
    QTest::keyClick(dialog, Qt::Key_Return); // the default
    QTRY_VERIFY(!window.open<ConfirmDialog>());
    QVERIFY(window.commands.empty());
    QTRY_VERIFY(undo->isArmed());
    QTest::mouseClick(undo, Qt::LeftButton);
    dialog = window.open<ConfirmDialog>();
    auto* confirm = dialog->findChild<DeliberateButton*>();
    QTest::mouseClick(confirm, Qt::LeftButton);
    QVERIFY(window.commands.empty());
    QTRY_VERIFY(confirm->isArmed());
    QTest::mouseClick(confirm, Qt::LeftButton);
    QCOMPARE(window.commands.size(), size_t(1));
    QCOMPARE(window.commands[0].kind, CommandKind::Abort);
  }

  void undoPastASchemaDemandsItsVersions() {
    auto plan = planWithWaveGate("go");
    plan.tasks = {taskPlan(TaskSpec::Kind::Schema, "schema-a", TaskSpec::When::Before, "a")};
    sign(plan);
    Window window(plan);
    QVERIFY(window.isReady());
    window.watched.begin();
    QVERIFY(window.watched.runUntil("InstanceStopped a-1"));
    auto* undo = window.find<DeliberateButton>("undoButton");
    QTRY_VERIFY(undo->isArmed());
    QVERIFY2(undo->text().contains(QStringLiteral("schema a.sql stays")), qPrintable(undo->text()));
    QTest::mouseClick(undo, Qt::LeftButton);
    auto* dialog = window.open<ConfirmDialog>();
    auto* confirm = dialog->findChild<DeliberateButton*>();
    auto* typed = dialog->findChild<QLineEdit*>(QStringLiteral("typedWords"));
    QVERIFY(!confirm->isEnabled() && typed->isVisible());
    QTest::keyClicks(typed, QStringLiteral("b.sql"));
    QVERIFY(!confirm->isEnabled());
    typed->setText(QStringLiteral("a.sql"));
    QTRY_VERIFY(confirm->isArmed() && confirm->isEnabled());
    QTest::mouseClick(confirm, Qt::LeftButton);
    QCOMPARE(window.commands.size(), size_t(1));
    QVERIFY(window.commands[0].pastSchema == std::set<std::string>{"a.sql"});
  }

  void stoppingHereNeedsAReason() {
    Window window(planWithWaveGate("go"));
    QVERIFY(window.isReady());
    window.watched.begin();
    window.action(QStringLiteral("Stop here, leave versions mixed…"))->trigger();
    auto* dialog = window.open<ConfirmDialog>();
    auto* confirm = dialog->findChild<DeliberateButton*>();
    QTRY_VERIFY(confirm->isArmed());
    QTest::mouseClick(confirm, Qt::LeftButton);
    QVERIFY(window.commands.empty());
    QTest::keyClicks(dialog->findChild<QLineEdit*>(), QStringLiteral("the portal waits for legal"));
    QTest::mouseClick(confirm, Qt::LeftButton);
    QCOMPARE(window.commands.size(), size_t(1));
    QCOMPARE(window.commands[0].kind, CommandKind::StopHere);
    QCOMPARE(window.commands[0].reason, std::string("the portal waits for legal"));
  }

  void anUnfinishedRolloutIsOffered() {
    Window window(planWithWaveGate("go"));
    QVERIFY(window.isReady());
    auto stack = *window.watched.model.stack();
    PastFacts past;
    past.rollout = "20261126-110000-beef";
    stack.unfinished = {past};
    window.window.showStack(stack);
    window.watched.model.showStack(stack);
    window.watched.show();
    QVERIFY(window.shows("20261126-110000-beef is unfinished"));
    std::vector<ResumeWish> wishes;
    connect(&window.window, &MainWindow::resumeWanted, this,
            [&](const ResumeWish& wish) { wishes.push_back(wish); });
    window.action(QStringLiteral("Resume the unfinished rollout"))->trigger();
    QCOMPARE(wishes.size(), size_t(1));
    QCOMPARE(wishes[0].rollout, past.rollout);
    QVERIFY(!wishes[0].undo);
    window.action(QStringLiteral("Undo the unfinished rollout…"))->trigger();
    auto* confirm = window.open<ConfirmDialog>()->findChild<DeliberateButton*>();
    QTRY_VERIFY(confirm->isArmed());
    QTest::mouseClick(confirm, Qt::LeftButton);
    QCOMPARE(wishes.size(), size_t(2));
    QVERIFY(wishes[1].undo);
    // and on the band, in the place of what cannot be begun before it is done with
    QVERIFY(!window.find<QPushButton>("openPlan")->isVisible());
    QVERIFY(!window.find<QPushButton>("undoButton")->isVisible());
    QVERIFY(window.find<QPushButton>("undoUnfinishedButton")->isVisible());
    auto* resume = window.find<DeliberateButton>("resumeButton");
    QTRY_VERIFY(resume->isArmed());
    QTest::mouseClick(resume, Qt::LeftButton);
    QCOMPARE(wishes.size(), size_t(3));
    QVERIFY(!wishes[2].undo);
    QSignalSpy inspected(&window.window, &MainWindow::inspectWanted);
    QTest::mouseClick(window.find<QPushButton>("inspectButton"), Qt::LeftButton);
    QCOMPARE(inspected.size(), 1);
    QCOMPARE(inspected[0][0].toString(), QString::fromStdString(past.rollout));
    window.window.setReadOnly(true);
    window.watched.show();
    QVERIFY(window.find<QPushButton>("inspectButton")->isVisible());
    QVERIFY(!resume->isVisible());
  }

  void aKeyLooksAgainAndOnThePlansPagePlansAgain() {
    Window window(planWithWaveGate("go"));
    QSignalSpy looked(&window.window, &MainWindow::lookWanted);
    QSignalSpy planned(&window.window, &MainWindow::planWanted);
    window.press(Qt::Key_F5);
    QCOMPARE(looked.size(), 1);
    QTest::mouseClick(window.find<QPushButton>("openPlan"), Qt::LeftButton);
    window.press(Qt::Key_F5);
    QCOMPARE(planned.size(), 1);
    window.press(Qt::Key_F5); // it plans already
    QCOMPARE(planned.size(), 1);
    QCOMPARE(looked.size(), 1);
  }
};

QTEST_MAIN(MainWindowTest)
#include "tst_main_window.moc"
