#include "core/base/clock.h"

#include "tests/support/manual_clock.h"
#include "tests/support/seed.h"
#include "tests/support/text.h"

#include <random>

using namespace ratdeck;
using namespace std::chrono_literals;

namespace {
WallTime at(qint64 ns) {
  return WallTime(Duration(ns));
}
} // namespace

class TestClock : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void writesRfc3339_data();
  void writesRfc3339();
  void readsRfc3339WithAnyFraction_data();
  void readsRfc3339WithAnyFraction();
  void givesTheEpochForAnythingElse_data();
  void givesTheEpochForAnythingElse();
  void readsBackWhatItWrote();
  void systemClockRunsForwardOnBothTimelines();
  void manualClockMovesOnlyWhenItIsMoved();
  void bootIdIsTheSameTwice();
};

void TestClock::writesRfc3339_data() {
  QTest::addColumn<qint64>("ns");
  QTest::addColumn<QByteArray>("text");
  QTest::newRow("epoch") << qint64(0) << QByteArray("1970-01-01T00:00:00.000000000Z");
  QTest::newRow("before the epoch") << qint64(-1) << QByteArray("1969-12-31T23:59:59.999999999Z");
  QTest::newRow("leap day") << qint64(1'709'210'096'000'000'007)
                            << QByteArray("2024-02-29T12:34:56.000000007Z");
  QTest::newRow("last") << std::numeric_limits<qint64>::max() << QByteArray("2262-04-11T23:47:16.854775807Z");
}

void TestClock::writesRfc3339() {
  QFETCH(qint64, ns);
  QFETCH(QByteArray, text);
  QCOMPARE(toRfc3339(at(ns)), text.toStdString());
}

void TestClock::readsRfc3339WithAnyFraction_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<qint64>("ns");
  QTest::newRow("none") << QByteArray("1970-01-01T00:00:01Z") << qint64(1'000'000'000);
  QTest::newRow("tenths") << QByteArray("1970-01-01T00:00:01.5Z") << qint64(1'500'000'000);
  QTest::newRow("ns") << QByteArray("1970-01-01T00:00:01.000000007Z") << qint64(1'000'000'007);
  QTest::newRow("finer than ns") << QByteArray("1970-01-01T00:00:01.0000000079Z") << qint64(1'000'000'007);
}

void TestClock::readsRfc3339WithAnyFraction() {
  QFETCH(QByteArray, text);
  QFETCH(qint64, ns);
  QCOMPARE(qint64(fromRfc3339(text.toStdString()).time_since_epoch().count()), ns);
}

void TestClock::givesTheEpochForAnythingElse_data() {
  QTest::addColumn<QByteArray>("text");
  for (const char* text :
       {"", "now", "2026-07-01", "2026-07-01T12:00:00", "2026-07-01T12:00:00+02:00", "2026-07-01 12:00:00Z",
        "2026-13-01T12:00:00Z", "2026-02-30T12:00:00Z", "2026-07-01T25:00:00Z", "2026-07-01T12:60:00Z",
        "2026-7-1T12:00:00Z", " 2026-07-01T12:00:00Z", "-026-07-01T12:00:00Z", "2026-07-01T12:00:00.Z",
        "2026-07-01T12:00:00Zulu", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z"})
    QTest::newRow(*text ? text : "empty") << QByteArray(text);
}

void TestClock::givesTheEpochForAnythingElse() {
  QFETCH(QByteArray, text);
  QCOMPARE(qint64(fromRfc3339(text.toStdString()).time_since_epoch().count()), qint64(0));
}

void TestClock::readsBackWhatItWrote() {
  std::mt19937_64 random(testSeed());
  // From 1680 to 2260.
  std::uniform_int_distribution<qint64> ns(-9'151'000'000'000'000'000, 9'151'000'000'000'000'000);
  for (int i = 0; i < 20'000; ++i) {
    auto time = at(ns(random));
    auto text = toRfc3339(time);
    QVERIFY2(fromRfc3339(text) == time, text.c_str());
    QCOMPARE(text.size(), size_t(30)); // of one length, so that text sorts as time does
  }
}

void TestClock::systemClockRunsForwardOnBothTimelines() {
  SystemClock clock;
  auto first = clock.now();
  auto second = clock.now();
  QVERIFY(second.boot >= first.boot);
  QVERIFY(first.boot.time_since_epoch() > 0ns);
  QVERIFY(toRfc3339(first.wall) > "2024");
}

void TestClock::manualClockMovesOnlyWhenItIsMoved() {
  ManualClock clock;
  auto first = clock.now();
  QVERIFY(clock.now() == first);
  clock.advance(90s);
  QVERIFY(clock.now().boot - first.boot == 90s);
  QVERIFY(clock.now().wall - first.wall == 90s);
}

void TestClock::bootIdIsTheSameTwice() {
  QCOMPARE(bootId(), bootId());
  QVERIFY(!bootId().empty());
}

QTEST_APPLESS_MAIN(TestClock)
#include "tst_clock.moc"
