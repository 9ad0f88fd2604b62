// What the engine's watches conclude of a target that answers, and of one that does not.
#include "core/engine/gate_probes.h"
#include "core/engine/router_watchers.h"
#include "core/engine/watch_set.h"
#include "tests/support/manual_clock.h"
#include "tests/support/rollout_plans.h"
#include "tests/support/text.h"
#include "tests/unit/engine/fake_target.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const InstanceId oldCopy("rat-a-1"), newCopy("rat-a-2");

// Revision 2 has a healthcheck with a command of its own.
class Specs final : public SpecSource {
public:
  Result<ServiceSpec> serviceAt(int revision, const std::string& service) const override {
    if (revision != 2)
      return failure(ErrorKind::NotFound, "no revision " + std::to_string(revision));
    ServiceSpec spec;
    spec.name = service;
    spec.healthCheck = HealthCheck{};
    spec.healthCheck->test = {"CMD", "/check", "two"};
    return spec;
  }
  Result<StackSpec> stackAt(int revision) const override {
    return failure(ErrorKind::NotFound, "no revision " + std::to_string(revision));
  }
};

ProbeSpec healthCheck() {
  ProbeSpec probe;
  probe.kind = ProbeKind::Exec;
  probe.name = "healthcheck";
  return probe;
}

RolloutState begun() {
  auto service = servicePlan("a", 1);
  service.gate.probes = {healthCheck()};
  service.gate.interval = 1ms;
  StartRollout start;
  start.plan = planOf({service});
  RolloutState state;
  for (const auto& event : decide(state, start, ManualClock().now()).events)
    apply(state, event);
  return state;
}

} // namespace

class WatchesTest : public QObject {
  Q_OBJECT

  std::shared_ptr<FakeWorld> m_world;
  std::unique_ptr<FakeTarget> m_target;
  std::vector<std::string> m_log;
  ManualClock m_clock;

  WatchSet::Post post() {
    return [this](const Observation& seen) {
      m_log.push_back(std::string(toString(seen.kind)) + " " + seen.instance.value);
    };
  }
  bool hasSeen(ObservationKind kind, const std::string& instance) const {
    return std::find(m_log.begin(), m_log.end(), std::string(toString(kind)) + " " + instance) != m_log.end();
  }
  bool hasAsked(int more) {
    auto enough = m_world->probes + more;
    return QTest::qWaitFor([&] { return m_world->probes >= enough; });
  }
  bool hasListed(int more) {
    auto enough = m_world->lists + more;
    return QTest::qWaitFor([&] { return m_world->lists >= enough; });
  }
  void place(const InstanceId& id, int restarts) {
    m_world->instances[id].id = id;
    m_world->instances[id].service = "a";
    m_world->instances[id].restarts = restarts;
  }

private Q_SLOTS:
  void init() {
    m_log.clear();
    m_world = std::make_shared<FakeWorld>();
    m_target = std::make_unique<FakeTarget>(m_world);
  }

  void aProbeThatCannotBeRunNeitherPassesAGateNorCountsAgainstACopyThatServes() {
    auto state = begun();
    const auto& plan = state.plan.services.at("a");
    m_world->isOutOfReach = true;
    GateWatcher gate(*m_target, plan, plan.gate.probes, state.instances.at(newCopy), post());
    ServingWatcher serving(*m_target, plan, {}, plan.gate.probes, state.instances.at(newCopy), m_clock,
                           post());
    QVERIFY(hasAsked(20));
    QVERIFY(!hasSeen(ObservationKind::GateStreak, newCopy.value));
    QVERIFY(!hasSeen(ObservationKind::ServingBad, newCopy.value));
    m_world->isOutOfReach = false;
    QTRY_VERIFY(hasSeen(ObservationKind::GateStreak, newCopy.value));
    m_world->unwell.insert(newCopy); // the control: a probe that fails does count
    QTRY_VERIFY(hasSeen(ObservationKind::ServingBad, newCopy.value));
  }

  void aCopyThatServesIsBadOnceItsProbesHaveFailedForTwoSecondsOnEnd() {
    auto state = begun();
    auto& plan = state.plan.services.at("a");
    plan.monitor = 5s;
    ServingWatcher serving(*m_target, plan, {}, plan.gate.probes, state.instances.at(newCopy), m_clock,
                           post());
    m_world->unwell.insert(newCopy);
    QVERIFY(hasAsked(6));
    m_clock.advance(1900ms);
    QVERIFY(hasAsked(6));
    m_world->unwell.erase(newCopy); // one good answer, and the time begins anew
    QVERIFY(hasAsked(6));
    m_world->unwell.insert(newCopy);
    QVERIFY(hasAsked(6));
    m_clock.advance(1900ms);
    QVERIFY(hasAsked(6));
    QVERIFY(!hasSeen(ObservationKind::ServingBad, newCopy.value));
    m_clock.advance(100ms);
    QTRY_VERIFY(hasSeen(ObservationKind::ServingBad, newCopy.value));
    QCOMPARE(std::count(m_log.begin(), m_log.end(),
                        std::string(toString(ObservationKind::ServingBad)) + " " + newCopy.value),
             1);
  }

  void aTargetThatDoesNotAnswerForOverHalfAMinuteIsAwayUntilItDoes() {
    place(oldCopy, 0);
    place(newCopy, 0);
    WatchSet watches(m_target->target(), std::make_shared<Specs>(), m_clock, post());
    m_world->isOutOfReach = true;
    watches.sync(begun());
    QVERIFY(hasListed(2)); // the first of them has been answered by then
    m_clock.advance(29s);
    QVERIFY(hasListed(2));
    QVERIFY(!hasSeen(ObservationKind::Away, ""));
    m_clock.advance(2s);
    QTRY_VERIFY(hasSeen(ObservationKind::Away, ""));
    QVERIFY(!hasSeen(ObservationKind::Returned, ""));
    m_world->isOutOfReach = false;
    QTRY_VERIFY(hasSeen(ObservationKind::Returned, ""));
    QCOMPARE(std::count(m_log.begin(), m_log.end(), std::string(toString(ObservationKind::Away)) + " "), 1);
  }

  void restartsOfLongAgoAreNewsOnlyOfACopyThatThisRolloutStarted() {
    place(oldCopy, 3);
    place(newCopy, 1);
    auto state = begun();
    state.instances.at(newCopy).phase = InstancePhase::Gating;
    WatchSet watches(m_target->target(), std::make_shared<Specs>(), m_clock, post());
    watches.sync(state);
    QTRY_VERIFY(hasSeen(ObservationKind::InstanceExited, newCopy.value));
    QVERIFY(!hasSeen(ObservationKind::InstanceExited, oldCopy.value));
    ++m_world->instances[oldCopy].restarts;
    QTRY_VERIFY(hasSeen(ObservationKind::InstanceExited, oldCopy.value));
  }

  void aListFromBeforeTheStartOfACopySaysNothingOfIt() {
    place(oldCopy, 0);
    auto state = begun();
    WatchSet watches(m_target->target(), std::make_shared<Specs>(), m_clock, post());
    watches.sync(state);
    m_world->duringList = [&] {
      place(newCopy, 0);
      state.instances.at(newCopy).phase = InstancePhase::Gating;
      watches.sync(state);
    };
    QVERIFY(hasListed(3));
    QVERIFY(!m_world->duringList);
    QVERIFY(!hasSeen(ObservationKind::InstanceExited, newCopy.value));
    m_world->instances.erase(newCopy); // the control: a later list does
    QTRY_VERIFY(hasSeen(ObservationKind::InstanceExited, newCopy.value));
  }

  void aGateTakesItsCommandsFromTheRevisionOfTheCopy() {
    auto state = begun();
    QVERIFY(state.plan.services.at("a").gate.probes.front().command.empty());
    auto ofNew = gateProbesOf(state, state.instances.at(newCopy), Specs());
    QCOMPARE(ofNew.front().command, (std::vector<std::string>{"/check", "two"}));
    auto ofOld = gateProbesOf(state, state.instances.at(oldCopy), Specs()); // revision 1 is not kept
    QVERIFY(ofOld.front().command.empty());
  }
};

QTEST_GUILESS_MAIN(WatchesTest)
#include "tst_watches.moc"
