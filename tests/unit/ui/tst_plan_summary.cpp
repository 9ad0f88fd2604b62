// A plan in sentences.
#include <QTest>

#include "tests/unit/plan/plan_builders.h"
#include "ui/model/plan_summary.h"

using namespace ratdeck;
using namespace ratdeck::testing;

namespace {

Plan planOn(bool hasRouter) {
  auto world = worldOf(ratStack("1.0.0"));
  world.hasRouter = hasRouter;
  return planFor(ratStack("2.0.0"), world);
}

} // namespace

class PlanSummaryTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void countsServicesAndWaves() {
    QCOMPARE(planTitle(planOn(true)), QStringLiteral("6 of 11 services change in 5 waves"));
  }

  void saysThatNothingIsToBeDone() {
    const auto stack = ratStack("1.0.0");
    const auto plan = planFor(stack, worldOf(stack));
    QCOMPARE(planTitle(plan), QStringLiteral("Nothing is to be done"));
    QCOMPARE(usersLine(plan).word, QStringLiteral("Nothing changes for users"));
    QVERIFY(awayLines(plan).isEmpty());
  }

  void saysThatEveryServiceKeepsAnswering() {
    const auto line = usersLine(planOn(true));
    QCOMPARE(line.word, QStringLiteral("Every service keeps answering"));
    QCOMPARE(line.mood, Mood::Ok);
  }

  void namesWhoIsAwayAndForHowLong() {
    const auto plan = planOn(false);
    const auto line = usersLine(plan);
    QCOMPARE(line.word, QStringLiteral("Away while replaced"));
    QCOMPARE(line.mood, Mood::Caution);
    QVERIFY(line.detail.startsWith(QStringLiteral("ratq up to 1 min 7 s, runner up to")));
    QCOMPARE(awayLines(plan).size(), 6);
  }

  void neverPraisesAPlanWithErrors() {
    auto plan = planOn(true);
    plan.problems.push_back({Severity::Error, "image-missing", "ratd", "it is not there", {}});
    const auto line = usersLine(plan);
    QCOMPARE(line.mood, Mood::Failed);
    QCOMPARE(line.word, QStringLiteral("Cannot be started"));
    QVERIFY(line.detail.startsWith(QStringLiteral("1 error below")));
  }

  void neverPraisesAPlanThatMayNotBeginNow() {
    auto plan = planOn(true);
    plan.problems.push_back({Severity::Warning,
                             "freeze",
                             "",
                             "deploys are frozen until Monday; a rollback may begin at any time",
                             {}});
    const auto line = usersLine(plan);
    QCOMPARE(line.mood, Mood::Caution);
    QCOMPARE(line.word, QStringLiteral("Deploys are closed"));
    QCOMPARE(line.detail, QStringLiteral("begins only with a reason · Every service keeps answering"));
    QCOMPARE(closedLines(plan), QStringList{QStringLiteral(
                                    "deploys are frozen until Monday; a rollback may begin at any time")});
  }

  void listsApprovalsWithTheirPlaceAndTerm() {
    auto plan = planOn(true);
    plan.approvals = {{"gateway", ApprovalSpec::When::Before, "ratd", 0, 30min},
                      {"end", ApprovalSpec::When::After, "", 2, 90s}};
    QCOMPARE(approvalLines(plan),
             QStringList({QStringLiteral("“gateway” before ratd, expires after 30 min"),
                          QStringLiteral("“end” after wave 2, expires after 1 min 30 s")}));
  }

  void countsProblemsByWeight() {
    QCOMPARE(problemCount({}), QStringLiteral("none"));
    QCOMPARE(problemCount({{Severity::Info, "a", "", "", {}},
                           {Severity::Error, "b", "", "", {}},
                           {Severity::Error, "c", "", "", {}}}),
             QStringLiteral("2 errors, 1 note"));
  }

  void countsWhatItDoesNotName() {
    const QStringList words{QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")};
    QCOMPARE(listed(words, 3), QStringLiteral("a, b, c"));
    QCOMPARE(listed(words, 1), QStringLiteral("a and 2 more"));
  }

  void takesNoNameForAPlaceholder() {
    auto plan = planOn(true);
    plan.approvals = {{"%2", ApprovalSpec::When::Before, "%3", 0, 1min}};
    QCOMPARE(approvalLines(plan).front(), QStringLiteral("“%2” before %3, expires after 1 min"));
  }
};

QTEST_APPLESS_MAIN(PlanSummaryTest)
#include "tst_plan_summary.moc"
