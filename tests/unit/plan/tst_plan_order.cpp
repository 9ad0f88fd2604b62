// Start-first or stop-first, gates, drains and the steps that follow from them.
#include <QTest>

#include "tests/unit/plan/plan_builders.h"

#include <algorithm>

using namespace ratdeck;
using namespace ratdeck::testing;

namespace {

// One routed service named app, as `change` has it, replacing version 1 by version 2.
ServicePlan planOfApp(const std::function<void(ServiceSpec&)>& change,
                      const std::function<void(PlanRequest&)>& adjust = {}) {
  auto before = stackOf({service("app", "shop/app:1")}), wanted = stackOf({service("app", "shop/app:2")});
  for (auto* stack : {&before, &wanted}) {
    stack->services.at("app").expose = {80};
    change(stack->services.at("app"));
  }
  auto request = requestFor(wanted, worldOf(before));
  if (adjust)
    adjust(request);
  return makePlan(request)->services.at("app");
}

void expectStopFirst(const ServicePlan& plan, const char* because) {
  QCOMPARE(plan.order, UpdateOrder::StopFirst);
  QVERIFY2(plan.orderReason.find(because) != std::string::npos, plan.orderReason.c_str());
  QVERIFY(plan.secondsWithout > 0s);
}

} // namespace

class PlanOrderTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void startsFirstWhereItCan() {
    auto plan = planOfApp([](ServiceSpec&) {});
    QCOMPARE(plan.order, UpdateOrder::StartFirst);
    QCOMPARE(plan.secondsWithout, Duration(0s));
    QCOMPARE(plan.failureAction, FailureAction::Rollback);
    QCOMPARE(plan.monitor, Duration(0s));
  }

  void stopsFirstWhereTwoCopiesCannotBe() {
    expectStopFirst(planOfApp([](ServiceSpec& app) { app.containerName = "app"; }), "container_name");
    expectStopFirst(planOfApp([](ServiceSpec& app) {
                      app.ports = {{"", "8080", 80, "tcp", "ingress"}};
                      app.policy.order = UpdateOrder::StartFirst; // asking does not make it possible
                    }),
                    "host port 8080");
    expectStopFirst(planOfApp([](ServiceSpec& app) {
                      app.mounts = {{"bind", "/srv/data", "/data", false}};
                    }),
                    "write to");
    expectStopFirst(planOfApp([](ServiceSpec& app) {
                      app.mounts = {{"volume", "data", "/data", false}};
                      app.updateConfig = UpdateConfig{};
                      app.updateConfig->order = UpdateOrder::StartFirst;
                    }),
                    "the volume data");
    expectStopFirst(planOfApp([](ServiceSpec& app) { app.expose.clear(); }), "nothing routes to it");
    expectStopFirst(planOfApp([](ServiceSpec& app) { app.policy.route.emplace(); }), "nothing routes to it");
  }

  void doesNotMistakeHarmlessThingsForObstacles() {
    for (const auto& mount : {Mount{"bind", "/srv/data", "/data", true}, Mount{"volume", "", "/cache", false},
                              Mount{"tmpfs", "", "/tmp", false},
                              Mount{"bind", "/var/run/docker.sock", "/var/run/docker.sock", false}})
      QCOMPARE(planOfApp([&](ServiceSpec& app) { app.mounts = {mount}; }).order, UpdateOrder::StartFirst);
    for (const char* port : {"", "8000-8010"})
      QCOMPARE(planOfApp([&](ServiceSpec& app) {
                 app.ports = {{"", port, 80, "tcp", "ingress"}};
               }).order,
               UpdateOrder::StartFirst);
    auto viaRouter = planOfApp(
        [](ServiceSpec& app) {
          app.ports = {{"", "8080", 80, "tcp", "ingress"}};
        },
        [](PlanRequest& request) { request.world.routerPublishesPorts = true; });
    QCOMPARE(viaRouter.order, UpdateOrder::StartFirst);
  }

  void letsXRatdeckAllowWhatIsOnlyUnwise() {
    auto plan = planOfApp([](ServiceSpec& app) {
      app.mounts = {{"volume", "data", "/data", false}};
      app.policy.order = UpdateOrder::StartFirst;
    });
    QCOMPARE(plan.order, UpdateOrder::StartFirst);
    QCOMPARE(plan.orderReason, std::string("x-ratdeck.order says so"));
  }

  void givesAWrittenUpdateConfigSwarmsDefaults() {
    auto plan = planOfApp([](ServiceSpec& app) { app.updateConfig = UpdateConfig{}; });
    expectStopFirst(plan, "written without `order`");
    QCOMPARE(plan.monitor, Duration(5s));
    QCOMPARE(plan.failureAction, FailureAction::Pause);
    QCOMPARE(plan.parallelism, 1);
    auto alone = planOfApp([](ServiceSpec& app) { app.updateConfig = UpdateConfig{}; },
                           [](PlanRequest& request) { request.hasPerson = false; });
    QCOMPARE(alone.failureAction,
             FailureAction::Pause); // who is there is the rollout's business, not the plan's
  }

  void replacesAllCopiesAtOnceForParallelismZero() {
    auto plan = planOfApp([](ServiceSpec& app) {
      app.replicas = 3;
      app.updateConfig = UpdateConfig{};
      app.updateConfig->parallelism = 0;
    });
    QCOMPARE(plan.parallelism, 3);
    QVERIFY(plan.secondsWithout > 0s);
  }

  void isNeverAwayWhileOtherCopiesServe() {
    auto plan = planOfApp([](ServiceSpec& app) {
      app.replicas = 3;
      app.updateConfig = UpdateConfig{};
    });
    QCOMPARE(plan.order, UpdateOrder::StopFirst);
    QCOMPARE(plan.secondsWithout, Duration(0s));
  }

  void countsTheTimeWithoutAsGraceStartAndGate() {
    auto plan = planOfApp([](ServiceSpec& app) {
      app.containerName = "app";
      app.stopGracePeriod = 30s;
      app.healthCheck = check({"CMD", "true"}); // 5 s + 5 x (5 s + 3 s)
    });
    QCOMPARE(plan.gate.worstCase, Duration(45s));
    QCOMPARE(plan.secondsWithout, Duration(77s));
  }

  void asksTheHealthcheckByNameWithoutItsCommand() {
    auto gate = planOfApp([](ServiceSpec& app) {
                  app.healthCheck = check({"CMD", "/app", "-pSENTINEL"});
                }).gate;
    QCOMPARE(gate.probes.size(), size_t(1));
    QCOMPARE(gate.probes[0].kind, ProbeKind::Exec);
    QCOMPARE(gate.probes[0].name, std::string("healthcheck"));
    QVERIFY(gate.probes[0].command.empty());
    QCOMPARE(gate.probes[0].timeout, Duration(3s));
    QCOMPARE(gate.startPeriod, Duration(5s));
    QCOMPARE(gate.passes, 3);
  }

  void asksThePortWhereThereIsNoHealthcheck() {
    auto routed = planOfApp([](ServiceSpec& app) { app.healthCheck = check({"NONE"}); }).gate;
    QCOMPARE(routed.probes.size(), size_t(1));
    QCOMPARE(routed.probes[0].kind, ProbeKind::Tcp);
    QCOMPARE(int(routed.probes[0].port), 80);
    QCOMPARE(routed.worstCase, Duration(60s));
    QVERIFY(planOfApp([](ServiceSpec& app) { app.expose.clear(); }).gate.probes.empty());
  }

  void addsTheGatesOfXRatdeck() {
    auto gate = planOfApp([](ServiceSpec& app) {
                  app.healthCheck = check({"CMD", "true"});
                  app.policy.ready = {{ProbeKind::Http, "", {}, 80, "/ready", 200, "", 2s}};
                }).gate;
    QCOMPARE(gate.probes.size(), size_t(2));
    QCOMPARE(gate.probes[1].name, std::string("GET /ready"));
  }

  void keepsTheOldCopyWarmAsLongAsItMonitorsWithAnErrorGate() {
    auto withGate = [](StackPolicy& policy) {
      policy.analyses = {errorAnalysis()};
    };
    auto plan = planOfApp([](ServiceSpec& app) { app.policy.monitor = 4s; },
                          [&](PlanRequest& request) { withGate(request.wanted.policy); });
    QCOMPARE(plan.keepWarm, Duration(4s));
    QCOMPARE(planOfApp([](ServiceSpec& app) { app.policy.monitor = 4s; }).keepWarm, Duration(0s));
    auto written = planOfApp([](ServiceSpec& app) { app.policy.keepWarm = 9s; },
                             [&](PlanRequest& request) { withGate(request.wanted.policy); });
    QCOMPARE(written.keepWarm, Duration(9s));
  }

  void drainsRunnerAndRatdOfRunsByDefault() {
    auto plan = planFor(ratStack("2.0.0"), worldOf(ratStack("1.0.0")));
    for (const char* name : {"runner", "ratd"}) {
      QVERIFY(plan.services.at(name).drain.has_value());
      QCOMPARE(plan.services.at(name).drain->deadline, Duration(20s));
    }
    QVERIFY(!plan.services.at("ratq").drain);
    QCOMPARE(plan.activeRuns->service, std::string("ratd"));
    auto first = planFor(ratStack("1.0.0"), emptyWorld());
    QVERIFY(!first.services.at("runner").drain); // nothing runs there yet
  }

  void namesWhereEachProbeIsSentFrom() {
    auto world = worldOf(ratStack("1.0.0"));
    world.vantage = "this machine";
    const auto text = stepsText(planFor(ratStack("2.0.0"), world), "ratd");
    QVERIFY2(
        text.find("gate: healthcheck (inside the copy) and GET /health/ready (from this machine), 3 passes "
                  "in a row") != std::string::npos,
        text.c_str());
    QVERIFY2(text.find("through the router (from this machine): GET /health/ready on ratd") !=
                 std::string::npos,
             text.c_str());
  }

  void writesTheStepsOfAStartFirstSwapInOrder() {
    auto wanted = ratStack("2.0.0");
    wanted.policy.approvals = {{"go", ApprovalSpec::When::Before, "runner", 0, 30min}};
    auto plan = planFor(wanted, worldOf(ratStack("1.0.0")));
    QCOMPARE(
        stepsText(plan, "runner"),
        std::string("2.runner.approve.go: approve go before runner, expires after 30 min\n"
                    "2.runner.start: start 1 copy of runner 2.0.0\n"
                    "2.runner.gate: gate: healthcheck, 3 passes in a row, at most 45 s\n"
                    "2.runner.drain-runs: wait until no run is active, at most 20 s; then a person decides\n"
                    "2.runner.switch: switch traffic to runner 2.0.0\n"
                    "2.runner.verify: through the router: GET /health/ready on ratd\n"
                    "2.runner.drain: let requests in flight on runner 1.0.0 finish, at most 30 s\n"
                    "2.runner.stop: stop 1 copy of runner 1.0.0: SIGTERM, killed after 20 s\n"));
    QCOMPARE(std::count_if(plan.steps.begin(), plan.steps.end(),
                           [](const PlanStep& step) { return step.needsApproval; }),
             1);
    for (const auto& step : plan.steps)
      QCOMPARE(step.needsApproval, step.kind == StepKind::Approve);
  }

  void writesTheStepsOfAStopFirstSwapInOrder() {
    auto before = ratStack("1.0.0"), wanted = ratStack("2.0.0");
    before.services.at("portal").containerName = wanted.services.at("portal").containerName = "portal";
    QCOMPARE(stepsText(planFor(wanted, worldOf(before)), "portal"),
             std::string("5.portal.drain: let requests in flight on portal 1.0.0 finish, at most 30 s\n"
                         "5.portal.stop: stop 1 copy of portal 1.0.0: SIGTERM, killed after 20 s\n"
                         "5.portal.start: start 1 copy of portal 2.0.0\n"
                         "5.portal.gate: gate: healthcheck, 3 passes in a row, at most 45 s\n"
                         "5.portal.switch: switch traffic to portal 2.0.0\n"
                         "5.portal.verify: through the router: GET /health/ready on ratd\n"));
  }

  void doesNotVerifyThroughAServiceThatDoesNotServeYet() {
    auto plan = planFor(ratStack("1.0.0"), emptyWorld());
    QVERIFY(verifyAfter(plan, plan.services.at("ratq")).empty());
    QCOMPARE(verifyAfter(plan, plan.services.at("ratd")).size(), size_t(1));
    QCOMPARE(verifyAfter(plan, plan.services.at("portal")).size(), size_t(1));
  }

  void gatesAJobByItsExitCode() {
    auto plan = planFor(ratStack("1.0.0"), emptyWorld());
    QCOMPARE(stepsText(plan, "minio-init"),
             std::string("2.minio-init.start: run the job minio-init 2024\n"
                         "2.minio-init.gate: gate: it ends with exit code 0, at most 10 min\n"));
  }

  void hasNoTwoStepsOfOneId() {
    auto wanted = ratStack("2.0.0");
    wanted.policy.approvals = {{"a", ApprovalSpec::When::Before, "ratd", 0, 30min},
                               {"b", ApprovalSpec::When::After, "ratd", 0, 30min},
                               {"c", ApprovalSpec::When::Before, "", 1, 30min},
                               {"d", ApprovalSpec::When::After, "", 1, 30min}};
    auto plan = planFor(wanted, worldOf(ratStack("1.0.0")));
    std::set<std::string> ids;
    for (const auto& step : plan.steps)
      QVERIFY2(ids.insert(step.id).second, step.id.c_str());
    QCOMPARE(plan.approvals.size(), size_t(4));
  }
};

QTEST_GUILESS_MAIN(PlanOrderTest)
#include "tst_plan_order.moc"
