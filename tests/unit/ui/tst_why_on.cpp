// Why a rollout goes on while users are hurt.
#include "core/rollout/rollout.h"
#include "tests/support/manual_clock.h"
#include "tests/support/sampled_rollout.h"
#include "ui/model/why_on.h"

#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;

class WhyOnTest : public QObject {
  Q_OBJECT

  ManualClock m_clock;
  RolloutState m_state;

  void second(const CountedSecond& ratd) {
    m_clock.advance(std::chrono::seconds(1));
    apply(m_state, sampledAt(m_clock.now(), {{"ratd", ratd}}));
  }
  AnalysisSpec& gate() { return m_state.plan.services.at("ratd").analyses.front(); }
  void judge(Verdict verdict, const std::string& text) {
    m_state.services["ratd"].analyses["errors rat-ratd-2"] = {"errors", InstanceId("rat-ratd-2"), verdict,
                                                              text, m_clock.now()};
  }

private Q_SLOTS:
  void init() { m_state = sampledState({"ratd"}); }

  void aShareOfFailuresBelowTheLimitOfItsGateIsSaidToBeThat() {
    second({300, 1000, 0, 8});
    QCOMPARE(whyItGoesOn(m_state),
             QStringLiteral("rolls on: 0.8 % of all requests to ratd 2.4.0 failed, its gate acts above 1 %"));
  }

  void whereAllFailThatIsSaidInFull() {
    second({0, 10, 0, 10});
    QVERIFY(whyItGoesOn(m_state).startsWith(QStringLiteral("rolls on: 100 % of all requests")));
  }

  // What is measured against the old version has no limit that could be named beforehand.
  void aGateThatComparesSaysItsOwnWords() {
    gate().mostOverOld = 2;
    second({300, 1000, 0, 8});
    judge(Verdict::Passing, "8 of 1000 requests failed at the router (at most 0.9 %)");
    QVERIFY(whyItGoesOn(m_state).endsWith(QStringLiteral("at the router (at most 0.9 %)")));
  }

  void aGateThatOnlyObservesIsSaidToDoThat() {
    gate().isObserveOnly = true;
    second({300, 100, 0, 50});
    QCOMPARE(whyItGoesOn(m_state),
             QStringLiteral(
                 "rolls on: 50 % of all requests to ratd 2.4.0 failed, its gate on errors only observes"));
  }

  void thatNoGateWatchesItsErrorsIsSaid() {
    gate().measurement.quantity = MeasuredQuantity::Latency;
    second({300, 100, 0, 50});
    QVERIFY(whyItGoesOn(m_state).endsWith(QStringLiteral("failed, no gate watches its errors")));
  }

  void ofTooFewRequestsItIsSaidFromHowManyOnTheyAreJudged() {
    second({300, 10, 0, 5});
    QVERIFY(whyItGoesOn(m_state).endsWith(QStringLiteral("its gate judges from 20 requests on")));
  }

  // Its limit is that of the old version where that was worse.
  void aGateThatLetMorePassThanItsLimitSaysItsOwnWords() {
    second({300, 100, 9, 2});
    QVERIFY(whyItGoesOn(m_state).endsWith(QStringLiteral("its gate has come to no verdict yet")));
    judge(Verdict::Passing, "2 of 100 requests failed at the router (at most 3 %)");
    QVERIFY(whyItGoesOn(m_state).endsWith(QStringLiteral(
        "its gate's last verdict is a pass: 2 of 100 requests failed at the router (at most 3 %)")));
  }

  void failuresOfOldVersionsAloneAreNoConcernOfGates() {
    second({300, 100, 9, 0});
    QCOMPARE(whyItGoesOn(m_state),
             QStringLiteral("rolls on: no new version fails requests, and gates judge those alone"));
  }

  void whatStandsStillDoesNotRollOn() {
    second({300, 1000, 0, 8});
    m_state.isHeld = true;
    QVERIFY(whyItGoesOn(m_state).startsWith(QStringLiteral("not undone: ")));
  }

  void inAnUndoAndWithoutATargetNothingGoesOn() {
    second({300, 1000, 0, 8});
    m_state.isAway = true;
    QCOMPARE(whyItGoesOn(m_state), QString());
    m_state.isAway = false;
    m_state.phase = RolloutPhase::Undoing;
    QCOMPARE(whyItGoesOn(m_state), QString());
  }
};

QTEST_APPLESS_MAIN(WhyOnTest)
#include "tst_why_on.moc"
