// Problems under headings, the worst first.
#include <QAbstractItemModelTester>
#include <QTest>

#include "ui/model/problem_list_model.h"

using namespace ratdeck;

namespace {

PlanFacts facts() {
  PlanFacts facts;
  facts.plan.problems = {{Severity::Info, "note-a", "", "a note", {}},
                         {Severity::Error, "error-b", "", "an error", {"compose.yml", 7, 3}},
                         {Severity::Warning, "warning-c", "", "a warning", {}}};
  facts.plan.baseline = {{Severity::Warning, "unhealthy-before", "", "it was broken", {}}};
  facts.warnings = {{ErrorKind::Input, "an unknown key", "remove it", {"compose.yml", 9, 1}}};
  return facts;
}

QStringList titlesOf(const ProblemListModel& model) {
  QStringList titles;
  for (int row = 0; row < model.rowCount(); ++row)
    titles << model.rowAt(row).title;
  return titles;
}

} // namespace

class ProblemListModelTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void standsUpToTheTester() {
    ProblemListModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const auto some = facts();
    model.setPlan(&some);
    model.setPlan(nullptr);
    QCOMPARE(model.rowCount(), 0);
  }

  void namesTheWorstFirst() {
    ProblemListModel model;
    const auto some = facts();
    model.setPlan(&some);
    QCOMPARE(titlesOf(model),
             QStringList({QStringLiteral("Problems · 1 error, 1 warning, 1 note · 1 broken already"),
                          QStringLiteral("error-b"), QStringLiteral("warning-c"), QStringLiteral("note-a"),
                          QStringLiteral("Broken already, before the first change · 1 warning"),
                          QStringLiteral("unhealthy-before"),
                          QStringLiteral("Said while the files were read · 1 warning"), QString()}));
  }

  void saysWordCodePlaceAndMessage() {
    ProblemListModel model;
    const auto some = facts();
    model.setPlan(&some);
    QCOMPARE(model.data(model.index(1), Qt::AccessibleTextRole).toString(),
             QStringLiteral("error · error-b · compose.yml:7:3 · an error"));
    QCOMPARE(model.data(model.index(7), Qt::DisplayRole).toString(),
             QStringLiteral("warning · compose.yml:9:1 · an unknown key; remove it"));
  }

  void letsNoHeadingBeChosen() {
    ProblemListModel model;
    const auto some = facts();
    model.setPlan(&some);
    QVERIFY(!(model.flags(model.index(0)) & Qt::ItemIsSelectable));
    QVERIFY(model.flags(model.index(1)) & Qt::ItemIsSelectable);
  }
};

QTEST_APPLESS_MAIN(ProblemListModelTest)
#include "tst_problem_list_model.moc"
