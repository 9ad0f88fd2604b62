// Durations with their unit, countdowns with their effect, times of day with their zone.
#include "ui/model/countdown.h"

#include <QTest>

using namespace ratdeck;
using namespace std::chrono_literals;

class CountdownTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { qputenv("TZ", "Europe/Berlin"); }

  void durationsHaveTheUnitThatAPersonUses_data() {
    QTest::addColumn<double>("seconds");
    QTest::addColumn<QString>("text");
    const auto row = [](double seconds, const char* text) {
      QTest::newRow(text) << seconds << QString::fromUtf8(text);
    };
    row(-3, "0 s");
    row(0.4, "0 s");
    row(13.6, "14 s");
    row(59.4, "59 s");
    row(59.6, "1 min");
    row(102, "1 min 42 s");
    row(3599.7, "1 h 0 min");
    row(7500, "2 h 5 min");
    row(47 * 3600, "47 h 0 min");
    row(9 * 86400 + 3600, "9 days");
  }

  void durationsHaveTheUnitThatAPersonUses() {
    QFETCH(double, seconds);
    QFETCH(QString, text);
    QCOMPARE(durationText(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds))),
             text);
  }

  void aCountdownIsRoundedUpSoThatZeroMeansOver() {
    QCOMPARE(countdownText(14s), QStringLiteral("14 s"));
    QCOMPARE(countdownText(13s + 1ms), QStringLiteral("14 s"));
    QCOMPARE(countdownText(1ms), QStringLiteral("1 s"));
    QCOMPARE(countdownText(0s), QStringLiteral("0 s"));
    QCOMPARE(countdownText(-5s), QStringLiteral("0 s"));
    QCOMPARE(countdownText(12min + 5s), QStringLiteral("12 min 5 s"));
    QCOMPARE(countdownText(1h + 2min + 3s), QStringLiteral("1 h 2 min"));
    QCOMPARE(countdownText(59min + 59s + 1ms), QStringLiteral("1 h 0 min"));
  }

  void aCountdownSaysWhatHappensAtItsEnd() {
    const Instant now{BootTime(1h), WallTime(1h)};
    QCOMPARE(countdownText(now.boot + 14s, QStringLiteral("end 3 runs"), now),
             QStringLiteral("14 s → end 3 runs"));
    QCOMPARE(countdownText(std::nullopt, QStringLiteral("undo"), now), QString());
    QCOMPARE(countdownText(now.boot + 14s, QString(), now), QString());
  }

  void timesOfDayNameTheirZone() {
    const WallTime winter(std::chrono::seconds(1'795'700'325)); // 2026-11-26 13:38:45 UTC
    QCOMPARE(clockText(winter, true), QStringLiteral("13:38:45 UTC"));
    QCOMPARE(clockText(winter, false), QStringLiteral("14:38:45 CET"));
    QCOMPARE(dateText(winter, true), QStringLiteral("Thu 26 Nov 13:38 UTC"));
    QCOMPARE(dateText(winter, false), QStringLiteral("Thu 26 Nov 14:38 CET"));
  }
};

QTEST_GUILESS_MAIN(CountdownTest)
#include "tst_countdown.moc"
