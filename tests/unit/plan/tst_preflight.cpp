// Preflight problems, each beside a control that has none, and the plan as text.
#include <QTest>

#include "core/plan/plan_text.h"
#include "tests/unit/plan/plan_builders.h"

#include <algorithm>
#include <sstream>

using namespace ratdeck;
using namespace ratdeck::testing;

namespace {

// The problems of one service `name` of RAT's stack as `change` has it, when it goes from version 1 to
// version 2.
Plan planWith(const std::string& name, const std::function<void(ServiceSpec&)>& change,
              bool hasPerson = true) {
  auto before = ratStack("1.0.0"), wanted = ratStack("2.0.0");
  for (auto* stack : {&before, &wanted})
    change(stack->services.at(name));
  auto request = requestFor(wanted, worldOf(before));
  request.hasPerson = hasPerson;
  return *makePlan(request);
}

std::string codesWith(const std::string& name, const std::function<void(ServiceSpec&)>& change,
                      bool hasPerson = true) {
  return codesOf(planWith(name, change, hasPerson), name);
}

// RAT's own file: no router, host ports on ratd and portal, nothing built yet has a name.
StackSpec communityStack() {
  auto stack = ratStack("1.0.0");
  for (const char* name : {"ratq", "runner", "ratd", "portal"}) {
    auto& spec = stack.services.at(name);
    spec.image.clear();
    spec.normalised = {{"build", {{"context", "../" + std::string(name)}}}};
    spec.expose.clear();
    spec.stopGracePeriod.reset();
  }
  stack.services.erase("auth-keycloak");
  stack.services.erase("cloud-aws");
  stack.services.at("runner").stopGracePeriod = 30s;
  stack.services.at("ratd").ports = {{"", "8080", 8080, "tcp", "ingress"}};
  stack.services.at("ratd").healthCheck = check({"CMD", "/ratd", "healthcheck"});
  stack.services.at("ratd").locations["ports"] = {"compose.yml", 35, 5};
  stack.services.at("portal").ports = {{"", "3000", 3000, "tcp", "ingress"}};
  return stack;
}

World nothing() {
  return World{};
}

size_t widestLine(const std::string& text) {
  std::istringstream lines(text);
  size_t widest = 0;
  for (std::string line; std::getline(lines, line);)
    widest = std::max(widest, static_cast<size_t>(std::count_if(line.begin(), line.end(),
                                                                [](char c) { return (c & 0xC0) != 0x80; })));
  return widest;
}

} // namespace

class PreflightTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aTagThatLeadsToAnotherImageReplacesItsCopiesAndIsNamed() {
    const auto stack = ratStack("1.0.0");
    auto world = worldOf(stack);
    for (auto& copy : world.instances)
      copy.imageId = "sha256:aaaa";
    world.images["rat/ratd:1.0.0"] = {"sha256:aaaa", "", false, "", ""};
    QVERIFY(planFor(stack, world).isEmpty());
    for (const ImageSeen& seen : {ImageSeen{"sha256:bbbb", "", false, "", ""},
                                  ImageSeen{"sha256:aaaa", "sha256:cccc", true, "", ""}}) {
      world.images["rat/ratd:1.0.0"] = seen;
      const auto plan = planFor(stack, world);
      QCOMPARE(orderText(plan), std::string("ratd"));
      QCOMPARE(plan.changes.front().fields, std::vector<std::string>{"image"});
      QVERIFY(codesOf(plan, "ratd").find("image-moved") != std::string::npos);
    }
    world.images["rat/ratd:1.0.0"] = {"", "sha256:cccc", false, "", ""}; // not here: nothing to compare with
    QVERIFY(planFor(stack, world).isEmpty());
  }

  void anImageThatCannotBeHadIsAnErrorForWhoNeedsIt() {
    auto world = worldOf(ratStack("1.0.0"));
    world.images["rat/ratd:2.0.0"].missing = "rat/ratd:2.0.0 is nowhere; push it";
    world.images["rat/portal:2.0.0"].trouble = "the registry does not answer";
    auto plan = planFor(ratStack("2.0.0"), world);
    QVERIFY(plan.hasErrors());
    QVERIFY(codesOf(plan, "ratd").find("image-missing") != std::string::npos);
    QVERIFY(codesOf(plan, "portal").find("image-trouble") != std::string::npos);
    auto revision = ratStack("2.0.0"); // knows the image by its id
    revision.services.at("ratd").imageId = "sha256:aaaa";
    QVERIFY(!planFor(revision, world).hasErrors());
    world.images["rat/ratd:1.0.0"].missing = "rat/ratd:1.0.0 is nowhere; push it";
    QVERIFY(!planFor(ratStack("1.0.0"), world).hasErrors()); // it takes no part
  }

  void aCopyThatWasChangedByHandIsNamedAndReplaced() {
    const auto stack = ratStack("1.0.0");
    auto world = worldOf(stack);
    for (auto& copy : world.instances)
      if (copy.service == "ratd")
        copy.changedByHand = {"mem_limit", "networks"};
    const auto plan = planFor(stack, world);
    QCOMPARE(orderText(plan), std::string("ratd"));
    QCOMPARE(plan.changes.front().fields, (std::vector<std::string>{"mem_limit", "networks"}));
    QVERIFY(codesOf(plan, "ratd").find("changed-by-hand") != std::string::npos);
  }

  void copiesThatAreNotOursAreComparedFieldByField() {
    const auto stack = ratStack("1.0.0");
    auto world = worldOf(stack);
    for (auto& copy : world.instances)
      if (copy.service == "ratd") {
        copy.revision = 0;
        copy.specHash = "of another";
      }
    auto request = requestFor(stack, world);
    request.adoptedRevision = 4;
    request.drift["ratd"][0] = {};
    QVERIFY(makePlan(request)->isEmpty());
    request.drift["ratd"][0] = {"command", "environment.MODE"};
    const auto plan = *makePlan(request);
    QCOMPARE(plan.changes.front().fields, (std::vector<std::string>{"command", "environment.MODE"}));
    QCOMPARE(plan.services.at("ratd").fromRevision, 4);
  }

  void dataInUnnamedVolumesOfSeveralCopiesAndLargeFilesAreNamed() {
    auto before = ratStack("1.0.0"), wanted = ratStack("2.0.0");
    for (auto* stack : {&before, &wanted}) {
      stack->services.at("ratd").replicas = 2;
      stack->services.at("ratd").policy.order = UpdateOrder::StopFirst;
    }
    auto world = worldOf(before);
    QVERIFY(codesOf(planFor(wanted, world), "ratd").find("anonymous-volumes") == std::string::npos);
    for (auto& copy : world.instances)
      copy.anonymousVolumes = {{"/data", "ab"}};
    world.unkeptFiles["ratd"] = {"/etc/ratd.conf is larger than 1 MiB"};
    const auto codes = codesOf(planFor(wanted, world), "ratd");
    QVERIFY2(codes.find("anonymous-volumes") != std::string::npos, codes.c_str());
    QVERIFY2(codes.find("file-not-kept") != std::string::npos, codes.c_str());
  }

  void findsNothingInAStackThatIsInOrder() {
    auto plan = planFor(ratStack("2.0.0"), worldOf(ratStack("1.0.0")));
    QCOMPARE(plan.problems.size(), size_t(0));
    QCOMPARE(plan.baseline.size(), size_t(0));
  }

  void namesEachProblemByItsCode_data() {
    using Change = std::function<void(ServiceSpec&)>;
    QTest::addColumn<QString>("service");
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("codes");
    auto row = [](const char* service, const char* codes, Change change) {
      QTest::newRow(codes) << QString::fromLatin1(service) << change << QString::fromLatin1(codes);
    };
    row("cloud-aws", "no-healthcheck", [](ServiceSpec& s) { s.healthCheck.reset(); });
    row("ratq", "fixed-container-name", [](ServiceSpec& s) { s.containerName = "ratq"; });
    row("portal", "fixed-host-port", [](ServiceSpec& s) {
      s.ports = {{"", "3000", 3000, "tcp", "ingress"}};
    });
    row("ratq", "shared-writable-volume", [](ServiceSpec& s) { s.mounts = {{"volume", "v", "/v", false}}; });
    row("ratd", "liveness-as-readiness", [](ServiceSpec& s) {
      s.healthCheck = check({"CMD", "/ratd", "healthcheck"});
    });
    row("cloud-aws", "liveness-as-readiness", [](ServiceSpec& s) {
      s.healthCheck = check({"CMD-SHELL", "curl localhost/livez"});
    });
    row("ratd", "no-grace", [](ServiceSpec& s) { s.stopGracePeriod.reset(); });
    row("runner", "grace-shorter-than-drain", [](ServiceSpec& s) {
      s.policy.drain = DrainPolicy{true, 120s};
    });
    row("ratq", "not-routed", [](ServiceSpec& s) { s.expose.clear(); });
    row("ratq", "mutable-tag", [](ServiceSpec& s) {
      s.image = s.image.substr(0, 8) + ":edge";
      s.normalised["x"] = 1;
    });
    row("portal", "update-config-ignored-by-compose", [](ServiceSpec& s) {
      s.updateConfig = UpdateConfig{};
      s.updateConfig->order = UpdateOrder::StartFirst;
    });
    row("portal", "stop-first update-config-ignored-by-compose",
        [](ServiceSpec& s) { s.updateConfig = UpdateConfig{}; });
  }
  void namesEachProblemByItsCode() {
    using Change = std::function<void(ServiceSpec&)>;
    QFETCH(QString, service);
    QFETCH(Change, change);
    QFETCH(QString, codes);
    auto name = service.toStdString();
    auto before = ratStack("1.0.0"), wanted = ratStack("2.0.0");
    change(before.services.at(name));
    change(wanted.services.at(name));
    before.services.at(name).normalised["command"] = {"old"}; // it always has something to replace
    QCOMPARE(codesOf(planFor(wanted, worldOf(before)), name), codes.toStdString());
  }

  void doesNotTakeReadinessForLiveness() {
    QCOMPARE(codesWith("ratd",
                       [](ServiceSpec& s) {
                         s.healthCheck = check({"CMD", "curl", "http://x/health/ready"});
                       }),
             std::string());
    QCOMPARE(codesWith("ratd",
                       [](ServiceSpec& s) {
                         s.healthCheck = check({"CMD", "/ratd", "healthcheck"});
                         s.policy.ready = {{ProbeKind::Http, "", {}, 8080, "/health/ready", 200, "", 2s}};
                       }),
             std::string());
  }

  void saysThatAPauseCannotAskAnybody() {
    auto pause = [](ServiceSpec& s) {
      s.updateConfig = UpdateConfig{};
      s.updateConfig->order = UpdateOrder::StartFirst;
    };
    QCOMPARE(codesWith("portal", pause, false),
             std::string("pause-without-person update-config-ignored-by-compose"));
    QCOMPARE(codesWith("portal", pause, true), std::string("update-config-ignored-by-compose"));
  }

  void refusesAHandoverOfPortsThatWouldStopHalfWay() {
    auto stack = ratStack("1.0.0");
    auto world = worldOf(stack);
    world.hasRouter = false;
    world.routerPublishesPorts = true;
    world.routerPortHolders = {{"portal", "3000"}};
    stack.services["router"] = service("router", "haproxy:2.6");
    stack.policy.routerService = "router";
    const auto errors = [&] {
      std::string codes;
      for (const auto& problem : planFor(stack, world).problems)
        if (problem.severity == Severity::Error)
          codes += problem.code + " ";
      return codes;
    };
    QCOMPARE(errors(), std::string());
    world.routerPortHolders["postgres"] = "5432"; // infrastructure stays as it is unless it is named
    QCOMPARE(errors(), std::string("router-port-taken "));
    world.routerPortHolders.erase("postgres");
    ApprovalSpec approval;
    approval.when = ApprovalSpec::When::After;
    approval.service = "portal";
    stack.policy.approvals = {approval};
    QCOMPARE(errors(), std::string("approval-in-handover "));
    stack.policy.approvals.front().when = ApprovalSpec::When::Before;
    QCOMPARE(errors(), std::string());
    stack.policy.approvals.front().service = "router";
    QCOMPARE(errors(), std::string("approval-in-handover "));
  }

  void refusesToHideAUdpPortBehindARouter() {
    auto before = ratStack("1.0.0"), wanted = ratStack("2.0.0");
    for (auto* stack : {&before, &wanted})
      stack->services.at("ratq").ports = {{"", "5353", 53, "udp", "ingress"}};
    auto world = worldOf(before);
    QVERIFY(codesOf(planFor(wanted, world), "ratq").find("udp-port") == std::string::npos);
    world.routerPublishesPorts = true;
    QVERIFY(codesOf(planFor(wanted, world), "ratq").find("udp-port") != std::string::npos);
  }

  void namesAServiceThatLivesInACopyThatGoes() {
    auto before = ratStack("1.0.0");
    before.services["sidecar"] = service("sidecar", "tools/sidecar:1");
    before.services.at("sidecar").normalised["network_mode"] = "service:ratd";
    auto wanted = before;
    wanted.services.at("ratq").image = "rat/ratq:2.0.0";
    QCOMPARE(codesOf(planFor(wanted, worldOf(before)), "sidecar"), std::string());
    wanted.services.at("ratd").image = "rat/ratd:2.0.0";
    QCOMPARE(codesOf(planFor(wanted, worldOf(before)), "sidecar"), std::string("left-behind"));
    wanted.services.at("sidecar").image = "tools/sidecar:2";
    QVERIFY(codesOf(planFor(wanted, worldOf(before)), "sidecar").find("left-behind") == std::string::npos);
  }

  void namesPortsThatOneOfTwoVersionsLacks() {
    auto before = ratStack("1.0.0"), wanted = ratStack("2.0.0");
    auto request = requestFor(wanted, worldOf(before));
    request.runningSpecs["ratq"] = before.services.at("ratq");
    const auto codes = [&](std::vector<std::uint16_t> old) {
      request.runningSpecs["ratq"].expose = std::move(old);
      return codesOf(*makePlan(request), "ratq");
    };
    const auto port = wanted.services.at("ratq").expose.front();
    QCOMPARE(codes({port}), std::string());
    QCOMPARE(codes({}), std::string());
    QCOMPARE(codes({port, 7000}), std::string("port-dropped"));
    QCOMPARE(codes({7000}), std::string("port-moved"));
    QCOMPARE(makePlan(request)->problems.front().severity, Severity::Error);
    request.adoptedRevision = 1; // a container tells more ports than it answers on
    for (auto& copy : request.world.instances)
      copy.revision = 0;
    QCOMPARE(codes({7000}), std::string());
  }

  void warnsOfPrivilegesThatTheRunningVersionLacks() {
    auto before = ratStack("1.0.0"), wanted = ratStack("2.0.0");
    auto& service = wanted.services.at("ratq");
    service.normalised["cap_add"] = {"SYS_TIME"};
    service.normalised["pid"] = "host";
    auto request = requestFor(wanted, worldOf(before));
    QCOMPARE(codesOf(*makePlan(request), "ratq"), std::string()); // nothing is known of what runs
    request.runningSpecs["ratq"] = service;
    QCOMPARE(codesOf(*makePlan(request), "ratq"), std::string());
    request.runningSpecs["ratq"].normalised.erase("pid");
    const auto plan = *makePlan(request);
    QCOMPARE(codesOf(plan, "ratq"), std::string("wider-privileges"));
    QCOMPARE(plan.problems.front().severity, Severity::Warning);
    QCOMPARE(plan.problems.front().message,
             std::string(
                 "the new version of ratq shares the processes of the host, which the running one does not; "
                 "make sure that this is meant"));
    request.world = emptyWorld();
    QCOMPARE(codesOf(*makePlan(request), "ratq"), std::string()); // it is made, not updated
  }

  void blocksOnlyWhatCannotStart() {
    auto wanted = ratStack("2.0.0");
    wanted.services.at("ratq").image.clear();
    wanted.services.at("ratq").normalised = Json::object();
    auto plan = planFor(wanted, emptyWorld());
    QVERIFY(plan.hasErrors());
    QCOMPARE(codesOf(plan, "ratq"), std::string("no-image"));
    wanted.services.at("ratq").normalised["build"] = ".";
    plan = planFor(wanted, emptyWorld());
    QVERIFY(!plan.hasErrors());
    QCOMPARE(codesOf(plan, "ratq"), std::string("build-without-image"));
  }

  void givesThePlaceOfTheNearestKey() {
    auto plan = planWith("ratd", [](ServiceSpec& s) {
      s.healthCheck = check({"CMD", "/ratd", "healthcheck"});
      s.locations["healthcheck"] = {"compose.yml", 44, 7};
    });
    QCOMPARE(plan.problems.front().where.toString(), std::string("compose.yml:44:7"));
  }

  void findsWhatIsWrongWithRatsOwnFile() {
    auto plan = planFor(communityStack(), nothing());
    QCOMPARE(orderText(plan),
             std::string("minio postgres | minio-init nessie | nessie-init | ratq | runner | ratd | portal"));
    QCOMPARE(codesOf(plan, "ratd"),
             std::string("build-without-image fixed-host-port liveness-as-readiness no-grace not-routed"));
    QCOMPARE(codesOf(plan, "portal"), std::string("build-without-image fixed-host-port not-routed"));
    QVERIFY(!plan.hasErrors());
    QCOMPARE(plan.services.at("ratd").order, UpdateOrder::StopFirst);
    QCOMPARE(plan.services.at("ratd").toVersion, std::string("build"));
  }

  void printsAPlanForPeople() {
    auto wanted = ratStack("2.0.0");
    wanted.services.at("portal").containerName = "portal";
    wanted.services.at("portal").locations["container_name"] = {"compose.yml", 90, 5};
    wanted.policy.approvals = {{"go", ApprovalSpec::When::Before, "", 2, 30min}};
    auto request = requestFor(wanted, worldOf(ratStack("1.0.0")));
    request.services = {"ratq", "portal"};
    auto plan = *makePlan(request);
    auto text = toText(plan);
    auto expected = "rat → sandbox: 2 of 11 services change in 2 waves   plan " + plan.hash.substr(0, 12) +
                    R"(
Away while replaced: portal up to 1 min 7 s

Looked at
  health  9 copies run, none fails its checks

Wave 1 · query
  look again before the first change: health
  ratq      1.0.0 → 2.0.0  start-first  never away         gate ≤ 45 s
    because the router keeps the old copy until the new one has passed its gate
    1. start 1 copy of ratq 2.0.0
    2. gate: healthcheck, 3 passes in a row, at most 45 s
    3. switch traffic to ratq 2.0.0
    4. through the router: GET /health/ready on ratd
    5. let requests in flight on ratq 1.0.0 finish, at most 30 s
    6. stop 1 copy of ratq 1.0.0: SIGTERM, killed after 20 s

Wave 2 · frontend
  approve go before wave 2, expires after 30 min
  portal    1.0.0 → 2.0.0  stop-first   away ≤ 1 min 7 s   gate ≤ 45 s
    because container_name portal is fixed: two copies cannot both have it
    1. let requests in flight on portal 1.0.0 finish, at most 30 s
    2. stop 1 copy of portal 1.0.0: SIGTERM, killed after 20 s
    3. start 1 copy of portal 2.0.0
    4. gate: healthcheck, 3 passes in a row, at most 45 s
    5. switch traffic to portal 2.0.0
    6. through the router: GET /health/ready on ratd

Approvals
  go: before wave 2, expires after 30 min

Problems
  warning  compose.yml:90:5: fixed-container-name
           container_name portal allows one copy only, so the old one must stop first: up to 1 min
           7 s without portal; remove container_name

Unchanged
  minio 2024, minio-init 2024, nessie 0.99.0, nessie-init 3.20, postgres 16.4

Left out
  auth-keycloak  not among the services named with --service
  cloud-aws      not among the services named with --service
  ratd           not among the services named with --service
  runner         not among the services named with --service
)";
    QCOMPARE(text, expected);
  }

  void whatTheTargetKnowsAgainstAStartBlocksItsServiceAlone() {
    auto world = worldOf(ratStack("1.0.0"));
    world.findings = {{TargetFinding::Weight::Blocks, "cannot-start", "ratq", "no such device", {}},
                      {TargetFinding::Weight::Notes, "no-live-restore", "", "restarts stop all", {}}};
    const auto blocked = planFor(ratStack("2.0.0"), world);
    QVERIFY(blocked.hasErrors());
    QVERIFY2(codesOf(blocked, "ratq").find("cannot-start") != std::string::npos,
             codesOf(blocked, "ratq").c_str());
    QVERIFY(codesOf(blocked, "").find("no-live-restore") != std::string::npos);
    // What does not take part is not started.
    const auto unchanged = planFor(ratStack("1.0.0"), world);
    QVERIFY(!unchanged.hasErrors());
    QVERIFY(codesOf(unchanged, "").empty());
  }

  void aProjectOfWhichNothingRunsIsNamedWhereOthersDo() {
    auto world = nothing();
    world.isReachable = true;
    world.otherProjects.emplace();
    QVERIFY(codesOf(planFor(ratStack("2.0.0"), world), "").find("new-project") == std::string::npos);
    world.otherProjects = {"shop", "prod"};
    const auto plan = planFor(ratStack("2.0.0"), world);
    QVERIFY(!plan.hasErrors());
    QVERIFY2(codesOf(plan, "").find("new-project") != std::string::npos, codesOf(plan, "").c_str());
    QVERIFY(toText(plan).find("shop, prod") != std::string::npos);
    auto running = worldOf(ratStack("1.0.0"));
    running.otherProjects = world.otherProjects;
    QVERIFY(codesOf(planFor(ratStack("2.0.0"), running), "").find("new-project") == std::string::npos);
  }

  void namesAProxyInFrontAndWhatItDoesWithTwoCopies() {
    const auto codes = [](const std::string& image, const std::function<void(ServiceSpec&)>& mark) {
      auto before = communityStack(), wanted = communityStack();
      for (auto* stack : {&before, &wanted}) {
        stack->policy.routerService.clear();
        auto& front = stack->services["front"];
        front.name = "front";
        front.image = image;
        front.dependsOn["portal"] = {};
        mark(stack->services.at("portal"));
      }
      wanted.services.at("portal").image = "rat/portal:2";
      auto world = worldOf(before);
      world.hasRouter = false;
      world.routedServices.clear();
      return codesOf(planFor(wanted, world), "portal");
    };
    const auto nothing = [](ServiceSpec&) {
    };
    const auto label = [](ServiceSpec& spec) {
      spec.normalised["labels"] = {{"traefik.enable", "true"}};
    };
    QVERIFY(codes("nginx:1.27", nothing).find("proxy-in-front") != std::string::npos);
    QVERIFY(codes("registry.example.com/library/caddy:2", nothing).find("proxy-in-front") !=
            std::string::npos);
    QVERIFY(codes("traefik:v3", label).find("proxy-in-front") != std::string::npos);
    QVERIFY(codes("traefik:v3", nothing).find("proxy-in-front") == std::string::npos); // it has no label
    QVERIFY(codes("my/api:1", nothing).find("proxy-in-front") == std::string::npos);
  }

  void keepsToAHundredColumns() {
    for (const auto& plan : {planFor(communityStack(), nothing()), planFor(ratStack("1.0.0"), emptyWorld()),
                             planFor(ratStack("2.0.0"), worldOf(ratStack("1.0.0")))})
      QVERIFY(widestLine(toText(plan)) <= 100);
  }

  void saysThatThereIsNothingToDo() {
    auto text = toText(planFor(ratStack("1.0.0"), worldOf(ratStack("1.0.0"))));
    QVERIFY2(text.find("rat → sandbox: nothing to do") == 0, text.c_str());
  }

  void doesNotLetAFileSteerATerminal() {
    auto plan = planWith("ratq", [](ServiceSpec& s) { s.containerName = "a\x1b[2Jb"; });
    QVERIFY(toText(plan).find('\x1b') == std::string::npos);
  }
};

QTEST_GUILESS_MAIN(PreflightTest)
#include "tst_preflight.moc"
