// Services that serve nobody before the first change: what is waited for, in which order, and what is said.
#include <QTest>

#include "core/plan/plan_text.h"
#include "tests/unit/plan/plan_builders.h"

using namespace ratdeck;
using namespace ratdeck::testing;

namespace {

StackSpec stackWithRuns(const std::string& version) {
  auto stack = ratStack(version);
  stack.policy.activeRuns = ActiveRunsSpec{"ratd", 8080, "/api/v1/runs"};
  VerifySpec ready;
  ready.service = "ratd";
  ready.probe.kind = ProbeKind::Http;
  ready.probe.name = "GET /health/ready";
  ready.probe.port = 8080;
  stack.policy.verify = {ready};
  return stack;
}

InstanceInfo& copyIn(World& world, const std::string& service) {
  for (auto& copy : world.instances)
    if (copy.service == service)
      return copy;
  qFatal("no copy");
}

World worldWith(const std::string& service, Health health, Routing routing = Routing::Serving) {
  auto world = worldOf(stackWithRuns("1.0.0"));
  copyIn(world, service).health = health;
  copyIn(world, service).routing = routing;
  return world;
}

std::string baselineOf(const Plan& plan) {
  std::string text;
  for (const auto& problem : plan.baseline)
    text += (text.empty() ? "" : " ") + problem.code + "/" + problem.service;
  return text;
}

std::string saidOf(const Plan& plan) {
  for (const auto& problem : plan.baseline)
    if (problem.code == "already-down")
      return problem.message;
  return {};
}

std::vector<std::string> names(const std::string& name) {
  return {name};
}

} // namespace

class AlreadyDownTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aHealthyStackHasNone() {
    const auto plan = planFor(stackWithRuns("2.0.0"), worldOf(stackWithRuns("1.0.0")));
    QVERIFY(plan.alreadyDown.empty() && plan.baseline.empty());
    QVERIFY(plan.services.at("runner").drain.has_value());
  }

  void aCopyThatFailsItsChecksStaysUntilTheNewOneIsWell() {
    const auto plan = planFor(stackWithRuns("2.0.0"), worldWith("portal", Health::Unhealthy));
    QCOMPARE(plan.alreadyDown, names("portal"));
    QCOMPARE(plan.services.at("portal").order, UpdateOrder::StartFirst);
    QVERIFY(plan.services.at("portal").orderReason.find("already-down") != std::string::npos);
    QCOMPARE(baselineOf(plan), std::string("already-down/portal unhealthy-before/portal"));
    QCOMPARE(
        saidOf(plan),
        std::string(
            "nobody is served by portal: its copy fails its checks; the shortest safe order: the new copy "
            "starts beside it and takes over when it has passed its gate, and no run is waited for; if "
            "the gate fails it is left as broken as before"));
    QVERIFY(toText(plan).find("Broken already, before the first change") != std::string::npos);
  }

  void aCopyOfWhichNothingIsKnownMayServe() {
    QVERIFY(planFor(stackWithRuns("2.0.0"), worldWith("portal", Health::Unknown)).alreadyDown.empty());
  }

  void aServiceOfWhichOneCopyServesIsNotDown() {
    auto stack = stackWithRuns("1.0.0");
    stack.services.at("portal").replicas = 2;
    auto world = worldOf(stack);
    copyIn(world, "portal").health = Health::Unhealthy;
    auto wanted = stackWithRuns("2.0.0");
    wanted.services.at("portal").replicas = 2;
    QVERIFY(planFor(wanted, world).alreadyDown.empty());
  }

  // A check may be wrong, and then live runs would be lost.
  void itsRunsAreWaitedForWhereSomebodyMayWorkOnThem() {
    auto world = worldWith("runner", Health::Unhealthy);
    world.runs = RunsSeen{2, 60, {}};
    const auto plan = planFor(stackWithRuns("2.0.0"), world);
    QVERIFY(plan.services.at("runner").drain.has_value());
    QVERIFY(saidOf(plan).find("after active runs that may still be its own") != std::string::npos);
  }

  void itsRunsAreNotWaitedForWhereTheRouterFindsItDown() {
    const auto plan = planFor(stackWithRuns("2.0.0"), worldWith("runner", Health::Unhealthy, Routing::Down));
    QVERIFY(!plan.services.at("runner").drain.has_value());
    QVERIFY(stepsText(plan, "runner").find("until no run is active") == std::string::npos);
  }

  void whereItWouldCountTheRunsItselfTheyAreNotWaitedForAndOthersAreTold() {
    auto world = worldWith("ratd", Health::Unhealthy);
    world.runs = RunsSeen{0, -1, "GET /api/v1/runs: no answer in time"};
    const auto plan = planFor(stackWithRuns("2.0.0"), world);
    QVERIFY(!plan.services.at("ratd").drain.has_value());
    QVERIFY(plan.services.at("runner").drain.has_value());
    QVERIFY(saidOf(plan).find("replace it alone first with --service ratd") != std::string::npos);
    QCOMPARE(codesOf(plan, "runner"), std::string("active-runs"));
  }

  void noVerifyAsksItBeforeItHasBeenReplaced() {
    const auto healthy = planFor(stackWithRuns("2.0.0"), worldOf(stackWithRuns("1.0.0")));
    QCOMPARE(verifyAfter(healthy, healthy.services.at("ratq")).size(), size_t(1));
    const auto plan = planFor(stackWithRuns("2.0.0"), worldWith("ratd", Health::Unhealthy));
    QCOMPARE(verifyAfter(plan, plan.services.at("ratq")).size(), size_t(0));
    QCOMPARE(verifyAfter(plan, plan.services.at("ratd")).size(), size_t(1));
    QCOMPARE(verifyAfter(plan, plan.services.at("portal")).size(), size_t(1));
  }

  void oneThatStaysAsItIsIsNotAsked() {
    auto wanted = stackWithRuns("1.0.0");
    wanted.services.at("portal").image = "rat/portal:2.0.0";
    const auto plan = planFor(wanted, worldWith("ratd", Health::Unhealthy));
    QCOMPARE(plan.alreadyDown, names("ratd"));
    QCOMPARE(verifyAfter(plan, plan.services.at("portal")).size(), size_t(0));
    QVERIFY(saidOf(plan).find("this plan leaves it as it is") != std::string::npos);
  }

  void oneThatMustStopFirstIsStoppedAtOnceAndStillCountsAsAway() {
    auto before = stackWithRuns("1.0.0"), wanted = stackWithRuns("2.0.0");
    before.services.at("portal").containerName = wanted.services.at("portal").containerName = "portal";
    auto world = worldOf(before);
    copyIn(world, "portal").health = Health::Unhealthy;
    const auto plan = planFor(wanted, world);
    QCOMPARE(plan.services.at("portal").order, UpdateOrder::StopFirst);
    QVERIFY(plan.services.at("portal").secondsWithout > 0s); // the look may have been wrong
    QVERIFY(saidOf(plan).find("it is stopped at once") != std::string::npos);
  }

  void itIsPartOfThePlansHashAndOfItsFile() {
    const auto healthy = planFor(stackWithRuns("2.0.0"), worldOf(stackWithRuns("1.0.0")));
    const auto plan = planFor(stackWithRuns("2.0.0"), worldWith("portal", Health::Unhealthy));
    QVERIFY(plan.hash != healthy.hash);
    const auto read = planFromJson(toJson(plan));
    QVERIFY2(read.has_value(), read ? "" : read.error().toString().c_str());
    QVERIFY(*read == plan);
  }

  void whatWasLookedAtIsToldAndIsAStep() {
    auto world = worldOf(stackWithRuns("1.0.0"));
    world.checks = {{"disk", "5.1 GB free at /data"}};
    world.runs = RunsSeen{3, 90, {}};
    const auto plan = planFor(stackWithRuns("2.0.0"), world);
    const auto& first = plan.steps.front();
    QCOMPARE(first.kind, StepKind::Preflight);
    QCOMPARE(first.id, std::string("1.preflight"));
    QCOMPARE(first.title, std::string("look again before the first change: health, disk and active runs"));
    const auto text = toText(plan);
    for (const char* part : {"Looked at", "disk         5.1 GB free at /data",
                             "active runs  3 now, the oldest for 1 min 30 s", "3 runs are active now"})
      QVERIFY2(text.find(part) != std::string::npos, (text + part).c_str());
    QCOMPARE(planFromJson(toJson(plan))->checked, plan.checked);
  }

  void whatSpeaksAgainstTheGoalOfARollbackIsAProblemThatIsNoPartOfTheHash() {
    auto request = requestFor(stackWithRuns("2.0.0"), worldOf(stackWithRuns("1.0.0")));
    const auto plain = *makePlan(request);
    request.doubts = {{Severity::Warning, "revision-undone", "", "revision 3 did not stay", {}}};
    const auto doubted = *makePlan(request);
    QCOMPARE(doubted.hash, plain.hash);
    QVERIFY(toText(plain).find("revision-undone") == std::string::npos);
    QVERIFY(toText(doubted).find("revision-undone") != std::string::npos);
    QVERIFY(closuresOf(doubted).empty()); // nothing holds it back
  }

  void aClosedWindowIsAProblemThatIsNoPartOfTheHash() {
    auto request = requestFor(stackWithRuns("2.0.0"), worldOf(stackWithRuns("1.0.0")));
    const auto open = *makePlan(request);
    request.schedule = {{Severity::Warning, "freeze", "", "deploys are frozen", {}}};
    const auto closed = *makePlan(request);
    QCOMPARE(closed.hash, open.hash);
    QVERIFY(closuresOf(open).empty());
    QCOMPARE(closuresOf(closed).size(), size_t(1));
    request.schedule.front().severity = Severity::Info; // of a rollback
    QVERIFY(closuresOf(*makePlan(request)).empty());
  }
};

QTEST_APPLESS_MAIN(AlreadyDownTest)
#include "tst_already_down.moc"
