// The plan's file form and its hash.
#include <QTest>

#include "tests/unit/plan/plan_builders.h"

#include <algorithm>
#include <functional>
#include <random>

using namespace ratdeck;
using namespace ratdeck::testing;

namespace {

// A plan that uses every field.
Plan fullPlan() {
  auto before = ratStack("1.0.0"), wanted = ratStack("2.0.0");
  wanted.policy.approvals = {{"go", ApprovalSpec::When::Before, "ratd", 0, 30min},
                             {"done", ApprovalSpec::When::After, "", 1, 5min}};
  wanted.policy.analyses = {errorAnalysis()};
  auto& measured = wanted.services.at("ratq").policy.analyses.emplace_back(errorAnalysis());
  measured.name = "by prometheus";
  measured.measurement.source = MeasurementSource::Prometheus;
  measured.measurement.prometheus = {
      "http://p:9090", "errors{job='{{service}}'}", "requests", "TOKEN", "", ""};
  measured.mostOverOld = 2;
  measured.window = 20s;
  wanted.policy.monitor = 3s;
  wanted.services.at("ratq").replicas = 3;
  wanted.services.at("ratq").updateConfig =
      UpdateConfig{2, 1500ms, FailureAction::Pause, 7s, 0.25, UpdateOrder::StartFirst};
  wanted.services.at("runner").policy.drain = DrainPolicy{true, 120s, DeadlineAction::Extend, 10min};
  wanted.services.at("portal").policy.ready = {{ProbeKind::Http, "", {}, 3000, "/ready", 204, "", 1500ms},
                                               {ProbeKind::GrpcHealth, "", {}, 3001, "/", 0, "x.Y", 1s}};
  before.services.at("ratq").replicas = 2;
  auto world = worldOf(before);
  world.instances.front().restarts = 4;
  auto request = requestFor(wanted, world);
  request.nextRevision = 7;
  auto plan = *makePlan(request);
  plan.inputs.setImages["ratd"] = ":2.0.0";
  plan.inputs.envFiles = {".env"};
  return plan;
}

using Mutation = std::pair<const char*, std::function<void(Plan&)>>;

std::vector<Mutation> meaningfulChanges() {
  auto ratq = [](Plan& plan) -> ServicePlan& {
    return plan.services.at("ratq");
  };
  return {
      {"project",
       [](Plan& p) {
         p.project += "x";
       }},
      {"runtime",
       [](Plan& p) {
         p.runtime = "docker";
       }},
      {"that it is a try",
       [](Plan& p) {
         p.isTry = true;
       }},
      {"waves",
       [](Plan& p) {
         std::swap(p.waves.front().services, p.waves.back().services);
       }},
      {"action",
       [=](Plan& p) {
         ratq(p).action = PlanAction::Create;
       }},
      {"from image",
       [=](Plan& p) {
         ratq(p).fromImage += "x";
       }},
      {"to image",
       [=](Plan& p) {
         ratq(p).toImage += "x";
       }},
      {"from hash",
       [=](Plan& p) {
         ratq(p).fromHash += "x";
       }},
      {"to hash",
       [=](Plan& p) {
         ratq(p).toHash += "x";
       }},
      {"from revision",
       [=](Plan& p) {
         ++ratq(p).fromRevision;
       }},
      {"old copies",
       [=](Plan& p) {
         ratq(p).oldCopies.pop_back();
       }},
      {"new copies",
       [=](Plan& p) {
         ratq(p).newCopies.pop_back();
       }},
      {"order",
       [=](Plan& p) {
         ratq(p).order = UpdateOrder::StopFirst;
       }},
      {"routed",
       [=](Plan& p) {
         ratq(p).isRouted = false;
       }},
      {"one-shot",
       [=](Plan& p) {
         ratq(p).isOneShot = true;
       }},
      {"parallelism",
       [=](Plan& p) {
         ++ratq(p).parallelism;
       }},
      {"delay",
       [=](Plan& p) {
         ratq(p).delay += 1ms;
       }},
      {"monitor",
       [=](Plan& p) {
         ratq(p).monitor += 1ms;
       }},
      {"keep warm",
       [=](Plan& p) {
         ratq(p).keepWarm += 1ms;
       }},
      {"max failure ratio",
       [=](Plan& p) {
         ratq(p).maxFailureRatio += 0.01;
       }},
      {"failure action",
       [=](Plan& p) {
         ratq(p).failureAction = FailureAction::Continue;
       }},
      {"error gate",
       [=](Plan& p) {
         ratq(p).analyses.back().minRequests = 1;
       }},
      {"no error gate",
       [=](Plan& p) {
         ratq(p).analyses.clear();
       }},
      {"analysis' query",
       [=](Plan& p) {
         ratq(p).analyses.front().measurement.prometheus.query += "x";
       }},
      {"gate's passes",
       [=](Plan& p) {
         ++ratq(p).gate.passes;
       }},
      {"gate's worst case",
       [=](Plan& p) {
         ratq(p).gate.worstCase += 1s;
       }},
      {"gate's probe",
       [=](Plan& p) {
         ratq(p).gate.probes.front().name += "x";
       }},
      {"gate's start period",
       [=](Plan& p) {
         ratq(p).gate.startPeriod += 1s;
       }},
      {"drain",
       [](Plan& p) {
         p.services.at("runner").drain->atDeadline = DeadlineAction::End;
       }},
      {"in-flight deadline",
       [=](Plan& p) {
         ratq(p).inFlightDeadline += 1s;
       }},
      {"grace",
       [=](Plan& p) {
         ratq(p).stopGrace += 1s;
       }},
      {"signal",
       [=](Plan& p) {
         ratq(p).stopSignal = "SIGINT";
       }},
      {"approval",
       [](Plan& p) {
         p.approvals.pop_back();
       }},
      {"approval's expiry",
       [](Plan& p) {
         p.approvals.front().expires += 1s;
       }},
      {"steps",
       [](Plan& p) {
         p.steps.pop_back();
       }},
      {"step's approval",
       [](Plan& p) {
         p.steps.front().needsApproval ^= true;
       }},
      {"unchanged",
       [](Plan& p) {
         p.unchanged.pop_back();
       }},
      {"unchanged version",
       [](Plan& p) {
         p.unchangedVersions.at("postgres") = "17";
       }},
      {"excluded",
       [](Plan& p) {
         p.excluded.push_back({"x", "y"});
       }},
      {"changes",
       [](Plan& p) {
         p.changes.front().fields.push_back("command");
       }},
      {"verify",
       [](Plan& p) {
         p.verify.front().probe.path = "/";
       }},
      {"active runs",
       [](Plan& p) {
         p.activeRuns->port = 1;
       }},
      {"scope",
       [](Plan& p) {
         p.onFailureScope = FailureScope::Service;
       }},
      {"unattended",
       [](Plan& p) {
         p.unattended = true;
       }},
      {"bake",
       [](Plan& p) {
         p.bake += 1s;
       }},
  };
}

std::vector<Mutation> meaninglessChanges() {
  return {
      {"revision to come",
       [](Plan& p) {
         ++p.revision;
       }},
      {"titles",
       [](Plan& p) {
         p.steps.front().title = "x";
       }},
      {"step's estimate",
       [](Plan& p) {
         p.steps.front().worstCase += 1s;
       }},
      {"reason",
       [](Plan& p) {
         p.services.at("ratq").orderReason = "x";
       }},
      {"estimate",
       [](Plan& p) {
         p.services.at("ratq").secondsWithout += 1s;
       }},
      {"problem's place",
       [](Plan& p) {
         p.problems.push_back({Severity::Info, "x", "", "y", {"/z", 1, 2}});
       }},
      {"baseline",
       [](Plan& p) {
         p.baseline.clear();
       }},
      {"inputs",
       [](Plan& p) {
         p.inputs.files = {"/elsewhere/compose.yml"};
       }},
  };
}

} // namespace

class PlanJsonTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void readsBackAnEqualPlan() {
    for (const auto& plan :
         {fullPlan(), planFor(ratStack("1.0.0"), emptyWorld()),
          planFor(ratStack("1.0.0"), worldOf(ratStack("1.0.0"))), planFor(stackOf({}), World{})}) {
      auto text = dumpJson(toJson(plan));
      auto read = planFromJson(*parseJson(text));
      QVERIFY2(read.has_value(), read ? "" : read.error().message.c_str());
      QVERIFY(*read == plan);
      QCOMPARE(dumpJson(toJson(*read)), text);
    }
  }

  void hasTheContractsFields() {
    auto json = toJson(fullPlan());
    QCOMPARE(textAt(json, "format"), std::string("plan/1"));
    for (const char* key : {"project", "runtime", "hash", "waves", "steps", "unchanged", "excluded",
                            "changes", "problems", "baseline", "execution"})
      QVERIFY2(json.contains(key), key);
    for (const char* key : {"id", "wave", "service", "kind", "title", "worst_case_s", "needs_approval"})
      QVERIFY2(json["steps"][0].contains(key), key);
    QCOMPARE(integerAt(json["waves"][0], "index"), 1);
    for (const char* key : {"service", "from", "to", "fields"})
      QVERIFY2(json["changes"][0].contains(key), key);
    for (const char* key : {"severity", "code", "message", "file", "line", "column"})
      QVERIFY2(json["problems"][0].contains(key), key);
  }

  void refusesWhatIsNotAPlan() {
    for (const char* text : {"null", "[]", "{}", "{\"format\":\"plan/2\"}", "{\"format\":\"plan/1\"}",
                             "{\"format\":\"plan/1\",\"steps\":7,\"execution\":[],\"waves\":[1,null]}"}) {
      auto plan = planFromJson(*parseJson(text));
      QVERIFY2(!plan, text);
      QCOMPARE(plan.error().kind, ErrorKind::Input);
    }
  }

  void changesItsHashWithEveryMeaningfulField() {
    const auto plan = fullPlan();
    for (const auto& [name, mutate] : meaningfulChanges()) {
      auto changed = plan;
      mutate(changed);
      QVERIFY2(planHash(changed) != plan.hash, name);
      QVERIFY2(!planFromJson(toJson(changed)), name);
      QVERIFY2(!differences(plan, changed).empty(), name);
    }
  }

  void keepsItsHashOverPathsTitlesAndEstimates() {
    const auto plan = fullPlan();
    for (const auto& [name, mutate] : meaninglessChanges()) {
      auto changed = plan;
      mutate(changed);
      QVERIFY2(changed != plan, name);
      QVERIFY2(planHash(changed) == plan.hash, name);
      QVERIFY2(planFromJson(toJson(changed)).has_value(), name);
      QVERIFY2(differences(plan, changed).empty(), name);
    }
  }

  void keepsItsHashWhereverTheProbesAreSentFrom() {
    auto world = worldOf(ratStack("1.0.0"));
    const auto plan = planFor(ratStack("2.0.0"), world);
    world.vantage = "ratdeck-relay on rat_ratdeck";
    const auto remote = planFor(ratStack("2.0.0"), world);
    QVERIFY(remote.steps != plan.steps);
    QCOMPARE(remote.hash, plan.hash);
    const auto back = planFromJson(toJson(remote));
    QVERIFY(back.has_value());
    QCOMPARE(back->vantage, world.vantage);
    QVERIFY(*back == remote);
  }

  void makesTheSamePlanOfShuffledInput() {
    std::mt19937 random(7);
    auto wanted = ratStack("2.0.0");
    wanted.policy.approvals = {{"b", ApprovalSpec::When::Before, "ratd", 0, 30min},
                               {"a", ApprovalSpec::When::After, "ratq", 0, 30min}};
    auto world = worldOf(ratStack("1.0.0"));
    world.routedServices = {"ratd", "portal", "ratq"};
    for (auto& copy : world.instances)
      copy.restarts = 1;
    auto expected = dumpJson(toJson(planFor(wanted, world)));
    for (int round = 0; round < 20; ++round) {
      std::shuffle(world.instances.begin(), world.instances.end(), random);
      std::shuffle(world.routedServices.begin(), world.routedServices.end(), random);
      std::shuffle(wanted.policy.approvals.begin(), wanted.policy.approvals.end(), random);
      for (auto& copy : world.instances)
        copy.startedAt += std::chrono::seconds(random() % 1000);
      QCOMPARE(dumpJson(toJson(planFor(wanted, world))), expected);
    }
    auto moved = wanted;
    moved.files = {"/elsewhere/compose.yml"};
    for (auto& [name, spec] : moved.services)
      spec.locations[""].file = "/elsewhere/compose.yml";
    QCOMPARE(planFor(moved, world).hash, planFor(wanted, world).hash);
    world.instances.front().image = "other:1"; // the control: what matters does change it
    QVERIFY(planFor(wanted, world).hash != planFor(moved, worldOf(ratStack("1.0.0"))).hash);
  }

  void namesTheFieldThatMoved() {
    auto before = planFor(ratStack("2.0.0"), worldOf(ratStack("1.0.0")));
    auto now = planFor(ratStack("3.0.0"), worldOf(ratStack("1.0.0")));
    auto moved = differences(before, now);
    QVERIFY(std::find(moved.begin(), moved.end(),
                      "services.ratd.to_image: rat/ratd:2.0.0 -> rat/ratd:3.0.0") != moved.end());
  }

  void survivesDamagedFiles() {
    std::mt19937 random(11);
    const auto json = toJson(fullPlan());
    auto flat = json.flatten();
    std::vector<std::string> paths;
    for (const auto& [path, value] : flat.items())
      paths.push_back(path);
    const Json junk[] = {nullptr, true, -1, 1e300, "x", Json::array(), Json::object()};
    for (int round = 0; round < 300; ++round) {
      auto damaged = json;
      damaged[Json::json_pointer(paths[random() % paths.size()])] = junk[random() % std::size(junk)];
      if (auto plan = planFromJson(damaged))
        QCOMPARE(plan->hash, textAt(json, "hash"));
    }
  }
};

QTEST_GUILESS_MAIN(PlanJsonTest)
#include "tst_plan_json.moc"
