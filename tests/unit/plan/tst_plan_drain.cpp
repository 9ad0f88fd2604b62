// What a plan says of the drain of active work, and what it must not say.
#include "tests/unit/plan/plan_builders.h"

#include <QtTest>

using namespace ratdeck;
using namespace ratdeck::testing;

namespace {

// runner 2.0.0 over 1.0.0, drained as `drain` says.
Plan planWith(const DrainPolicy& drain) {
  auto wanted = ratStack("2.0.0");
  auto& runner = wanted.services.at("runner");
  runner.policy.drain = drain;
  runner.policy.drain->waitForRuns = true;
  runner.stopGracePeriod = 120s;
  return planFor(wanted, worldOf(ratStack("1.0.0")));
}

DrainPolicy told() {
  DrainPolicy drain;
  drain.deadline = 20s;
  drain.hook = DrainCall{{"/drain", "--token=s3cret"}};
  drain.back = DrainCall{{}, "SIGUSR2"};
  drain.grpc = DrainHealth{50052, "rat.Runner"};
  return drain;
}

WorkCount count(CountKind kind) {
  WorkCount count;
  count.kind = kind;
  if (kind == CountKind::Command)
    count.command = {"/jobs", "--token=s3cret"};
  if (kind == CountKind::Http)
    count.port = 9100, count.path = "/stats", count.field = "jobs.active";
  if (kind == CountKind::Prometheus)
    count.url = "http://ann:s3cret@p:9090", count.query = "sum(jobs)", count.login = {"", "ops", "PASS"};
  return count;
}

std::string stepOf(const Plan& plan) {
  for (const auto& step : plan.steps)
    if (step.id == "2.runner.drain-runs" || step.id.ends_with(".runner.drain-runs"))
      return step.title;
  return {};
}

} // namespace

class PlanDrainTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void itsStepSaysWhatIsTriedInWhichOrder() {
    QCOMPARE(stepOf(planWith(told())),
             std::string(
                 "tell the old copies to take no new work (a command), then wait until no run is active, at "
                 "most 20 s; then a person decides"));
    auto drain = told();
    drain.hook.reset();
    drain.back.reset();
    drain.atDeadline = DeadlineAction::End;
    drain.count = count(CountKind::Http);
    QCOMPARE(
        stepOf(planWith(drain)),
        std::string("wait until no run is active (counted by jobs.active of GET /stats on each old copy), at "
                    "most 20 s; then what still runs is ended"));
    drain.count = count(CountKind::Prometheus);
    QVERIFY(stepOf(planWith(drain)).find("(counted by Prometheus: sum(jobs))") != std::string::npos);
  }

  void noSecretOfItStandsInThePlan() {
    for (const auto kind : {CountKind::Command, CountKind::Http, CountKind::Prometheus}) {
      auto drain = told();
      drain.count = count(kind);
      const auto text = dumpJson(toJson(planWith(drain)));
      QVERIFY2(text.find("s3cret") == std::string::npos, text.c_str());
    }
  }

  void itIsReadBackAsItWas() {
    for (const auto kind : {CountKind::Command, CountKind::Http, CountKind::Prometheus}) {
      auto drain = told();
      drain.count = count(kind);
      const auto plan = planWith(drain);
      const auto read = planFromJson(*parseJson(dumpJson(toJson(plan))));
      QVERIFY2(read.has_value(), read ? "" : read.error().toString().c_str());
      QVERIFY(read->services.at("runner").drain == plan.services.at("runner").drain);
    }
  }

  void whateverItDoesIsPartOfTheHash() {
    const auto whole = [] {
      auto drain = told();
      drain.count = count(CountKind::Command);
      return drain;
    };
    const auto before = planWith(whole());
    const std::vector<std::pair<const char*, std::function<void(DrainPolicy&)>>> changes = {
        {"the hook's command",
         [](DrainPolicy& d) {
           d.hook->command.push_back("x");
         }},
        {"the signal back",
         [](DrainPolicy& d) {
           d.back->signal = "SIGHUP";
         }},
        {"no way back",
         [](DrainPolicy& d) {
           d.back.reset();
         }},
        {"the health service",
         [](DrainPolicy& d) {
           d.grpc->service = "x";
         }},
        {"the count's command",
         [](DrainPolicy& d) {
           d.count->command.push_back("x");
         }},
        {"another count", [](DrainPolicy& d) {
           d.count = count(CountKind::Http);
         }}};
    for (const auto& [what, change] : changes) {
      auto drain = whole();
      change(drain);
      const auto now = planWith(drain);
      QVERIFY2(now.hash != before.hash, what);
      QVERIFY2(!differences(before, now).empty(), what);
    }
    QCOMPARE(planWith(whole()).hash, before.hash); // the control
    auto drain = whole();
    drain.count = count(CountKind::Prometheus);
    const auto asked = planWith(drain);
    drain.count->login.passwordEnv = "OTHER";
    QVERIFY(planWith(drain).hash != asked.hash);
  }

  void aHookThatNothingTakesBackIsNamed() {
    QVERIFY(codesOf(planWith(told()), "runner").find("drain-hook-one-way") == std::string::npos);
    auto drain = told();
    drain.back.reset();
    QVERIFY(codesOf(planWith(drain), "runner").find("drain-hook-one-way") != std::string::npos);
    QVERIFY(!planWith(drain).hasErrors());
    QVERIFY(codesOf(planWith(drain), "runner").find("drain-hook-gap") != std::string::npos);
    drain.hook.reset();
    QVERIFY(codesOf(planWith(drain), "runner").find("drain-hook") == std::string::npos);
  }

  void aHookThatWouldEndTheServiceIsRefused() {
    auto drain = told();
    drain.hook = DrainCall{{}, "SIGTERM"};
    const auto plan = planWith(drain);
    QVERIFY(codesOf(plan, "runner").find("drain-hook-stops") != std::string::npos);
    QVERIFY(plan.hasErrors());
  }

  void aCountOfItsOwnNeedsNoRunsOfTheStack() {
    const auto codes = [](bool hasCount) {
      auto wanted = stackOf({service("jobs", "jobs:2")});
      auto before = stackOf({service("jobs", "jobs:1")});
      DrainPolicy drain;
      drain.waitForRuns = true;
      if (hasCount)
        drain.count = count(CountKind::Command);
      wanted.services.at("jobs").policy.drain = drain;
      return codesOf(planFor(wanted, worldOf(before)), "jobs");
    };
    QVERIFY(codes(false).find("unknown-drain") != std::string::npos);
    QVERIFY(codes(true).find("unknown-drain") == std::string::npos);
  }
};

QTEST_APPLESS_MAIN(PlanDrainTest)
#include "tst_plan_drain.moc"
