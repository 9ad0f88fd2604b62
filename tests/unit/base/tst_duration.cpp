#include "core/base/duration.h"

#include "tests/support/seed.h"
#include "tests/support/text.h"

#include <limits>
#include <random>

using namespace ratdeck;

class TestDuration : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void readsGoSyntax_data();
  void readsGoSyntax();
  void refusesWhatHasNoMeaning_data();
  void refusesWhatHasNoMeaning();
  void namesTheTextAndTheWayOutInItsError();
  void writesGoForm_data();
  void writesGoForm();
  void readsBackWhatItWrote();
  void neverCrashesOnRandomText();
  void writesForPeople_data();
  void writesForPeople();
};

void TestDuration::readsGoSyntax_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<qint64>("ns");
  QTest::newRow("zero") << QByteArray("0") << qint64(0);
  QTest::newRow("zero seconds") << QByteArray("0s") << qint64(0);
  QTest::newRow("nanoseconds") << QByteArray("7ns") << qint64(7);
  QTest::newRow("us") << QByteArray("7us") << qint64(7000);
  QTest::newRow("micro sign") << QByteArray("7\xc2\xb5s") << qint64(7000);
  QTest::newRow("greek mu") << QByteArray("7\xce\xbcs") << qint64(7000);
  QTest::newRow("ms") << QByteArray("300ms") << qint64(300'000'000);
  QTest::newRow("m and ms differ") << QByteArray("1m1ms") << qint64(60'001'000'000);
  QTest::newRow("minute and a half") << QByteArray("1m30s") << qint64(90'000'000'000);
  QTest::newRow("fraction") << QByteArray("1.5h") << qint64(5'400'000'000'000);
  QTest::newRow("no digit before the point") << QByteArray(".5s") << qint64(500'000'000);
  QTest::newRow("no digit after the point") << QByteArray("1.s") << qint64(1'000'000'000);
  QTest::newRow("any order") << QByteArray("3s2h") << qint64(7'203'000'000'000);
  QTest::newRow("negative") << QByteArray("-2s") << qint64(-2'000'000'000);
  QTest::newRow("plus") << QByteArray("+2s") << qint64(2'000'000'000);
  QTest::newRow("day") << QByteArray("1d") << qint64(86'400'000'000'000);
  QTest::newRow("week") << QByteArray("1w") << qint64(604'800'000'000'000);
}

void TestDuration::readsGoSyntax() {
  QFETCH(QByteArray, text);
  QFETCH(qint64, ns);
  auto duration = parseDuration(text.toStdString());
  QVERIFY(duration.has_value());
  QCOMPARE(qint64(duration->count()), ns);
}

void TestDuration::refusesWhatHasNoMeaning_data() {
  QTest::addColumn<QByteArray>("text");
  for (const char* text :
       {"",    "-",      "+",    ".",    "s",  "10",   "1.5",   "1x",  "1 s",  " 1s",
        "1s ", "1.2.3s", "--1s", "1e3s", "1S", "0x1s", "1s-2s", "inf", "300y", "9999999999999999999h",
        "293y"})
    QTest::newRow(*text ? text : "empty") << QByteArray(text);
  QTest::newRow("292 years and more") << QByteArray("2600000h");
  QTest::newRow("a NUL inside") << QByteArray("1\0s", 3);
}

void TestDuration::refusesWhatHasNoMeaning() {
  QFETCH(QByteArray, text);
  auto duration = parseDuration(text.toStdString());
  QVERIFY(!duration.has_value());
  QCOMPARE(duration.error().kind, ErrorKind::Input);
}

void TestDuration::namesTheTextAndTheWayOutInItsError() {
  auto duration = parseDuration("10");
  QVERIFY(!duration.has_value());
  QCOMPARE(duration.error().toString(), std::string("invalid duration \"10\": the unit is missing; "
                                                    "write it like 1m30s, 10s or 500ms"));
}

void TestDuration::writesGoForm_data() {
  QTest::addColumn<qint64>("ns");
  QTest::addColumn<QByteArray>("text");
  QTest::newRow("zero") << qint64(0) << QByteArray("0s");
  QTest::newRow("ns") << qint64(999) << QByteArray("999ns");
  QTest::newRow("us") << qint64(1'500) << QByteArray("1.5\xc2\xb5s");
  QTest::newRow("ms") << qint64(300'000'000) << QByteArray("300ms");
  QTest::newRow("s") << qint64(1'000'000'001) << QByteArray("1.000000001s");
  QTest::newRow("m") << qint64(90'000'000'000) << QByteArray("1m30s");
  QTest::newRow("h") << qint64(7'200'000'000'000) << QByteArray("2h0m0s");
  QTest::newRow("negative") << qint64(-1'500'000'000) << QByteArray("-1.5s");
  QTest::newRow("smallest") << std::numeric_limits<qint64>::min() << QByteArray("-2562047h47m16.854775808s");
}

void TestDuration::writesGoForm() {
  QFETCH(qint64, ns);
  QFETCH(QByteArray, text);
  QCOMPARE(toGoString(Duration(ns)), text.toStdString());
}

void TestDuration::readsBackWhatItWrote() {
  std::mt19937_64 random(testSeed());
  for (int i = 0; i < 100'000; ++i) {
    // Every magnitude alike, up to 291 years, on both sides of zero.
    auto ns = static_cast<qint64>(random() >> (1 + random() % 63)) % 9'200'000'000'000'000'000;
    auto duration = Duration(random() % 2 ? ns : -ns);
    auto text = toGoString(duration);
    auto back = parseDuration(text);
    QVERIFY2(back.has_value(), text.c_str());
    QVERIFY2(*back == duration, text.c_str());
  }
}

void TestDuration::neverCrashesOnRandomText() {
  std::mt19937_64 random(testSeed());
  const std::string alphabet = "0123456789.-+nuµmshdw ";
  int read = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    for (auto size = random() % 8; text.size() < size;)
      text += alphabet[random() % alphabet.size()];
    if (auto duration = parseDuration(text)) {
      ++read;
      QVERIFY2(parseDuration(toGoString(*duration)) == duration, text.c_str());
    }
  }
  QVERIFY(read > 100); // else the alphabet says nothing
}

void TestDuration::writesForPeople_data() {
  QTest::addColumn<qint64>("ms");
  QTest::addColumn<QByteArray>("text");
  QTest::newRow("ms") << qint64(340) << QByteArray("340 ms");
  QTest::newRow("s") << qint64(12'400) << QByteArray("12.4 s");
  QTest::newRow("whole s") << qint64(3'000) << QByteArray("3 s");
  QTest::newRow("min") << qint64(102'000) << QByteArray("1 min 42 s");
  QTest::newRow("whole min") << qint64(120'000) << QByteArray("2 min");
  QTest::newRow("h") << qint64(7'500'000) << QByteArray("2 h 5 min");
  QTest::newRow("negative") << qint64(-340) << QByteArray("-340 ms");
}

void TestDuration::writesForPeople() {
  QFETCH(qint64, ms);
  QFETCH(QByteArray, text);
  QCOMPARE(toHumanString(std::chrono::milliseconds(ms)), text.toStdString());
}

QTEST_APPLESS_MAIN(TestDuration)
#include "tst_duration.moc"
