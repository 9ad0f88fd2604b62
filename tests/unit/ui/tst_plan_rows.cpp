// A plan as a tree.
#include <QTest>

#include "core/plan/try_plan.h"
#include "tests/unit/plan/plan_builders.h"
#include "ui/model/plan_rows.h"

#include <algorithm>

using namespace ratdeck;
using namespace ratdeck::testing;

namespace {

Plan deployOn(const World& world, StackSpec wanted = ratStack("2.0.0")) {
  return planFor(wanted, world);
}

World routedWorld() {
  return worldOf(ratStack("1.0.0"));
}

// The row of this kind whose text begins so, wherever it is; a row without text if there is none.
PlanRow find(const std::vector<PlanRow>& rows, PlanRow::Kind kind, const QString& start) {
  for (const auto& row : rows) {
    if (row.kind == kind && row.text.startsWith(start))
      return row;
    if (auto below = find(row.children, kind, start); !below.text.isEmpty())
      return below;
  }
  return {};
}

QStringList textsOf(const std::vector<PlanRow>& rows) {
  QStringList texts;
  for (const auto& row : rows)
    texts << row.text;
  return texts;
}

} // namespace

class PlanRowsTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void groupsServicesByWave() {
    const auto rows = planRows(deployOn(routedWorld()));
    QCOMPARE(textsOf(rows).mid(0, 3),
             QStringList({QStringLiteral("Wave 1 · query"), QStringLiteral("Wave 2 · runner"),
                          QStringLiteral("Wave 3 · plugins")}));
    QCOMPARE(textsOf(rows[2].children),
             QStringList({QStringLiteral("auth-keycloak"), QStringLiteral("cloud-aws")}));
  }

  void saysOfAServiceAllThatMatters() {
    auto world = routedWorld();
    world.hasRouter = false;
    const auto row = find(planRows(deployOn(world)), PlanRow::Kind::Service, QStringLiteral("ratd"));
    QCOMPARE(row.version, QStringLiteral("1.0.0 → 2.0.0"));
    QCOMPARE(row.order, QStringLiteral("stop-first"));
    QCOMPARE(row.copies, QStringLiteral("1 → 1"));
    QCOMPARE(row.away, QStringLiteral("≤ 1 min 7 s"));
    QVERIFY(row.isAway);
    QCOMPARE(row.drain, QStringLiteral("runs ≤ 20 s"));
    QCOMPARE(row.atMost, QStringLiteral("≤ 45 s"));
  }

  void saysWhyThisOrderAndWhatChanges() {
    const auto row = find(planRows(deployOn(routedWorld())), PlanRow::Kind::Service, QStringLiteral("ratq"));
    QCOMPARE(row.away, QStringLiteral("at no time"));
    QVERIFY(!row.isAway);
    QCOMPARE(row.children[0].text,
             QStringLiteral("start-first because: the router keeps the old copy until the "
                            "new one has passed its gate"));
    QCOMPARE(row.children[1].text, QStringLiteral("changed: image (rat/ratq:1.0.0 → rat/ratq:2.0.0)"));
    QCOMPARE(row.children[2].kind, PlanRow::Kind::Step);
    QCOMPARE(row.children[2].text, QStringLiteral("1. start 1 copy of ratq 2.0.0"));
    QCOMPARE(row.children[2].atMost, QStringLiteral("≤ 30 s"));
  }

  void putsApprovalsWhereTheyAreAsked() {
    auto wanted = ratStack("2.0.0");
    wanted.policy.approvals = {{"first", ApprovalSpec::When::Before, "", 1, 30min},
                               {"last", ApprovalSpec::When::After, "", 1, 30min},
                               {"gateway", ApprovalSpec::When::Before, "ratd", 0, 30min}};
    const auto rows = planRows(deployOn(routedWorld(), wanted));
    const auto& wave = rows.front().children;
    QVERIFY(wave[0].text.startsWith(QStringLiteral("look again"))); // at the world, before anything is asked
    QCOMPARE(wave[1].kind, PlanRow::Kind::Approval);
    QVERIFY(wave[1].text.startsWith(QStringLiteral("approve first before wave 1")));
    QVERIFY(wave.back().text.startsWith(QStringLiteral("approve last after wave 1")));
    const auto ratd = find(rows, PlanRow::Kind::Service, QStringLiteral("ratd"));
    QVERIFY(
        !find(ratd.children, PlanRow::Kind::Approval, QStringLiteral("1. approve gateway")).text.isEmpty());
  }

  void endsWithWhatIsLeftOutAndWhatStays() {
    auto request = requestFor(ratStack("2.0.0"), routedWorld());
    request.services = {"ratq"};
    const auto rows = planRows(*makePlan(request));
    const auto unchanged = rows.back();
    QCOMPARE(unchanged.kind, PlanRow::Kind::Group);
    QVERIFY(unchanged.text.startsWith(QStringLiteral("Unchanged · ")));
    const auto leftOut = rows[rows.size() - 2];
    QVERIFY(leftOut.text.startsWith(QStringLiteral("Left out · ")));
    QVERIFY(!leftOut.children.front().text.isEmpty());
  }

  void showsTheNewCopiesOfATry() {
    const auto row =
        find(planRows(tryPlan(deployOn(routedWorld()))), PlanRow::Kind::Service, QStringLiteral("ratq"));
    QCOMPARE(row.order, QStringLiteral("beside it"));
    QCOMPARE(row.copies, QStringLiteral("1"));
    QVERIFY(row.drain.isEmpty());
  }

  void showsWhatIsStartedForTheFirstTime() {
    const auto row = find(planRows(deployOn(emptyWorld())), PlanRow::Kind::Service, QStringLiteral("ratd"));
    QCOMPARE(row.version, QStringLiteral("new 2.0.0"));
    QCOMPARE(row.order, QStringLiteral("start"));
    QVERIFY(row.away.isEmpty());
  }
};

QTEST_APPLESS_MAIN(PlanRowsTest)
#include "tst_plan_rows.moc"
