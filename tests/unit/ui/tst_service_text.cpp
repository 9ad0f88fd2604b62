#include "tests/ui/service_rows.h"
#include "ui/model/service_text.h"

#include <QtTest>

using namespace ratdeck;

// What the window says of a service, in words and with units.
class TestServiceText : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void versionsSayWhatItIsAndWhatItBecomes_data();
  void versionsSayWhatItIsAndWhatItBecomes();
  void stateSaysEachWordOnce();
  void whatIsNotKnownIsNotSaid();
  void numbersCarryTheirUnits();
  void aCountdownCarriesItsEffect();
  void whatWaitsWithoutAnEndSaysSo();
  void theRingRunsOut();
  void theLinesHoldEverything();
};

void TestServiceText::versionsSayWhatItIsAndWhatItBecomes_data() {
  QTest::addColumn<QString>("old");
  QTest::addColumn<QString>("fresh");
  QTest::addColumn<QString>("text");
  const QString none;
  QTest::newRow("changes") << QStringLiteral("1") << QStringLiteral("2") << QStringLiteral("1 → 2");
  QTest::newRow("stays") << QStringLiteral("1") << none << QStringLiteral("1");
  QTest::newRow("the same") << QStringLiteral("1") << QStringLiteral("1") << QStringLiteral("1");
  QTest::newRow("is new") << none << QStringLiteral("2") << QStringLiteral("none → 2");
  QTest::newRow("does not run") << none << none << QStringLiteral("none");
}

void TestServiceText::versionsSayWhatItIsAndWhatItBecomes() {
  QFETCH(QString, old);
  QFETCH(QString, fresh);
  ServiceRow row;
  row.oldVersion = old;
  row.newVersion = fresh;
  QTEST(versionsText(row), "text");
}

void TestServiceText::stateSaysEachWordOnce() {
  ServiceRow row;
  QCOMPARE(stateText(row), QString());
  row.health = QStringLiteral("healthy");
  QCOMPARE(stateText(row), QStringLiteral("healthy"));
  row.status = QStringLiteral("healthy");
  QCOMPARE(stateText(row), QStringLiteral("healthy"));
  row.status = QStringLiteral("draining");
  QCOMPARE(stateText(row), QStringLiteral("draining · healthy"));
}

void TestServiceText::whatIsNotKnownIsNotSaid() {
  const ServiceRow row;
  QCOMPARE(inFlightText(row), QString());
  QCOMPARE(rateText(row), QString());
  QCOMPARE(untilText(row, aMoment()), QString());
}

void TestServiceText::numbersCarryTheirUnits() {
  ServiceRow row;
  row.inFlight = 0;
  QCOMPARE(inFlightText(row), QStringLiteral("0 in flight"));
  for (const auto& [rate, text] : {std::pair(0.0, "0/s"), std::pair(0.42, "0.4/s"), std::pair(25.4, "25/s"),
                                   std::pair(1234.0, "1,234/s")}) {
    row.requestRate = rate;
    QCOMPARE(rateText(row), QLatin1String(text));
  }
}

void TestServiceText::aCountdownCarriesItsEffect() {
  ServiceRow row;
  row.until = aMoment().boot + 14s;
  QCOMPARE(untilText(row, aMoment()), QStringLiteral("14 s"));
  row.then = QStringLiteral("end 3 runs");
  QCOMPARE(untilText(row, aMoment()), QStringLiteral("14 s → end 3 runs"));
}

void TestServiceText::whatWaitsWithoutAnEndSaysSo() {
  ServiceRow row;
  row.waitingFor = QStringLiteral("a decision");
  QCOMPARE(untilText(row, aMoment()), QStringLiteral("no deadline"));
}

void TestServiceText::theRingRunsOut() {
  ServiceRow row;
  QVERIFY(!waitLeft(row, aMoment()));
  row.since = aMoment().boot;
  QVERIFY(!waitLeft(row, aMoment()));
  row.until = aMoment().boot + 20s;
  for (const auto& [after, left] : {std::pair(-5s, 1.0), std::pair(0s, 1.0), std::pair(15s, 0.25),
                                    std::pair(20s, 0.0), std::pair(60s, 0.0)})
    QCOMPARE(waitLeft(row, {aMoment().boot + after, {}}), left);
  row.since = row.until;
  QVERIFY(!waitLeft(row, aMoment()));
}

void TestServiceText::theLinesHoldEverything() {
  const auto lines = serviceLines(ratRows()[6], aMoment());
  QCOMPARE(lines.first(), QStringLiteral("ratd"));
  for (const char* text : {"wave 3", "2.3.0 → 2.4.0", "draining · healthy", "1 of 1 new · 1 old",
                           "3 in flight", "212 requests/s", "3 runs of the old copy", "14 s → end 3 runs",
                           "depends on postgres, ratq, runner, plugins"})
    QVERIFY2(lines.contains(QString::fromUtf8(text)), text);
}

QTEST_GUILESS_MAIN(TestServiceText)
#include "tst_service_text.moc"
