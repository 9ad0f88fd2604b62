// The page where a release engineer plans and starts, driven by mouse and keys and read by its visible text.
#include <QSignalSpy>
#include <QTest>

#include "tests/ui/plan_facts.h"
#include "ui/pages/plan_page.h"
#include "ui/widgets/deliberate_button.h"
#include "ui/widgets/path_list.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/status_label.h"
#include "ui/widgets/theme.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QRadioButton>
#include <QTableView>
#include <QTreeWidget>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

constexpr int patience = 3000; // milliseconds, for a button to be armed

// The page as its window shows it, and what it asked for.
class Screen {
public:
  Screen() {
    QObject::connect(&page, &PlanPage::planWanted, &page,
                     [this](const PlanWish& wish) { wishes.push_back(wish); });
    QObject::connect(&page, &PlanPage::carryOutWanted, &page,
                     [this](const StartWish& wish) { starts.push_back(wish); });
    page.resize(1280, 720);
    page.setTarget(sandboxTarget());
    page.setStack(stackFacts());
    page.begin(PlanKind::Deploy);
    page.show();
    page.activateWindow();
    if (!QTest::qWaitForWindowActive(&page))
      qFatal("no active window");
  }

  template <class Widget>
  Widget* named(const char* name) const {
    auto* found = page.findChild<Widget*>(QLatin1String(name));
    if (!found)
      qFatal("there is no %s", name);
    return found;
  }

  QString text(const char* label) const { return named<PlainLabel>(label)->plain(); }
  QString refusal() const { return text("startRefusal"); }
  DeliberateButton* start() const { return named<DeliberateButton>("startButton"); }

  void click(QAbstractButton* button) const {
    QTest::mouseClick(button, Qt::LeftButton, {}, {8, button->height() / 2});
  }
  void choose(const QString& radio) const {
    for (auto* button : page.findChildren<QRadioButton*>())
      if (button->text() == radio)
        return click(button);
    qFatal("there is no %s", qPrintable(radio));
  }
  void plan() const { click(named<QPushButton>("planButton")); }

  PlanPage page;
  std::vector<PlanWish> wishes;
  std::vector<StartWish> starts;
};

// What the form of an untouched page wishes.
PlanFacts untouched(Plan plan) {
  return factsOf(std::move(plan));
}

// Every text of a tree, a line a row.
QString textOf(const QTreeWidget& tree) {
  QStringList lines;
  for (QTreeWidgetItemIterator row(const_cast<QTreeWidget*>(&tree)); *row; ++row) {
    QStringList cells;
    for (int column = 0; column < tree.columnCount(); ++column)
      cells << (*row)->text(column);
    cells.removeAll(QString());
    lines << cells.join(QStringLiteral(" | "));
  }
  return lines.join(QLatin1Char('\n'));
}

QString textOf(const QAbstractItemView& list) {
  QStringList lines;
  for (int row = 0; row < list.model()->rowCount(); ++row)
    lines << list.model()->index(row, 0).data().toString();
  return lines.join(QLatin1Char('\n'));
}

QModelIndex serviceCell(const QTableView& table, const char* service, int column) {
  for (int row = 0; row < table.model()->rowCount(); ++row)
    if (table.model()->index(row, 0).data() == QVariant(QLatin1String(service)))
      return table.model()->index(row, column);
  qFatal("there is no %s", service);
}

} // namespace

class PlanPageTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { applyTheme(*qApp, ThemeChoice::Light); }

  // The form.

  void anUntouchedFormWishesWhatTheTargetIs() {
    Screen screen;
    screen.plan();
    QCOMPARE(screen.wishes.size(), size_t(1));
    QVERIFY(screen.wishes[0] == untouched({}).wish);
  }

  void theFormSaysWhatIsWished() {
    Screen screen;
    screen.choose(QStringLiteral("Try beside production"));
    QTest::keyClicks(screen.named<QLineEdit>("profiles"), QStringLiteral("test, extra"));
    auto* table = screen.named<QTableView>("serviceTable");
    table->setFocus();
    table->setCurrentIndex(serviceCell(*table, "ratd", 1));
    QTest::keyClick(table, ':');
    QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("2.0.0"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    for (auto* box : screen.page.findChildren<QCheckBox*>())
      if (box->text() == QStringLiteral("Only some services: check them below"))
        screen.click(box);
    table->setCurrentIndex(serviceCell(*table, "portal", 0));
    QTest::keyClick(table, Qt::Key_Space);
    screen.plan();
    QCOMPARE(screen.wishes.size(), size_t(1));
    const auto& wish = screen.wishes[0];
    QCOMPARE(wish.kind, PlanKind::Try);
    QCOMPARE(wish.choice.profiles, (std::vector<std::string>{"test", "extra"}));
    QCOMPARE(wish.choice.setImages, (std::map<std::string, std::string>{{"ratd", ":2.0.0"}}));
    QCOMPARE(wish.choice.services, std::vector<std::string>{"portal"});
    QCOMPARE(wish.choice.files, shippedFiles());
  }

  void filesAreAddedOrderedAndRemoved() {
    Screen screen;
    auto* files = screen.page.findChild<PathList*>();
    files->add({"/other/override.yml", shippedFiles()[0]});
    QCOMPARE(files->paths().size(), size_t(3));
    auto* list = files->findChild<QAbstractItemView*>();
    list->setCurrentIndex(list->model()->index(2, 0));
    for (auto* button : files->findChildren<QPushButton*>())
      if (button->accessibleName().startsWith(QStringLiteral("Move up")))
        screen.click(button);
    QCOMPARE(files->paths()[1], std::string("/other/override.yml"));
    for (auto* button : files->findChildren<QPushButton*>())
      if (button->accessibleName().startsWith(QStringLiteral("Remove")))
        screen.click(button);
    QCOMPARE(files->paths(), shippedFiles());
  }

  void noServiceCheckedIsNoWish() {
    Screen screen;
    for (auto* box : screen.page.findChildren<QCheckBox*>())
      if (box->text() == QStringLiteral("Only some services: check them below"))
        screen.click(box);
    screen.plan();
    QVERIFY(screen.wishes.empty());
  }

  void aRollbackSaysWhatItGoesTo() {
    Screen screen;
    screen.choose(QStringLiteral("Roll back"));
    screen.plan();
    QCOMPARE(screen.wishes.back().kind, PlanKind::Rollback);
    QVERIFY(screen.wishes.back().rollout.empty() && !screen.wishes.back().revision);

    screen.page.begin(PlanKind::Rollback);
    screen.choose(QStringLiteral("Before a past rollout"));
    QCOMPARE(screen.named<QComboBox>("pastRollouts")->count(), 2); // the try is none
    screen.named<QComboBox>("pastRollouts")->setCurrentIndex(1);
    screen.plan();
    QCOMPARE(screen.wishes.back().rollout, stackFacts().past[2].rollout);

    screen.page.begin(PlanKind::Rollback);
    screen.choose(QStringLiteral("A revision"));
    screen.plan();
    QCOMPARE(screen.wishes.back().revision, std::optional(2)); // 3 runs
    QVERIFY(screen.wishes.back().rollout.empty());
  }

  void aLookAtTheStackKeepsWhatWasChosen() {
    Screen screen;
    screen.page.begin(PlanKind::Rollback);
    screen.choose(QStringLiteral("A revision"));
    screen.named<QComboBox>("revisions")->setCurrentIndex(2);
    auto stack = stackFacts();
    stack.revisions.push_back(4);
    screen.page.setStack(stack);
    screen.plan();
    QCOMPARE(screen.wishes.back().revision, std::optional(1));
  }

  // The plan.

  void aPlanIsSeenByItsText() {
    Screen screen;
    screen.page.showPlan(untouched(shippedPlan()));
    QCOMPARE(screen.text("planTitle"), QStringLiteral("8 of 14 services change in 5 waves"));
    QCOMPARE(screen.named<StatusLabel>("planUsers")->line().word,
             QStringLiteral("Every service keeps answering"));
    QVERIFY(screen.text("planHash").contains(QString::fromStdString(shippedPlan().hash.substr(0, 12))));
    const auto tree = textOf(*screen.named<QTreeWidget>("planTree"));
    for (const char* part :
         {"Wave 4 · gateway", "ratd | 1.0.0 → 2.0.0 | start-first | 1 → 1 | at no time | runs ≤ 2 min",
          "changed: image (rat/ratd:1.0.0 → rat/ratd:2.0.0)", "switch traffic to ratd 2.0.0", "Unchanged · 5",
          "Left out · 1"})
      QVERIFY2(tree.contains(QString::fromUtf8(part)), qPrintable(QString::fromUtf8(part) + tree));
    const auto problems = textOf(*screen.named<QAbstractItemView>("problemList"));
    QVERIFY(problems.contains(QStringLiteral("warning · grace-shorter-than-drain")));
    QVERIFY(problems.contains(QStringLiteral("docker-compose.pro.yml:91:5")));
    QCOMPARE(screen.start()->text(), QStringLiteral("Deploy to SANDBOX rat (the sandbox default)"));
    QCOMPARE(screen.refusal(), QString());
  }

  void anEmptyPlanSaysThatNothingIsToBeDone() {
    Screen screen;
    screen.page.showPlan(untouched(emptyPlan()));
    QCOMPARE(screen.text("planTitle"), QStringLiteral("Nothing is to be done"));
    QVERIFY(!screen.start()->isEnabled());
    QCOMPARE(screen.refusal(), QStringLiteral("nothing is to be done"));
  }

  void aFailureNamesItsPlaceAndWhatNext() {
    Screen screen;
    screen.plan();
    screen.page.showFailure(
        {ErrorKind::Input, "the key imgae is unknown", "write image", {"compose.yml", 7, 5}});
    QCOMPARE(screen.text("noticeMessage"), QStringLiteral("the key imgae is unknown"));
    QCOMPARE(screen.text("noticePlace"), QStringLiteral("compose.yml:7:5"));
    QCOMPARE(screen.text("noticeNext"), QStringLiteral("Next: write image"));
    QVERIFY(screen.named<QWidget>("noticeMessage")->isVisible());
    QCOMPARE(screen.refusal(), QStringLiteral("make a plan first"));
  }

  void whileItPlansNothingCanBeAskedFor() {
    Screen screen;
    screen.plan();
    screen.plan();
    QCOMPARE(screen.wishes.size(), size_t(1));
    QCOMPARE(screen.refusal(), QStringLiteral("planning…"));
    screen.page.showPlan(untouched(shippedPlan()));
    screen.plan();
    QCOMPARE(screen.wishes.size(), size_t(2));
  }

  void whatIsBeingPlannedIsCancelledByItsButtonAndByEscape() {
    Screen screen;
    QSignalSpy cancelled(&screen.page, &PlanPage::cancelWanted), closed(&screen.page, &PlanPage::closed);
    auto* cancel = screen.named<QPushButton>("cancelButton");
    QVERIFY(!cancel->isVisible());
    screen.plan();
    QVERIFY(cancel->isVisible());
    screen.click(cancel);
    QCOMPARE(cancelled.size(), 1);
    QCOMPARE(screen.refusal(), QStringLiteral("cancelling…"));
    QVERIFY(!cancel->isVisible());
    QTest::keyClick(&screen.page, Qt::Key_Escape); // once is enough, and it is not over yet
    screen.page.showBusy(QStringLiteral("planning…"));
    QCOMPARE(screen.refusal(), QStringLiteral("cancelling…"));
    screen.page.showFailure({ErrorKind::Cancelled, "cancelled", {}, {}});
    QCOMPARE(screen.named<StatusLabel>("noticeLine")->line().word, QStringLiteral("Cancelled"));
    QVERIFY(screen.named<QPushButton>("planButton")->isEnabled());
    screen.plan();
    QTest::keyClick(&screen.page, Qt::Key_Escape);
    QCOMPARE(cancelled.size(), 2);
    QCOMPARE(closed.size(), 0);
    screen.page.showFailure({ErrorKind::Cancelled, "cancelled", {}, {}});
    QTest::keyClick(&screen.page, Qt::Key_Escape);
    QCOMPARE(closed.size(), 1);
  }

  void aStartThatIsCancelledKeepsItsPlan() {
    Screen screen;
    screen.page.showPlan(untouched(shippedPlan()));
    QTRY_VERIFY_WITH_TIMEOUT(screen.start()->isArmed(), patience);
    screen.click(screen.start());
    screen.page.showBusy(QStringLiteral("pulling rat/ratd:2.0.0"));
    QTest::keyClick(&screen.page, Qt::Key_Escape);
    screen.page.showFailure({ErrorKind::Cancelled, "cancelled", {}, {}});
    QVERIFY(!screen.named<QCheckBox>("takeOver")->isVisible());
    QVERIFY(screen.start()->isEnabled());
    QCOMPARE(screen.named<StatusLabel>("noticeLine")->line().detail,
             QStringLiteral("no service was changed"));
  }

  // The start.

  void theStartButtonIsInertForItsFirstMoments() {
    Screen screen;
    screen.page.showPlan(untouched(shippedPlan()));
    screen.click(screen.start());
    QVERIFY(screen.starts.empty());
    QTRY_VERIFY_WITH_TIMEOUT(screen.start()->isArmed(), patience);
    screen.click(screen.start());
    QCOMPARE(screen.starts.size(), size_t(1));
    QCOMPARE(screen.starts[0].planHash, shippedPlan().hash);
    QCOMPARE(screen.starts[0].approve, std::string("ask"));
    QVERIFY(!screen.starts[0].takesOver);
    screen.click(screen.start());
    QCOMPARE(screen.starts.size(), size_t(1)); // it is being started
  }

  void aClickThatLandsAsThePlanChangesStartsNothing() {
    Screen screen;
    screen.page.showPlan(untouched(shippedPlan()));
    QTRY_VERIFY_WITH_TIMEOUT(screen.start()->isArmed(), patience);
    QTest::mousePress(screen.start(), Qt::LeftButton);
    auto other = shippedPlan();
    other.hash[0] = other.hash[0] == '0' ? '1' : '0';
    screen.page.showPlan(untouched(other));
    QTest::mouseRelease(screen.start(), Qt::LeftButton);
    screen.click(screen.start());
    QVERIFY(screen.starts.empty());
  }

  void enterAndSpaceDoNothingOnStart() {
    Screen screen;
    screen.page.showPlan(untouched(shippedPlan()));
    QTRY_VERIFY_WITH_TIMEOUT(screen.start()->isArmed(), patience);
    screen.start()->setFocus();
    for (int key : {Qt::Key_Return, Qt::Key_Enter, Qt::Key_Space})
      QTest::keyClick(screen.start(), static_cast<Qt::Key>(key));
    QVERIFY(screen.starts.empty());
  }

  void errorsDisableTheStart() {
    Screen screen;
    screen.page.showPlan(untouched(planWithErrors()));
    QVERIFY(!screen.start()->isEnabled());
    QCOMPARE(screen.refusal(), QStringLiteral("1 error in the plan: mend it and plan again"));
    const auto problems = textOf(*screen.named<QAbstractItemView>("problemList"));
    QVERIFY(problems.indexOf(QStringLiteral("image-missing")) <
            problems.indexOf(QStringLiteral("file-not-kept")));
    QVERIFY(problems.contains(QStringLiteral("Broken already, before the first change · 1 warning")));
  }

  void aReadOnlyWindowStartsNothing() {
    Screen screen;
    screen.page.setReadOnly(true);
    screen.page.showPlan(untouched(shippedPlan()));
    QVERIFY(!screen.start()->isEnabled());
    QCOMPARE(screen.refusal(), QStringLiteral("this window is read-only"));
  }

  void anAbsenceMustBeAcceptedFirst() {
    Screen screen;
    screen.page.showPlan(untouched(planWithAbsence()));
    QVERIFY(!screen.start()->isEnabled());
    QCOMPARE(screen.refusal(), QStringLiteral("check the box first: a service will be away"));
    QVERIFY(screen.text("away").startsWith(QStringLiteral("ratq up to 1 min 7 s")));
    screen.click(screen.named<QCheckBox>("acceptAway"));
    QVERIFY(screen.start()->isEnabled());
    screen.click(screen.start());
    QVERIFY(screen.starts.empty()); // it may be pressed since this moment only
    QTRY_VERIFY_WITH_TIMEOUT(screen.start()->isArmed(), patience);
    screen.click(screen.start());
    QCOMPARE(screen.starts.size(), size_t(1));
  }

  void outsideItsWindowTheReasonIsAskedForFirst() {
    Screen screen;
    screen.page.showPlan(untouched(shippedPlan()));
    QVERIFY(!screen.named<QLineEdit>("overrideReason")->isVisible());
    screen.page.showPlan(untouched(closedPlan()));
    QVERIFY(!screen.start()->isEnabled());
    QCOMPARE(screen.refusal(),
             QStringLiteral("say first why it is to begin now: deploys are closed at this time"));
    QCOMPARE(screen.text("closed"),
             QStringLiteral(
                 "deploys are frozen until Mon 2027-01-04 00:00 (Europe/Berlin): the turn of the year; a "
                 "rollback may begin at any time"));
    QTest::keyClicks(screen.named<QLineEdit>("overrideReason"), QStringLiteral("a fix"));
    QVERIFY(screen.named<QLineEdit>("command")->text().contains(QStringLiteral("--override-window 'a fix'")));
    QTRY_VERIFY_WITH_TIMEOUT(screen.start()->isArmed(), patience);
    screen.click(screen.start());
    QCOMPARE(screen.starts.size(), size_t(1));
    QCOMPARE(screen.starts[0].windowOverride, std::string("a fix"));
  }

  void whatWasLookedAtAndWhatIsBrokenAlreadyIsSeen() {
    Screen screen;
    screen.page.showPlan(untouched(closedPlan()));
    const auto tree = textOf(*screen.named<QTreeWidget>("planTree"));
    for (const char* part : {"look again before the first change", "Looked at before",
                             "active runs: 3 now, the oldest for 1 min 30 s", "already-down"})
      QVERIFY2(tree.contains(QString::fromUtf8(part)), qPrintable(QString::fromUtf8(part) + tree));
    const auto problems = textOf(*screen.named<QAbstractItemView>("problemList"));
    QVERIFY(problems.contains(QStringLiteral("Broken already, before the first change")));
    QVERIFY(problems.contains(QStringLiteral("nobody is served by portal")));
  }

  void whatWasAcceptedOfOnePlanIsNotOfAnother() {
    Screen screen;
    screen.page.showPlan(untouched(planWithAbsence()));
    screen.click(screen.named<QCheckBox>("acceptAway"));
    auto other = planWithAbsence();
    other.hash[0] = other.hash[0] == '0' ? '1' : '0';
    screen.page.showPlan(untouched(other));
    QVERIFY(!screen.named<QCheckBox>("acceptAway")->isChecked());
  }

  void approvalsAreListedAndGrantedAsChosen() {
    Screen screen;
    screen.page.showPlan(untouched(planWithAbsence()));
    QCOMPARE(screen.text("approvals"), QStringLiteral("“gateway” before ratd, expires after 30 min"));
    screen.click(screen.named<QCheckBox>("acceptAway"));
    auto* approve = screen.named<QComboBox>("approve");
    approve->setCurrentIndex(approve->findText(QStringLiteral("Wait for somebody else")));
    QTest::keyClicks(screen.named<QLineEdit>("reason"), QStringLiteral(" CHG-42 "));
    QTRY_VERIFY_WITH_TIMEOUT(screen.start()->isArmed(), patience);
    screen.click(screen.start());
    QCOMPARE(screen.starts[0].approve, std::string("wait"));
    QCOMPARE(screen.starts[0].reason, std::string("CHG-42"));
  }

  void aChangeOfTheFormTakesTheStartAway() {
    Screen screen;
    screen.page.showPlan(untouched(shippedPlan()));
    QTRY_VERIFY_WITH_TIMEOUT(screen.start()->isArmed(), patience);
    QTest::keyClicks(screen.named<QLineEdit>("profiles"), QStringLiteral("x"));
    QVERIFY(!screen.start()->isEnabled());
    QCOMPARE(screen.refusal(), QStringLiteral("the form changed: plan again"));
    QCOMPARE(screen.named<StatusLabel>("noticeLine")->line().detail,
             QStringLiteral("the form changed: plan again"));
    QVERIFY(!screen.named<QPushButton>("copyCommand")->isEnabled());
    QTest::keyClick(screen.named<QLineEdit>("profiles"), Qt::Key_Backspace);
    QVERIFY(screen.start()->isEnabled()); // it is the plan of this form again
  }

  void aPlanOfAnOlderFormIsOutOfDateWhenItComes() {
    Screen screen;
    screen.plan();
    QTest::keyClicks(screen.named<QLineEdit>("profiles"), QStringLiteral("x"));
    screen.page.showPlan({screen.wishes[0], shippedPlan(), {}, {}});
    QVERIFY(!screen.start()->isEnabled());
    QCOMPARE(screen.refusal(), QStringLiteral("the form changed: plan again"));
  }

  void aStartThatWasRefusedKeepsThePlanAndOffersToTakeOver() {
    Screen screen;
    screen.page.showPlan(untouched(shippedPlan()));
    QVERIFY(!screen.named<QCheckBox>("takeOver")->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(screen.start()->isArmed(), patience);
    screen.click(screen.start());
    screen.page.showBusy(QStringLiteral("pulling rat/ratd:2.0.0"));
    QCOMPARE(screen.refusal(), QStringLiteral("it begins by itself"));
    QVERIFY(
        screen.named<StatusLabel>("noticeLine")
            ->line()
            .detail.startsWith(QStringLiteral("pulling rat/ratd:2.0.0 · then the rollout begins by itself")));
    screen.page.showFailure({ErrorKind::Refused, "bob works here", "ask bob", {}});
    QCOMPARE(screen.text("noticeMessage"), QStringLiteral("bob works here"));
    QVERIFY(screen.start()->isEnabled());
    screen.click(screen.named<QCheckBox>("takeOver"));
    QTRY_VERIFY_WITH_TIMEOUT(screen.start()->isArmed(), patience);
    screen.click(screen.start());
    QCOMPARE(screen.starts.size(), size_t(2));
    QVERIFY(screen.starts[1].takesOver);
  }

  void theCommandIsShownAndCopied() {
    Screen screen;
    auto facts = untouched(shippedPlan());
    screen.page.showPlan(facts);
    screen.click(screen.named<QPushButton>("copyCommand"));
    const auto expected = QString::fromStdString(commandLine(facts.wish.choice, "deploy"));
    QCOMPARE(QApplication::clipboard()->text(), expected);
    QCOMPARE(screen.named<QLineEdit>("command")->text(), expected);
  }

  void escapeAndBackClose() {
    Screen screen;
    QSignalSpy closed(&screen.page, &PlanPage::closed);
    QTest::keyClick(screen.named<QLineEdit>("profiles"), Qt::Key_Escape);
    QCOMPARE(closed.size(), 1);
    screen.click(screen.named<QPushButton>("backButton"));
    QCOMPARE(closed.size(), 2);
  }

  void anotherTargetForgetsThePlan() {
    Screen screen;
    screen.page.showPlan(untouched(shippedPlan()));
    auto other = sandboxTarget();
    other.choice.sandbox = "other";
    screen.page.setTarget(other);
    QCOMPARE(screen.refusal(), QStringLiteral("make a plan first"));
    screen.plan();
    QVERIFY(screen.wishes[0].choice == other.choice);
  }

  // The keyboard.

  void tabReachesEverything() {
    Screen screen;
    screen.page.showPlan(untouched(planWithAbsence()));
    screen.click(screen.named<QCheckBox>("acceptAway"));
    std::set<QWidget*> reached;
    for (int i = 0; i < 80; ++i) {
      reached.insert(QApplication::focusWidget());
      QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    }
    for (auto* widget : screen.page.findChildren<QWidget*>()) {
      const auto* radio = qobject_cast<QRadioButton*>(widget); // arrows go from one to the next
      if (!widget->isVisible() || !widget->isEnabled() || widget->focusProxy() ||
          !(widget->focusPolicy() & Qt::TabFocus) || (radio && !radio->isChecked()))
        continue;
      QVERIFY2(reached.contains(widget), qPrintable(widget->objectName() + widget->accessibleName()));
    }
  }

  void everyWidgetThatTakesKeysHasAName() {
    Screen screen;
    screen.page.showPlan(untouched(planWithAbsence()));
    for (auto* widget : screen.page.findChildren<QWidget*>()) {
      const auto* button = qobject_cast<QAbstractButton*>(widget);
      if (widget->focusPolicy() == Qt::NoFocus || widget->objectName().startsWith(QStringLiteral("qt_")) ||
          widget->focusProxy() || widget->window() != &screen.page)
        continue;
      const bool isNamed = !widget->accessibleName().isEmpty() || (button && !button->text().isEmpty());
      QVERIFY2(isNamed, qPrintable(widget->objectName() + QLatin1String(widget->metaObject()->className())));
    }
  }
};

QTEST_MAIN(PlanPageTest)
#include "tst_plan_page.moc"
