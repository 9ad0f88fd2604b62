// The services as rows: what is wanted, what runs, what the rollout makes of it; what is not known is absent.
#include "tests/support/sampled_rollout.h"
#include "tests/support/watched_rollout.h"
#include "tests/unit/rollout/rollout_texts.h"
#include "ui/model/service_rows.h"
#include "ui/model/service_text.h"

#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

Plan plan() {
  auto plan = planOf({servicePlan("a", 1, 2, 2), servicePlan("b", 2)});
  plan.unchanged = {"db"};
  plan.unchangedVersions["db"] = "16.4";
  sign(plan);
  return plan;
}

ServiceRow rowOf(const RowFacts& facts, const char* name) {
  for (const auto& row : serviceRowsOf(facts))
    if (row.name == QLatin1String(name))
      return row;
  return {};
}

RowFacts factsOf(const RolloutWorld& world) {
  RowFacts facts;
  facts.rollout = &world.state();
  facts.now = world.now();
  return facts;
}

ServiceRow rowOf(const RolloutWorld& world, const char* name) {
  return rowOf(factsOf(world), name);
}

InstanceInfo copyOf(const std::string& service, int number, Health health) {
  InstanceInfo info;
  info.id = InstanceId("rat-" + service + "-" + std::to_string(number));
  info.service = service;
  info.image = "rat/" + service + ":1";
  info.health = health;
  return info;
}

} // namespace

class ServiceRowsTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void rowsComeByWaveAndThoseWithoutAPartLast() {
    RolloutWorld world(plan());
    world.begin();
    const auto rows = serviceRowsOf(factsOf(world));
    QStringList names;
    for (const auto& row : rows)
      names << row.name;
    QCOMPARE(names.join(QLatin1Char(' ')), QStringLiteral("a b db"));
    QCOMPARE(rows[0].wave, 1);
    QCOMPARE(rows[0].oldVersion + QStringLiteral(" → ") + rows[0].newVersion, QStringLiteral("1 → 2"));
    QCOMPARE(rows[2].wave, 0);
    QCOMPARE(rows[2].oldVersion, QStringLiteral("16.4"));
    QVERIFY(rows[2].newVersion.isEmpty());
  }

  void whileNobodyServesItItIsNotCalm() {
    auto service = servicePlan("a", 1);
    service.order = UpdateOrder::StopFirst;
    RolloutWorld world(planOf({service}));
    world.begin();
    QVERIFY(world.runUntil("StopRequested a-1"));
    QCOMPARE(rowOf(world, "a").mood, Mood::Failed);
    QCOMPARE(rowOf(world, "a").status, QStringLiteral("nobody serves, stopping old"));
    QVERIFY(world.runUntil("TrafficSwitched a-2"));
    QVERIFY(rowOf(world, "a").mood != Mood::Failed);
  }

  void aServiceWhoseCopiesFailRequestsIsNotCalmUntilTheyHaveStoppedToForAWhile() {
    auto state = sampledState({"ratd"});
    TrafficCount count;
    Instant at;
    at.boot = BootTime(100s);
    count.add(sampledAt(at, {{"ratd", {100, 100, 0, 7, 3}}}), state);
    RowFacts facts;
    facts.rollout = &state;
    facts.traffic = &count;
    facts.now = at;
    QCOMPARE(rowOf(facts, "ratd").mood, Mood::Failed);
    QVERIFY2(rowOf(facts, "ratd").status.startsWith(QStringLiteral("fails requests, ")),
             qPrintable(rowOf(facts, "ratd").status));
    at.boot += 6s;
    count.add(sampledAt(at, {{"ratd", {100, 100, 0, 0, 3}}}), state);
    facts.now = at;
    QVERIFY(rowOf(facts, "ratd").mood != Mood::Failed);
    QVERIFY(!rowOf(facts, "ratd").status.contains(QStringLiteral("fails")));
  }

  void aServiceIsFollowedThroughItsSwap() {
    RolloutWorld world(plan());
    QStringList seen;
    world.afterEach = [&](const Stimulus&, const Decision&) {
      const auto row = rowOf(world, "a");
      const auto text = row.status + QStringLiteral(" | ") + row.copies;
      if (seen.isEmpty() || seen.back() != text)
        seen << text;
    };
    world.begin();
    QCOMPARE(rowOf(world, "b").status, QStringLiteral("to come"));
    QVERIFY(world.runUntil("ServiceFinished a"));
    QCOMPARE(seen.join(QLatin1Char('\n')).toStdString(), std::string(R"(starting | 0 of 2 new · 2 old
at its gate | 0 of 2 new · 2 old
switching | 0 of 2 new · 2 old
verifying | 0 of 2 new · 2 old
draining | 1 of 2 new · 2 old
stopping old | 1 of 2 new · 2 old
starting | 1 of 2 new · 1 old
at its gate | 1 of 2 new · 1 old
switching | 1 of 2 new · 1 old
verifying | 1 of 2 new · 1 old
watched | 2 of 2 new · 1 old
watched | 2 of 2 new
updated | 2 of 2 new)"));
    QCOMPARE(rowOf(world, "a").mood, Mood::Ok);
  }

  void anUndoEndsOnTheOldVersion() {
    RolloutWorld world(plan());
    world.begin();
    QVERIFY(world.runUntil("BatchSwitched a"));
    world.send(commandOf(CommandKind::Abort));
    QCOMPARE(rowOf(world, "a").status, QStringLiteral("going back"));
    QCOMPARE(rowOf(world, "a").oldVersion, QStringLiteral("2")); // it goes from there
    QCOMPARE(rowOf(world, "a").newVersion, QStringLiteral("1"));
    QVERIFY(world.run());
    auto row = rowOf(world, "a");
    QCOMPARE(row.status, QStringLiteral("back"));
    QCOMPARE(row.copies, QStringLiteral("2 old"));
    QCOMPARE(row.mood, Mood::Ok);
    QCOMPARE(row.oldVersion, QStringLiteral("1"));
    QCOMPARE(row.newVersion, QString());
    QCOMPARE(rowOf(world, "b").status, QStringLiteral("not touched"));
    QCOMPARE(rowOf(world, "b").newVersion, QString());
    QCOMPARE(rowOf(world, "b").copies, QStringLiteral("1 old"));
  }

  void whatIsFinishedShowsItsNewVersionAlone() {
    RolloutWorld world(plan());
    world.begin();
    QVERIFY(world.runUntil("MonitorPassed a"));
    QCOMPARE(versionsText(rowOf(world, "a")), QStringLiteral("1 → 2"));
    QVERIFY(world.runUntil("ServiceFinished a"));
    QCOMPARE(versionsText(rowOf(world, "a")), QStringLiteral("2"));
    QCOMPARE(versionsText(rowOf(world, "b")), QStringLiteral("1 → 2"));
    QVERIFY(world.run());
    QCOMPARE(versionsText(rowOf(world, "b")), QStringLiteral("2"));
  }

  void aGateTellsItsLastAnswerAndItsDeadline() {
    RolloutWorld world(plan());
    world.fateOf = neverHealthy;
    world.begin();
    QVERIFY(world.runUntil("ProbeResultChanged a-3"));
    auto row = rowOf(world, "a");
    QCOMPARE(row.health, QStringLiteral("http: refused"));
    QVERIFY(row.waitingFor.contains(QStringLiteral("http says refused")));
    QCOMPARE(row.then, QStringLiteral("undo"));
    QVERIFY(row.until && row.since && *row.since < *row.until);
    QVERIFY(world.run());
    row = rowOf(world, "a");
    QVERIFY2(row.health.startsWith(QStringLiteral("failed: ")), qPrintable(row.health));
  }

  void aServiceThatWaitsForRunsShowsIt() {
    auto withRuns = plan();
    withRuns.services.at("a").drain = DrainPolicy{true, 120s, DeadlineAction::Wait, 600s};
    sign(withRuns);
    RolloutWorld world(withRuns);
    world.runs["a"] = {{0s, 3}};
    world.begin();
    QVERIFY(world.runUntil("RunsObserved a"));
    const auto row = rowOf(world, "a");
    QCOMPARE(row.status, QStringLiteral("draining runs"));
    QCOMPARE(row.mood, Mood::Waiting);
    QCOMPARE(row.waitingFor,
             QStringLiteral("waiting for 3 active runs of a to end, the oldest 2 min 50 s old"));
    QCOMPARE(row.then, QStringLiteral("ask a person"));
  }

  void withoutARolloutTheWorldIsShown() {
    World world;
    world.isReachable = true;
    world.instances = {copyOf("a", 1, Health::Healthy), copyOf("a", 2, Health::Healthy),
                       copyOf("b", 1, Health::Unhealthy), copyOf("c", 1, Health::Unknown)};
    world.instances[2].healthDetail = "503 not_ready";
    world.instances.push_back(copyOf("d", 1, Health::Healthy));
    world.instances.back().state = InstanceState::Exited;
    RowFacts facts;
    facts.world = &world;
    QCOMPARE(rowOf(facts, "a").copies, QStringLiteral("2 copies"));
    QCOMPARE(rowOf(facts, "a").oldVersion, QStringLiteral("1"));
    QCOMPARE(rowOf(facts, "a").mood, Mood::Ok);
    QCOMPARE(rowOf(facts, "b").mood, Mood::Failed);
    QCOMPARE(rowOf(facts, "b").health, QStringLiteral("503 not_ready"));
    QCOMPARE(rowOf(facts, "c").status, QStringLiteral("health not known"));
    QCOMPARE(rowOf(facts, "d").status, QStringLiteral("does not run"));
    world.isReachable = false;
    QCOMPARE(rowOf(facts, "a").status, QStringLiteral("not known"));
    QCOMPARE(rowOf(facts, "a").mood, Mood::Unknown);
    QVERIFY(rowOf(facts, "a").copies.isEmpty());
  }

  // A service that the rollout leaves alone is shown as it was seen.
  void whatStaysIsShownAsItRuns() {
    RolloutWorld rollout(plan());
    rollout.begin();
    World world;
    world.isReachable = true;
    world.instances = {copyOf("db", 1, Health::Healthy)};
    auto facts = factsOf(rollout);
    facts.world = &world;
    const auto row = rowOf(facts, "db");
    QCOMPARE(row.status, QStringLiteral("healthy"));
    QCOMPARE(row.copies, QStringLiteral("1 copy"));
  }

  void whatWasNotMeasuredIsAbsentAndNotZero() {
    RolloutWorld world(plan());
    world.begin();
    TrafficCount count;
    auto facts = factsOf(world);
    facts.traffic = &count;
    QVERIFY(!rowOf(facts, "a").requestRate && !rowOf(facts, "a").inFlight);
    count.add(sampledAt(world.now(), {{"a", {200, 100, 0, 0, 7}}}), world.state());
    QCOMPARE(rowOf(facts, "a").requestRate, std::optional<double>(300));
    QCOMPARE(rowOf(facts, "a").inFlight, std::optional<long long>(7));
    QVERIFY(!rowOf(facts, "b").requestRate);
  }

  void dependenciesComeFromTheStack() {
    const auto target = targetOf(plan());
    auto stack = target.stack;
    stack.services.at("b").dependsOn["a"] = {};
    RowFacts facts;
    facts.stack = &stack;
    QCOMPARE(rowOf(facts, "b").dependsOn, QStringList{QStringLiteral("a")});
  }
};

QTEST_GUILESS_MAIN(ServiceRowsTest)
#include "tst_service_rows.moc"
