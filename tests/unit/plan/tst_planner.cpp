// Which services take part, with which copies, in which waves.
#include <QTest>

#include "tests/unit/plan/plan_builders.h"

#include <algorithm>

using namespace ratdeck;
using namespace ratdeck::testing;

namespace {

Plan planNamed(const StackSpec& wanted, const World& world, const std::set<std::string>& names) {
  auto request = requestFor(wanted, world);
  request.services = names;
  return *makePlan(request);
}

} // namespace

class PlannerTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void startsEverythingInTheSpecificationsOrder() {
    auto plan = planFor(ratStack("1.0.0"), emptyWorld());
    QCOMPARE(
        wavesText(plan),
        std::string(
            "infrastructure: minio postgres | infrastructure: minio-init nessie | infrastructure: "
            "nessie-init | query: ratq | runner: runner | plugins: auth-keycloak cloud-aws | gateway: ratd "
            "| frontend: portal"));
    QCOMPARE(plan.services.at("ratd").action, PlanAction::Create);
    QCOMPARE(copiesText(plan.services.at("ratd").newCopies), std::string("rat-ratd-1"));
    QCOMPARE(plan.changes.size(), size_t(11));
    QCOMPARE(plan.changes.front().from, std::string());
  }

  void changesNothingWhereEverythingRunsAsWanted() {
    auto plan = planFor(ratStack("1.0.0"), worldOf(ratStack("1.0.0")));
    QVERIFY(plan.isEmpty());
    QVERIFY(plan.steps.empty());
    QCOMPARE(plan.unchanged.size(), size_t(11));
    QCOMPARE(plan.unchangedVersions.at("ratd"), std::string("1.0.0"));
  }

  void replacesOnlyTheServicesThatChanged() {
    auto plan = planFor(ratStack("2.0.0"), worldOf(ratStack("1.0.0")));
    QCOMPARE(wavesText(plan),
             std::string("query: ratq | runner: runner | plugins: auth-keycloak cloud-aws | gateway: "
                         "ratd | frontend: portal"));
    const auto& ratd = plan.services.at("ratd");
    QCOMPARE(ratd.action, PlanAction::Update);
    QCOMPARE(ratd.fromVersion, std::string("1.0.0"));
    QCOMPARE(ratd.toVersion, std::string("2.0.0"));
    QCOMPARE(ratd.fromRevision, 1);
    QCOMPARE(copiesText(ratd.oldCopies), std::string("rat-ratd-1"));
    QCOMPARE(copiesText(ratd.newCopies), std::string("rat-ratd-2"));
    QCOMPARE(plan.changes.front().fields, std::vector<std::string>{"image"});
    QCOMPARE(plan.unchanged,
             (std::vector<std::string>{"minio", "minio-init", "nessie", "nessie-init", "postgres"}));
  }

  void ordersByDependenciesAloneWhereTiersAreLoose() {
    auto wanted = ratStack("2.0.0");
    wanted.policy.tiers = TierMode::Loose;
    QCOMPARE(wavesText(planFor(wanted, worldOf(ratStack("1.0.0")))),
             std::string("wave 1: auth-keycloak cloud-aws ratd ratq runner | wave 2: portal"));
  }

  void leavesRunningInfrastructureAloneUnlessItIsNamed() {
    auto wanted = ratStack("1.0.0");
    wanted.services.at("postgres").image = "postgres:17.0";
    auto world = worldOf(ratStack("1.0.0"));
    auto plan = planFor(wanted, world);
    QVERIFY(plan.isEmpty());
    QVERIFY(reasonFor(plan, "postgres").find("--service postgres") != std::string::npos);
    QCOMPARE(plan.unchangedVersions.at("postgres"), std::string("16.4"));
    QCOMPARE(orderText(planNamed(wanted, world, {"postgres"})), std::string("postgres"));
  }

  void startsInfrastructureThatDoesNotRunFirst() {
    auto world = worldOf(ratStack("1.0.0"));
    std::erase_if(world.instances, [](const InstanceInfo& copy) { return copy.service == "minio"; });
    QCOMPARE(orderText(planFor(ratStack("2.0.0"), world)),
             std::string("minio | ratq | runner | auth-keycloak cloud-aws | ratd | portal"));
  }

  void leavesTheRouterAloneUnlessItIsNamed() {
    auto before = ratStack("1.0.0");
    before.services["router"] = service("router", "haproxy:2.6");
    before.policy.routerService = "router";
    auto wanted = before;
    wanted.services.at("router").image = "haproxy:2.8";
    auto plan = planFor(wanted, worldOf(before));
    QVERIFY(reasonFor(plan, "router").find("carries the traffic") != std::string::npos);
    QCOMPARE(orderText(planNamed(wanted, worldOf(before), {"router"})), std::string("router"));
    auto world = worldOf(before);
    std::erase_if(world.instances, [](const InstanceInfo& copy) { return copy.service == "router"; });
    QVERIFY(reasonFor(planFor(wanted, world), "router").find("own router") != std::string::npos);
    world.hasRouter = false;
    QCOMPARE(orderText(planFor(wanted, world)), std::string("router"));
  }

  void replacesCopiesWhoseSecretOrConfigHasOtherContent() {
    auto before = ratStack("1.0.0");
    before.services.at("ratd").normalised["secrets"] = {{{"source", "key"}}};
    before.services.at("ratq").normalised["configs"] = {{{"source", "tuning"}}};
    before.normalised = {{"secrets", {{"key", {{"environment", "KEY"}}}}},
                         {"configs", {{"tuning", {{"content", "a"}}}}}};
    before.variables["KEY"] = Secret("old secret");
    const auto world = worldOf(before);
    QVERIFY(planFor(before, world).isEmpty());
    auto wanted = before;
    wanted.variables["KEY"] = Secret("new secret");
    QCOMPARE(orderText(planFor(wanted, world)), std::string("ratd"));
    QCOMPARE(planFor(wanted, world).changes.front().fields, std::vector<std::string>{"secrets or configs"});
    wanted.normalised["configs"]["tuning"]["content"] = "b";
    QCOMPARE(orderText(planFor(wanted, world)), std::string("ratq | ratd"));
  }

  void putsARouterInPlaceAfterTheServicesThatHoldItsPorts() {
    auto stack = ratStack("1.0.0");
    stack.services.at("portal").ports = {{"", "3000", 50011, "tcp", "ingress"}};
    auto world = worldOf(stack);
    stack.services["router"] = service("router", "haproxy:2.6");
    stack.policy.routerService = "router";
    world.hasRouter = false;
    world.routerPublishesPorts = true;
    world.routerPortHolders = {{"portal", "3000"}};
    for (const std::set<std::string>& named : {std::set<std::string>{}, {"router"}, {"portal"}}) {
      const auto plan = planNamed(stack, world, named);
      QCOMPARE(orderText(plan), std::string("portal | router"));
      const auto& portal = plan.services.at("portal");
      QCOMPARE(portal.order, UpdateOrder::StartFirst);
      QVERIFY(!portal.isRouted && !portal.gate.probes.empty());
      QVERIFY(portal.secondsWithout >= portal.stopGrace + plan.services.at("router").gate.worstCase);
      QVERIFY(codesOf(plan, "portal").find("router-introduced") != std::string::npos);
    }
    world.routerPortHolders.clear(); // the control
    QCOMPARE(orderText(planFor(stack, world)), std::string("router"));
  }

  void aRouterWithoutAHealthcheckIsAskedWhetherItWorks() {
    auto stack = ratStack("1.0.0");
    stack.services["router"] = service("router", "haproxy:2.6");
    stack.services.at("router").healthCheck.reset();
    stack.policy.routerService = "router";
    auto world = emptyWorld();
    world.hasRouter = false;
    world.routerHealthPort = 8404;
    const auto plan = planFor(stack, world);
    const auto& probes = plan.services.at("router").gate.probes;
    QCOMPARE(probes.size(), size_t(1));
    QCOMPARE(probes.front().name, std::string("GET /health"));
    QCOMPARE(int(probes.front().port), 8404);
  }

  void takesTheNamedServicesAndWhatTheyNeedThatDoesNotRun() {
    auto world = worldOf(ratStack("1.0.0"));
    auto plan = planNamed(ratStack("2.0.0"), world, {"portal"});
    QCOMPARE(orderText(plan), std::string("portal"));
    QCOMPARE(reasonFor(plan, "ratd"), std::string("not among the services named with --service"));
    std::erase_if(world.instances, [](const InstanceInfo& copy) { return copy.service == "ratd"; });
    QCOMPARE(orderText(planNamed(ratStack("2.0.0"), world, {"portal"})), std::string("ratd | portal"));
  }

  void refusesANameTheStackDoesNotHaveAndNamesTheNearest() {
    auto request = requestFor(ratStack("1.0.0"), emptyWorld());
    request.services = {"portl"};
    auto plan = makePlan(request);
    QVERIFY(!plan);
    QCOMPARE(plan.error().kind, ErrorKind::Usage);
    QCOMPARE(plan.error().next, std::string("did you mean portal?"));
  }

  void runsAJobOnceAndAgainOnlyWhereItFailedAndIsNeeded() {
    auto wanted = ratStack("2.0.0");
    auto world = worldOf(ratStack("1.0.0"));
    QCOMPARE(planFor(wanted, world).services.count("nessie-init"), size_t(0));
    for (auto& copy : world.instances)
      if (copy.service == "nessie-init")
        copy.exitCode = 1;
    auto plan = planFor(wanted, world); // ratq waits for its completion
    QCOMPARE(copiesText(plan.services.at("nessie-init").newCopies), std::string("rat-nessie-init-2"));
    QCOMPARE(plan.waves.front().services, std::vector<std::string>{"nessie-init"});
    QVERIFY(planFor(ratStack("1.0.0"), world).isEmpty()); // nobody starts, nobody needs it
  }

  void runsAChangedJobBeforeTheServiceThatNeedsIt() {
    auto before = ratStack("1.0.0"), wanted = ratStack("2.0.0");
    for (auto* stack : {&before, &wanted}) {
      stack->services["migrate"] =
          job("migrate", stack == &before ? "rat/migrate:1" : "rat/migrate:2", {"ratq"});
      stack->services.at("ratd").dependsOn["migrate"].condition = DependencyCondition::CompletedSuccessfully;
    }
    QCOMPARE(orderText(planFor(wanted, worldOf(before))),
             std::string("ratq | runner | auth-keycloak cloud-aws migrate | ratd | portal"));
  }

  void addsMissingCopiesWithTheNextFreeNumbers() {
    auto wanted = ratStack("1.0.0");
    wanted.services.at("ratq").replicas = 3;
    auto world = worldOf(ratStack("1.0.0"));
    auto exited = copyOf(wanted, "ratq", 2);
    exited.state = InstanceState::Exited;
    world.instances.push_back(exited);
    auto plan = planFor(wanted, world);
    QCOMPARE(copiesText(plan.services.at("ratq").newCopies), std::string("rat-ratq-3 rat-ratq-4"));
    QVERIFY(plan.services.at("ratq").oldCopies.empty());
    QCOMPARE(plan.changes.front().fields, std::vector<std::string>{"deploy.replicas"});
    QCOMPARE(plan.baseline.front().code, std::string("exited-before"));
  }

  void retiresSurplusCopiesWithTheHighestNumbers() {
    auto before = ratStack("1.0.0");
    before.services.at("ratq").replicas = 3;
    auto plan = planFor(ratStack("1.0.0"), worldOf(before));
    QCOMPARE(copiesText(plan.services.at("ratq").oldCopies), std::string("rat-ratq-2 rat-ratq-3"));
    QVERIFY(plan.services.at("ratq").newCopies.empty());
  }

  void keepsCopiesThatAreAlreadyAsWanted() {
    auto before = ratStack("1.0.0"), wanted = ratStack("2.0.0");
    auto world = worldOf(before);
    wanted.services.at("ratq").replicas = 2;
    world.instances.push_back(copyOf(wanted, "ratq", 2));
    auto plan = planFor(wanted, world);
    QCOMPARE(copiesText(plan.services.at("ratq").oldCopies), std::string("rat-ratq-1"));
    QCOMPARE(copiesText(plan.services.at("ratq").newCopies), std::string("rat-ratq-3"));
  }

  void usesTheSeparatorThatIsInUse() {
    auto world = worldOf(ratStack("1.0.0"));
    for (auto& copy : world.instances)
      copy.id = InstanceId("rat_" + copy.service + "_" + std::to_string(copy.number));
    QCOMPARE(copiesText(planFor(ratStack("2.0.0"), world).services.at("ratd").newCopies),
             std::string("rat_ratd_2"));
  }

  void usesLowNumbersAgainBeforeAddressesRunOut() {
    auto world = worldOf(ratStack("1.0.0"));
    for (auto& copy : world.instances)
      copy.number = 99;
    QCOMPARE(planFor(ratStack("2.0.0"), world).services.at("ratd").newCopies.front().number, 1);
  }

  void neverRemovesWhatIsNotInTheFilesAnyMore() {
    auto world = worldOf(ratStack("1.0.0"));
    auto wanted = ratStack("1.0.0");
    wanted.services.erase("cloud-aws");
    auto plan = planFor(wanted, world);
    QVERIFY(plan.isEmpty());
    QVERIFY(reasonFor(plan, "cloud-aws").find("left alone") != std::string::npos);
  }

  void comparesForeignCopiesByImageAndByStoredSpec() {
    auto wanted = ratStack("1.0.0");
    auto world = worldOf(wanted);
    for (auto& copy : world.instances) {
      copy.specHash.clear();
      copy.revision = 0;
      if (copy.service == "postgres")
        copy.image = "docker.io/library/postgres:16.4";
    }
    QVERIFY(planFor(wanted, world).isEmpty());
    auto request = requestFor(wanted, world);
    request.runningSpecs["ratd"] = wanted.services.at("ratd");
    request.runningSpecs["ratd"].normalised["command"] = {"old"};
    request.runningSpecs["ratd"].normalised["environment"] = {{"PASSWORD", "old secret"}};
    auto plan = *makePlan(request);
    QCOMPARE(orderText(plan), std::string("ratd"));
    QCOMPARE(plan.changes.front().fields, (std::vector<std::string>{"command", "environment.PASSWORD"}));
    QVERIFY(dumpJson(toJson(plan)).find("secret") == std::string::npos);
  }

  void saysWhenMoreThanTheImageDiffers() {
    auto wanted = ratStack("2.0.0");
    wanted.services.at("ratd").normalised["command"] = {"new"};
    auto plan = planFor(wanted, worldOf(ratStack("1.0.0")));
    for (const auto& change : plan.changes)
      QCOMPARE(change.fields.size(), size_t(change.service == "ratd" ? 2 : 1));
  }

  void comparesWithNothingWhereNoRuntimeIsReached() {
    auto world = worldOf(ratStack("1.0.0"));
    world.isReachable = false;
    auto plan = planFor(ratStack("1.0.0"), world);
    QCOMPARE(plan.services.size(), size_t(11));
    QCOMPARE(codesOf(plan, ""), std::string("no-runtime"));
    QVERIFY(!plan.hasErrors());
  }

  void letsTheDependencyWinOverTheTierWhenSomethingIsStarted() {
    auto wanted = ratStack("1.0.0");
    wanted.services.at("ratq").dependsOn["ratd"] = {};
    auto plan = planFor(wanted, emptyWorld());
    QVERIFY(plan.services.at("ratq").wave > plan.services.at("ratd").wave);
    QCOMPARE(codesOf(plan, "ratq"), std::string("depends-against-tier"));
  }

  void letsTheTierWinWhereBothRunAlready() {
    auto before = ratStack("1.0.0"), wanted = ratStack("2.0.0");
    before.services.at("ratq").dependsOn["ratd"] = wanted.services.at("ratq").dependsOn["ratd"] = {};
    auto plan = planFor(wanted, worldOf(before));
    QVERIFY(plan.services.at("ratq").wave < plan.services.at("ratd").wave);
    QCOMPARE(codesOf(plan, "ratq"), std::string("depends-against-tier"));
  }

  void takesExplicitTiersAndMakesSubWavesInsideOne() {
    auto wanted =
        stackOf({service("a", "a:1", {"b"}), service("b", "b:1"), service("c", "c:1"), service("d", "d:1")});
    wanted.policy.tierNames = {"first", "second"};
    for (const char* name : {"a", "b", "c"})
      wanted.services.at(name).policy.tier = "second";
    wanted.services.at("d").policy.tier = "first";
    QCOMPARE(wavesText(planFor(wanted, emptyWorld())), std::string("first: d | second: b c | second: a"));
  }

  void putsInfrastructureFirstAndThenDependenciesInAnOrdinaryStack() {
    auto wanted =
        stackOf({service("web", "shop/web:1", {"api"}), service("api", "shop/api:1", {"db", "migrate"}),
                 job("migrate", "shop/api:1", {"db"}), service("db", "mysql:8"), service("cache", "redis:7"),
                 service("worker", "shop/api:1", {"db"})});
    QCOMPARE(orderText(planFor(wanted, emptyWorld())), std::string("cache db | migrate | api worker | web"));
    auto plan = planFor(wanted, emptyWorld());
    auto waveOf = [&](const char* name) {
      return plan.services.at(name).wave;
    };
    QVERIFY(waveOf("db") < waveOf("migrate"));
    QVERIFY(waveOf("migrate") < waveOf("api"));
    QVERIFY(waveOf("api") < waveOf("web"));
    QCOMPARE(waveOf("cache"), waveOf("db"));
  }

  void survivesADependencyCycle() {
    auto plan = planFor(stackOf({service("a", "a:1", {"b"}), service("b", "b:1", {"a"})}), emptyWorld());
    QCOMPARE(orderText(plan), std::string("a b"));
  }

  void namesTheCopiesThatAreBrokenBeforeTheFirstChange() {
    auto world = worldOf(ratStack("1.0.0"));
    for (auto& copy : world.instances) {
      if (copy.service == "ratq") {
        copy.health = Health::Unhealthy;
        copy.healthDetail = "503 not_ready";
      }
      if (copy.service == "portal")
        copy.restarts = 2;
    }
    auto plan = planFor(ratStack("2.0.0"), world);
    QCOMPARE(plan.baseline.size(), size_t(3));
    QCOMPARE(plan.baseline[0].code, std::string("already-down"));
    QCOMPARE(plan.baseline[1].message,
             std::string("rat-ratq-1 is unhealthy before this rollout: 503 not_ready"));
    QCOMPARE(plan.baseline[2].code, std::string("restarting-before"));
  }
};

QTEST_GUILESS_MAIN(PlannerTest)
#include "tst_planner.moc"
