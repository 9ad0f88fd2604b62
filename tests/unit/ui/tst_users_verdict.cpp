// Are users hurt? The word OK stands for what was seen just now, and for nothing else.
#include "tests/support/manual_clock.h"
#include "tests/support/sampled_rollout.h"
#include "ui/model/users_verdict.h"

#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;
using namespace std::chrono_literals;

class UsersVerdictTest : public QObject {
  Q_OBJECT

  ManualClock m_clock;
  RolloutState m_state;
  TrafficCount m_count;
  UsersFacts m_facts;

  UsersVerdict verdict() {
    m_facts.now = m_clock.now();
    return usersVerdict(m_facts);
  }
  QString text() {
    const auto line = verdict().line;
    return line.word + QStringLiteral(" · ") + line.detail;
  }
  void second(const CountedSecond& ratd) {
    m_clock.advance(1s);
    m_count.add(sampledAt(m_clock.now(), {{"ratd", ratd}}), m_state);
  }

private Q_SLOTS:
  void init() {
    m_state = sampledState({"ratd"});
    m_count = {};
    m_facts = {};
    m_facts.count = &m_count;
    m_facts.silence = m_clock.now();
  }

  void withoutARouterNothingIsMeasured() {
    QCOMPARE(verdict().state, UsersState::NotMeasured);
    m_clock.advance(10min); // however long it lasts
    QCOMPARE(verdict().state, UsersState::NotMeasured);
    QVERIFY(text().startsWith(QStringLiteral("USERS NOT MEASURED")));
  }

  void aRouterThatIsSilentIsMissingData() {
    m_facts.hasRouter = true;
    QCOMPARE(verdict().state, UsersState::NotMeasured);
    m_clock.advance(2s);
    QCOMPARE(verdict().state, UsersState::NoData);
    m_clock.advance(12s);
    QCOMPARE(text(), QStringLiteral("NO DATA · for 14 s · commands may not arrive"));
  }

  void whatWasSeenBeforeTheSilenceIsSaidWithIt() {
    second({300});
    m_clock.advance(14s);
    QCOMPARE(text(),
             QStringLiteral("NO DATA · for 14 s · before that 0 of 300 failed · commands may not arrive"));
  }

  void whatWasSeenJustNowIsOk() {
    second({300});
    QCOMPARE(verdict().state, UsersState::Ok);
    QVERIFY(text().startsWith(QStringLiteral("USERS OK · 0 of 300 failed")));
    m_clock.advance(sampleLifetime);
    QCOMPARE(verdict().state, UsersState::Ok);
  }

  void twoSecondsAfterTheLastSampleNothingIsKnown() {
    second({300});
    m_clock.advance(sampleLifetime + 1ms);
    QCOMPARE(verdict().state, UsersState::NoData);
    QVERIFY(!text().contains(QStringLiteral("OK")));
    second({300});
    QCOMPARE(verdict().state, UsersState::Ok);
    m_facts.isConnected = false;
    QCOMPARE(verdict().state, UsersState::NoData);
  }

  void nobodyWhoAskedNothingIsOk() {
    second({0});
    QVERIFY(verdict().state != UsersState::Ok);
    QVERIFY(!text().contains(QStringLiteral("OK")));
    QCOMPARE(endVerdict(m_count, m_clock.now()).state, verdict().state);
  }

  void theCulpritIsNamed() {
    second({300, 100, 0, 31});
    m_clock.advance(1s);
    QCOMPARE(verdict().state, UsersState::Hurt);
    QCOMPARE(text(), QStringLiteral(
                         "USERS HURT · 31 of 400 failed, all from ratd 2.4.0 · first 1 s ago, last 1 s ago"));
    second({300, 100, 2, 31});
    QVERIFY(text().contains(QStringLiteral(", most from ratd 2.4.0")));
  }

  void hurtIsRememberedWhenItIsOver() {
    second({300, 100, 0, 31});
    for (int i = 0; i < 5; ++i)
      second({300});
    QCOMPARE(verdict().state, UsersState::Hurt);
    second({300});
    QCOMPARE(verdict().state, UsersState::WereHurt);
    QVERIFY(text().contains(QStringLiteral("none in the last 6 s")));
  }

  void anEndIsJudgedByWhatWasSeenUntilThen() {
    QCOMPARE(endVerdict(m_count, m_clock.now()).state, UsersState::NotMeasured);
    second({300});
    const auto end = m_clock.now();
    m_clock.advance(1h);
    QCOMPARE(endVerdict(m_count, end).state, UsersState::Ok);
    QCOMPARE(endVerdict(m_count, secondsAfter(end, 5)).state, UsersState::NoData);
    second({300, 0, 1});
    QCOMPARE(endVerdict(m_count, m_clock.now()).state, UsersState::WereHurt);
  }

  // An engine that was away counted nobody meanwhile: who knows how they were?
  void whatWasNotSeenThroughoutIsNotCalledWell() {
    second({300});
    m_clock.advance(10min);
    second({300});
    QCOMPARE(verdict().state, UsersState::Ok); // now
    const auto end = endVerdict(m_count, m_clock.now());
    QCOMPARE(end.state, UsersState::NoData);
    QVERIFY2(end.line.detail.endsWith(QStringLiteral("nothing was seen for 10 min 1 s of it")),
             qPrintable(end.line.detail));
  }
};

QTEST_GUILESS_MAIN(UsersVerdictTest)
#include "tst_users_verdict.moc"
