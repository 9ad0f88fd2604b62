// What users got, counted from the router's samples: only what was measured, and whose fault it is.
#include "tests/support/manual_clock.h"
#include "tests/support/sampled_rollout.h"
#include "ui/model/traffic_count.h"

#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;
using namespace std::chrono_literals;

class TrafficCountTest : public QObject {
  Q_OBJECT

  ManualClock m_clock;
  RolloutState m_state;
  TrafficCount m_count;

  void second(const std::map<std::string, CountedSecond>& services) {
    m_clock.advance(1s);
    m_count.add(sampledAt(m_clock.now(), services), m_state);
  }
  void record(const Json& services) {
    m_clock.advance(1s);
    m_count.add(eventAt(EventType::Sampled, m_clock.now(), {}, {{"services", services}}), m_state);
  }

private Q_SLOTS:
  void init() {
    m_state = sampledState({"ratd", "portal"});
    m_count = {};
  }

  void addsUpWhatEachSecondCounted() {
    second({{"ratd", {200, 100, 0, 2, 9}}, {"portal", {40, 0, 1, 0, 3}}});
    second({{"ratd", {100, 200, 0, 0, 8}}});
    QCOMPARE(m_count.requests(), 640);
    QCOMPARE(m_count.failed(), 3);
    QCOMPARE(m_count.rateOf("ratd").requests, std::optional<long long>(300));
    QCOMPARE(m_count.rateOf("ratd").inFlight, std::optional<long long>(8));
    QVERIFY(!m_count.rateOf("portal").requests); // it was not in the last sample
    QVERIFY(!m_count.rateOf("nobody").inFlight);
    QVERIFY(m_count.lastSample() == m_clock.now());
  }

  void blamesTheVersionThatFailed() {
    second({{"ratd", {200, 100, 1, 31, 0}}});
    second({{"ratd", {0, 100, 0, 3, 0}}});
    QCOMPARE(m_count.culprits().size(), size_t(2));
    QCOMPARE(m_count.culprits().at("ratd 2.4.0"), 34);
    QCOMPARE(m_count.culprits().at("ratd 2.3.0"), 1);
  }

  void aCopyThatWasBroughtBackIsOfTheOldVersion() {
    m_state.instances.at(InstanceId("rat-ratd-2")).role = InstanceRole::Restored;
    second({{"ratd", {0, 100, 0, 4, 0}}});
    QCOMPARE(m_count.culprits().at("ratd 2.3.0"), 4);
  }

  void whatStaysIsNamedByItsVersion() {
    m_state.plan.services.erase("portal");
    m_state.plan.unchangedVersions["portal"] = "3.1.0";
    second({{"portal", {100, 0, 7, 0, 0}}});
    QCOMPARE(m_count.culprits().at("portal 3.1.0"), 7);
  }

  void countsUserFacingServicesAlone() {
    m_count.setUserFacing({"portal"});
    second({{"ratd", {300, 0, 9, 0, 1}}, {"portal", {40, 0, 0, 0, 1}}});
    QCOMPARE(m_count.requests(), 40);
    QCOMPARE(m_count.failed(), 0);
    QCOMPARE(m_count.culprits().at("ratd 2.3.0"), 9); // it may be what hurts the portal's users
    QCOMPARE(m_count.rateOf("ratd").requests, std::optional<long long>(300));
  }

  // A record that measures no user says nothing of users, however fresh it is.
  void aSampleWithoutUsersIsNone() {
    record(Json::object());
    QVERIFY(!m_count.lastSample());
    record({{"ratd", Json::object()}});
    QVERIFY(!m_count.lastSample());
    m_count.setUserFacing({"portal"});
    second({{"ratd", {300, 0, 0, 0, 1}}});
    QVERIFY(!m_count.lastSample());
    second({{"portal", {1, 0, 0, 0, 0}}});
    QVERIFY(m_count.lastSample().has_value());
  }

  void failuresFarApartAreTwoTroubles() {
    second({{"ratd", {100, 0, 1, 0, 0}}});
    const auto first = m_clock.now();
    m_clock.advance(13s);
    second({{"ratd", {100, 0, 1, 0, 0}}});
    QVERIFY(m_count.firstFailure() == first);
    QVERIFY(m_count.lastFailure() == m_clock.now());
    m_clock.advance(15s);
    second({{"ratd", {100, 0, 0, 0, 0}}});
    second({{"ratd", {100, 0, 1, 0, 0}}});
    QVERIFY(m_count.firstFailure() == m_clock.now());
  }

  // The clock of another boot begins anew: what was seen long ago must not seem to lie ahead.
  void whatWasSeenBeforeAnotherBootIsOld() {
    m_state.startedAt = m_clock.now();
    m_count.add(eventAt(EventType::RolloutStarted, m_clock.now()), m_state);
    second({{"ratd", {300, 0, 1, 0, 0}}});
    m_state.startedAt.boot -= 59min; // as the state moves it
    m_count.add(eventAt(EventType::RolloutResumed, m_clock.now()), m_state);
    QVERIFY(m_count.lastSample()->boot == m_clock.now().boot - 59min);
    QVERIFY(m_count.firstFailure()->boot == m_clock.now().boot - 59min);
  }

  void recordsOfAnotherShapeDoNoHarm() {
    m_count.add(eventAt(EventType::Sampled, m_clock.now()), m_state);
    m_count.add(eventAt(EventType::GatePassed, m_clock.now()), m_state);
    record("text");
    record(Json::array({1, 2}));
    record({{"ratd", 7}, {"portal", {{"requests", "many"}, {"instances", {{"x", 7}}}}}});
    QVERIFY(!m_count.lastSample());
    record({{"ratd", {{"requests", -5}, {"errors_5xx", -7}, {"in_flight", 1e300}}}});
    record({{"ratd", {{"requests", 5}, {"errors_5xx", 2}, {"instances", Json::array({"x"})}}}});
    QCOMPARE(m_count.requests(), 5);
    QCOMPARE(m_count.failed(), 2);
  }
};

QTEST_GUILESS_MAIN(TrafficCountTest)
#include "tst_traffic_count.moc"
