// Whatever a name, a file or an error holds, the page shows it as plain text and keeps its size.
#include <QTest>

#include "core/base/plain_text.h"
#include "tests/ui/hostile_texts.h"
#include "tests/ui/plainness.h"
#include "tests/ui/plan_facts.h"
#include "ui/pages/plan_page.h"
#include "ui/widgets/target_dialog.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QPushButton>
#include <QScrollArea>
#include <QTreeWidget>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

void fillProblems(std::vector<Problem>& problems, const std::string& text) {
  problems.clear();
  for (auto severity : {Severity::Error, Severity::Warning, Severity::Info})
    problems.push_back({severity, text, text, text, {text, 7, 7}});
}

Plan hostilePlan(const std::string& text) {
  auto plan = planWithAbsence();
  plan.project = plan.runtime = plan.hash = plan.vantage = text;
  for (auto& wave : plan.waves)
    wave.title = text;
  plan.waves.front().services.push_back(text);
  auto service = plan.services.at("ratd");
  service.service = service.fromImage = service.toImage = service.fromVersion = service.toVersion = text;
  service.orderReason = text;
  plan.services[text] = service;
  plan.changes.push_back({text, text, text, {"image", text, text}});
  for (auto& step : plan.steps)
    step.title = text;
  for (auto& approval : plan.approvals)
    approval.id = approval.service = text;
  plan.unchanged.push_back(text);
  plan.unchangedVersions[text] = text;
  plan.excluded.push_back({text, text});
  fillProblems(plan.problems, text);
  fillProblems(plan.baseline, text);
  return plan;
}

StackChoice hostileChoice(const std::string& text) {
  StackChoice choice;
  choice.files = choice.envFiles = choice.profiles = choice.services = {text};
  choice.projectName = choice.sandbox = choice.context = choice.journalFolder = text;
  choice.setImages = {{text, text}, {"ratd", text}};
  return choice;
}

TargetFacts hostileTarget(const std::string& text) {
  auto target = sandboxTarget();
  target.choice = hostileChoice(text);
  target.title = target.runtime = target.stack.project = text;
  target.stack.services[text] = testing::service(text, text);
  return target;
}

StackFacts hostileStack(const std::string& text) {
  auto stack = stackFacts();
  for (auto* past : {&*stack.lastChange, &stack.past.front()}) {
    past->rollout = past->actor = past->result = text;
    past->changes = {text, text};
  }
  return stack;
}

void complainOf(const QWidget& window) {
  const auto complaint = complaintOf(window);
  QVERIFY2(complaint.isEmpty(), qPrintable(complaint));
}

} // namespace

class PlanPageHostileTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { applyTheme(*qApp, ThemeChoice::Dark); }

  void showsItPlainly_data() { addHostileTexts(); }

  void showsItPlainly() {
    QFETCH(QByteArray, bytes);
    const auto hostile = bytes.toStdString();
    PlanPage page;
    page.resize(1280, 720);
    page.setTarget(hostileTarget(hostile));
    page.setStack(hostileStack(hostile));
    page.begin(PlanKind::Deploy);
    PlanFacts facts{{hostileChoice(hostile), PlanKind::Deploy, {}, {}}, hostilePlan(hostile), hostile, {}};
    facts.warnings = {{ErrorKind::Input, hostile, hostile, {hostile, 1, 1}}};
    page.show();
    page.showPlan(facts);
    page.findChild<QTreeWidget*>()->expandAll();
    page.grab();
    complainOf(page);
    page.begin(PlanKind::Rollback);
    facts.wish.kind = PlanKind::Rollback;
    page.showPlan(facts);
    page.grab();
    complainOf(page);
    page.showFailure({ErrorKind::Input, hostile, hostile, {hostile, 1, 1}});
    page.showBusy(QString::fromStdString(plainText(hostile)));
    page.showFailure({ErrorKind::Input, hostile, hostile, {hostile, 1, 1}});
    page.grab();
    complainOf(page);
    QVERIFY2(page.minimumSizeHint().width() <= 1280,
             qPrintable(QString::number(page.minimumSizeHint().width())));
  }

  void theDialogShowsItPlainly_data() { addHostileTexts(); }

  void theDialogShowsItPlainly() {
    QFETCH(QByteArray, bytes);
    TargetDialog dialog(hostileChoice(bytes.toStdString()));
    dialog.show();
    dialog.showTest(dialog.choice(), false, QString::fromUtf8(bytes));
    dialog.grab();
    complainOf(dialog);
    QVERIFY(dialog.minimumSizeHint().width() <= 1280);
  }

  // What a terminal would take for its own must not be pasted into one.
  void aCommandThatSteersATerminalIsNotCopied() {
    PlanPage page;
    page.setTarget(hostileTarget("\033]0;owned\007"));
    PlanFacts facts;
    facts.wish.choice = hostileTarget("\033]0;owned\007").choice;
    facts.plan = shippedPlan();
    page.showPlan(facts);
    QVERIFY(!page.findChild<QPushButton*>(QStringLiteral("copyCommand"))->isEnabled());
  }
};

QTEST_MAIN(PlanPageHostileTest)
#include "tst_plan_page_hostile.moc"
