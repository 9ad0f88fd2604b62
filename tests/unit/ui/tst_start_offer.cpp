// What a start would do, and why not now.
#include <QTest>

#include "tests/unit/plan/plan_builders.h"
#include "ui/model/start_offer.h"

using namespace ratdeck;
using namespace ratdeck::testing;

namespace {

TargetFacts target() {
  TargetFacts target;
  target.runtime = "sandbox";
  target.title = "the sandbox default";
  return target;
}

PlanFacts facts(PlanKind kind, bool hasRouter = true) {
  auto world = worldOf(ratStack("1.0.0"));
  world.hasRouter = hasRouter;
  PlanFacts facts;
  facts.wish.kind = kind;
  facts.plan = planFor(ratStack("2.0.0"), world);
  return facts;
}

} // namespace

class StartOfferTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void repeatsTheTarget() {
    QCOMPARE(startLabel(target(), facts(PlanKind::Deploy)),
             QStringLiteral("Deploy to SANDBOX rat (the sandbox default)"));
    QCOMPARE(startLabel(target(), facts(PlanKind::Try)),
             QStringLiteral("Try on SANDBOX rat (the sandbox default)"));
  }

  void namesWhatARollbackGoesTo() {
    auto back = facts(PlanKind::Rollback);
    QCOMPARE(startLabel(target(), back),
             QStringLiteral("Roll back SANDBOX rat (the sandbox default) to before the last change"));
    back.undoes = "r-12";
    QVERIFY(startLabel(target(), back).endsWith(QStringLiteral("to before r-12")));
    back.wish.revision = 4;
    QVERIFY(startLabel(target(), back).endsWith(QStringLiteral("to revision 4")));
  }

  void startsAPlanThatIsInOrder() {
    const auto plan = facts(PlanKind::Deploy);
    QCOMPARE(startRefusal(&plan, {}), QString());
  }

  void saysWhyItCannotBeStarted() {
    auto plan = facts(PlanKind::Deploy);
    StartCircumstances now;
    QCOMPARE(startRefusal(nullptr, now), QStringLiteral("make a plan first"));
    now.isReadOnly = true;
    QCOMPARE(startRefusal(&plan, now), QStringLiteral("this window is read-only"));
    plan.plan.problems.push_back({Severity::Error, "image-missing", "ratd", "", {}});
    QCOMPARE(startRefusal(&plan, now), QStringLiteral("1 error in the plan: mend it and plan again"));
    now.isOutOfDate = true;
    QCOMPARE(startRefusal(&plan, now), QStringLiteral("the form changed: plan again"));
    now.busy = QStringLiteral("planning…");
    QCOMPARE(startRefusal(&plan, now), now.busy);
    const PlanFacts empty;
    QCOMPARE(startRefusal(&empty, {}), QStringLiteral("nothing is to be done"));
  }

  void wantsAnAbsenceAcceptedFirst() {
    const auto plan = facts(PlanKind::Deploy, false);
    StartCircumstances now;
    QCOMPARE(startRefusal(&plan, now), QStringLiteral("check the box first: a service will be away"));
    now.isAwayAccepted = true;
    QCOMPARE(startRefusal(&plan, now), QString());
  }

  void wantsTheSchemaThatStaysTypedFirst() {
    auto plan = facts(PlanKind::Rollback);
    plan.plan.pastSchema = {"041.sql", "042.sql"};
    StartCircumstances now;
    now.pastSchema = {"041.sql"};
    QCOMPARE(startRefusal(&plan, now),
             QStringLiteral("type the schema versions first that stay: 041.sql, 042.sql"));
    now.pastSchema = {"041.sql", "042.sql"};
    QCOMPARE(startRefusal(&plan, now), QString());
    StartWish start;
    start.pastSchema = now.pastSchema;
    PlanWish wish;
    wish.kind = PlanKind::Rollback;
    QCOMPARE(startCommand(wish, start),
             std::string("ratdeckctl rollback --past-schema 041.sql --past-schema 042.sql"));
  }

  void wantsTheReasonFirstWhereTheStackIsNotDeployedNow() {
    auto plan = facts(PlanKind::Deploy);
    plan.plan.problems.push_back({Severity::Warning, "outside-window", "", "it is night", {}});
    StartCircumstances now;
    QCOMPARE(startRefusal(&plan, now),
             QStringLiteral("say first why it is to begin now: deploys are closed at this time"));
    now.isOverrideGiven = true;
    QCOMPARE(startRefusal(&plan, now), QString());
    StartWish start;
    start.windowOverride = "an outage";
    QCOMPARE(startCommand(PlanWish(), start), std::string("ratdeckctl deploy --override-window 'an outage'"));
  }

  void writesTheCommandOfADeploy() {
    PlanWish wish;
    wish.choice.files = {"a file.yml"};
    wish.choice.setImages = {{"portal", "rat/portal@sha256:1"}, {"ratd", ":2.0.0"}};
    wish.choice.services = {"ratd"};
    StartWish start;
    QCOMPARE(
        startCommand(wish, start),
        std::string("ratdeckctl deploy --set portal=rat/portal@sha256:1 --set ratd=:2.0.0 --service ratd "
                    "-f 'a file.yml'"));
    start.approve = "auto";
    start.takesOver = true;
    wish = {};
    wish.kind = PlanKind::Try;
    QCOMPARE(startCommand(wish, start), std::string("ratdeckctl deploy --try --approve auto --take-over"));
  }

  void writesTheCommandOfARollback() {
    PlanWish wish;
    wish.kind = PlanKind::Rollback;
    wish.choice.setImages = {{"ratd", ":2.0.0"}};
    QCOMPARE(startCommand(wish, {}), std::string("ratdeckctl rollback"));
    wish.rollout = "r-12; rm -rf ~";
    QCOMPARE(startCommand(wish, {}), std::string("ratdeckctl rollback 'r-12; rm -rf ~'"));
    wish.revision = 4;
    QCOMPARE(startCommand(wish, {}), std::string("ratdeckctl rollback --to 4"));
  }
};

QTEST_APPLESS_MAIN(StartOfferTest)
#include "tst_start_offer.moc"
