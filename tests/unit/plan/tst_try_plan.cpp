// What of a plan is tried beside what runs, and what is not, with the reason.
#include <QTest>

#include "core/plan/plan_text.h"
#include "core/plan/try_plan.h"
#include "tests/unit/plan/plan_builders.h"

using namespace ratdeck;
using namespace ratdeck::testing;

namespace {

Plan ratPlan() {
  auto wanted = ratStack("2.0.0");
  wanted.policy.approvals = {{"go", ApprovalSpec::When::Before, "ratd", 0, 30min}};
  wanted.policy.monitor = 3s;
  wanted.services.at("runner").expose.clear(); // nothing routes to it
  wanted.services.at("ratq").replicas = 4;
  wanted.services.at("ratq").updateConfig =
      UpdateConfig{2, 0s, FailureAction::Pause, 7s, 0.5, UpdateOrder::StartFirst};
  auto before = ratStack("1.0.0");
  before.services.at("ratq").replicas = 4;
  before.services.at("runner").expose.clear();
  return planFor(wanted, worldOf(before));
}

} // namespace

class TestTryPlan : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void theNewCopiesStartWithTheSameNamesAndGatesAndTheOldOnesAreLeftAlone() {
    auto plan = ratPlan(), tried = tryPlan(plan);
    QVERIFY(tried.isTry);
    const auto &meant = plan.services.at("portal"), &portal = tried.services.at("portal");
    QCOMPARE(copiesText(portal.newCopies), "rat-portal-2");
    QVERIFY(portal.newCopies == meant.newCopies);
    QVERIFY(portal.gate == meant.gate);
    QCOMPARE(portal.toHash, meant.toHash);
    QVERIFY(meant.isRouted && !meant.oldCopies.empty());
    QVERIFY(!portal.isRouted && portal.oldCopies.empty());
  }

  void nothingIsWaitedForButTheGates() {
    auto plan = ratPlan(), tried = tryPlan(plan);
    QVERIFY(!plan.approvals.empty() && plan.activeRuns && !plan.verify.empty());
    QVERIFY(tried.approvals.empty() && !tried.activeRuns && tried.verify.empty());
    QVERIFY(plan.services.at("ratd").monitor > 0s);
    for (const auto& [name, service] : tried.services) {
      QVERIFY2(!service.drain && service.analyses.empty(), name.c_str());
      QVERIFY2(service.monitor == 0s && service.keepWarm == 0s && service.delay == 0s, name.c_str());
    }
  }

  void noMoreCopiesStandBesideWhatRunsThanInADeploy() {
    auto plan = ratPlan();
    QCOMPARE(copiesText(plan.services.at("ratq").newCopies), "rat-ratq-5 rat-ratq-6 rat-ratq-7 rat-ratq-8");
    QCOMPARE(copiesText(tryPlan(plan).services.at("ratq").newCopies), "rat-ratq-5 rat-ratq-6");
    plan.services.at("ratq").parallelism = 0; // all at once
    QCOMPARE(tryPlan(plan).services.at("ratq").newCopies.size(), size_t(4));
  }

  void oneBadCopyFailsItsServiceAndNothingElse() {
    auto tried = tryPlan(ratPlan());
    QCOMPARE(tried.onFailureScope, FailureScope::Service);
    QCOMPARE(tried.services.at("ratq").failureAction, FailureAction::Rollback);
    QCOMPARE(tried.services.at("ratq").maxFailureRatio, 0.0);
  }

  void whatMustNotRunTwiceIsLeftOutWithTheReason() {
    auto plan = ratPlan(), tried = tryPlan(plan);
    QVERIFY(plan.services.contains("runner"));
    QVERIFY(!tried.services.contains("runner"));
    QCOMPARE(reasonFor(tried, "runner"),
             "not tried: nothing routes to it: two copies might do its work twice");
    QCOMPARE(tried.unchangedVersions.at("runner"), "1.0.0");
    for (const auto& change : tried.changes)
      QVERIFY(change.service != "runner");
  }

  void onAnEmptyTargetStoresAndJobsAreLeftOut() {
    auto tried = tryPlan(planFor(ratStack("1.0.0"), emptyWorld()));
    QCOMPARE(reasonFor(tried, "postgres"), "not tried: two copies would write to the volume data");
    QCOMPARE(reasonFor(tried, "minio-init"), "not tried: a job does its work as soon as it runs");
    QVERIFY(!tried.unchangedVersions.contains("postgres"));
    QVERIFY(tried.services.contains("ratd"));
  }

  void aServiceThatOnlyLosesCopiesStartsNone() {
    auto before = ratStack("1.0.0");
    before.services.at("portal").replicas = 3;
    auto tried = tryPlan(planFor(ratStack("1.0.0"), worldOf(before)));
    QVERIFY(tried.isEmpty());
    QCOMPARE(reasonFor(tried, "portal"), "not tried: it starts no new copy");
    QVERIFY(toText(tried).find("nothing to try") != std::string::npos);
  }

  void wavesWithoutServicesAreGoneAndTheOthersNumberedAnew() {
    auto plan = planFor(ratStack("1.0.0"), emptyWorld()), tried = tryPlan(plan);
    QVERIFY(tried.waves.size() < plan.waves.size());
    int index = 0;
    for (const auto& wave : tried.waves) {
      QCOMPARE(wave.index, ++index);
      QVERIFY(!wave.services.empty());
      for (const auto& name : wave.services)
        QCOMPARE(tried.services.at(name).wave, index);
    }
  }

  void itsStepsSayThatNothingStays() {
    auto tried = tryPlan(ratPlan());
    auto steps = stepsText(tried, "portal");
    QVERIFY2(steps.find("portal.stop: remove what was tried") != std::string::npos, steps.c_str());
    for (const char* none : {"switch", "verify", "drain", "approve"})
      QVERIFY2(steps.find(none) == std::string::npos, steps.c_str());
    auto text = toText(tried);
    QVERIFY2(text.find("services are tried") != std::string::npos, text.c_str());
    QVERIFY2(text.find("Nothing is routed to the new copies") != std::string::npos, text.c_str());
  }

  void itIsAnotherPlanThanTheDeployAndReadsBackAsItself() {
    auto plan = ratPlan(), tried = tryPlan(plan);
    QVERIFY(tried.hash != plan.hash);
    QCOMPARE(tried.revision, plan.revision);
    auto read = planFromJson(toJson(tried));
    QVERIFY(read && *read == tried);
    auto json = toJson(tried);
    json.erase("try"); // as if it were a deploy
    QVERIFY(!planFromJson(json));
  }
};

QTEST_GUILESS_MAIN(TestTryPlan)
#include "tst_try_plan.moc"
