// Windows and freezes as they are written.
#include "tests/unit/spec/compose_fixture.h"

using namespace ratdeck;
using namespace ratdeck::compose;

namespace {

constexpr std::array<bool, 7> workingDays = {true, true, true, true, true, false, false};

std::string inStack(const std::string& keys) {
  return "x-ratdeck: {" + keys + "}\nservices: {web: {image: i}}\n";
}

Result<StackPolicy> policyOf(const std::string& keys) {
  ComposeFolder folder;
  auto loaded = folder.write("compose.yaml", inStack(keys)).load();
  return loaded ? Result<StackPolicy>(loaded->stack.policy) : failure(loaded.error());
}

} // namespace

class ScheduleTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void daysAreNamedSingleOrAsRangesThatMayGoOverTheWeeksEnd() {
    QCOMPARE(parseDays("mon-fri").value(), workingDays);
    QCOMPARE(parseDays("Sunday").value(),
             (std::array<bool, 7>{false, false, false, false, false, false, true}));
    QCOMPARE(parseDays("sat-mon").value(),
             (std::array<bool, 7>{true, false, false, false, false, true, true}));
    for (const char* text : {"", "mo", "mon-", "-fri", "mon-fri-sun", "monday2"})
      QVERIFY2(!parseDays(text), text);
  }

  void timesOfDayGoFromMidnightToMidnight() {
    QCOMPARE(parseMinuteOfDay("00:00").value(), 0);
    QCOMPARE(parseMinuteOfDay("09:30").value(), 570);
    QCOMPARE(parseMinuteOfDay("24:00").value(), 1440);
    for (const char* text : {"9:30", "09:60", "24:01", "25:00", "09:30:00", "0930", ""})
      QVERIFY2(!parseMinuteOfDay(text), text);
  }

  void momentsAreDatesOrTimesOnThem() {
    QVERIFY(parseMoment("2026-12-20").value() == (CivilMoment{2026, 12, 20, {}, {}}));
    QVERIFY(parseMoment("2026-12-20T18:00").value() == (CivilMoment{2026, 12, 20, 64800, {}}));
    QVERIFY(parseMoment("2026-12-20T18:00:30.5Z").value() == (CivilMoment{2026, 12, 20, 64830, 0}));
    QVERIFY(parseMoment("2026-12-20 18:00:00-05:30").value() == (CivilMoment{2026, 12, 20, 64800, -19800}));
    for (const char* text : {"2026-02-29", "2026-13-01", "26-12-20", "2026-12-20T24:00",
                             "2026-12-20T18:00+25:00", "2026-12-20T18:00X", "tomorrow", "", "2026-12-20T"})
      QVERIFY2(!parseMoment(text), text);
  }

  void aFilesWindowsAndFreezesAreReadWithTheirPlaces() {
    auto policy =
        policyOf("windows: [{days: [mon-fri], from: '09:00', to: '17:00', timezone: Europe/Berlin}, {}], "
                 "freezes: [{from: 2026-12-20, to: 2027-01-03, reason: holidays}]");
    QVERIFY2(policy.has_value(), policy ? "" : policy.error().toString().c_str());
    QCOMPARE(policy->windows.size(), size_t(2));
    QVERIFY(policy->windows.front() ==
            (DeployWindow{workingDays, 540, 1020, "Europe/Berlin", policy->windows.front().where}));
    QCOMPARE(policy->windows.front().where.line, 1);
    QCOMPARE(policy->windows.front().where.column, 23);
    DeployWindow always;
    always.where = policy->windows.back().where;
    QVERIFY(policy->windows.back() == always);
    QVERIFY(
        policy->freezes.front() ==
        (DeployFreeze{
            {2026, 12, 20, {}, {}}, {2027, 1, 3, {}, {}}, "UTC", "holidays", policy->freezes.front().where}));
  }

  void whatCannotBeMeantIsRefusedAtItsPlace_data() {
    QTest::addColumn<std::string>("keys");
    QTest::addColumn<std::string>("error");
    const auto row = [](const char* keys, const char* error) {
      QTest::newRow(keys) << std::string(keys) << std::string(error);
    };
    row("windows: [{days: [someday]}]", ":1:31: x-ratdeck.windows.days: \"someday\" is no day of the week; "
                                        "write mon, tue, wed, thu, fri, sat, sun, "
                                        "or a range such as mon-fri");
    row("windows: [{days: []}]",
        ":1:30: x-ratdeck.windows.days: no day is named; leave `days` out for every day");
    row("windows: [{from: 9}]",
        ":1:30: x-ratdeck.windows.from: it is no time of day; write it in quotes, like \"09:00\"");
    row("windows: [{from: '10:00', to: '10:00'}]", ":1:23: x-ratdeck.windows: it is never open; let `to` be "
                                                   "another time than `from`; midnight is \"24:00\"");
    row("windows: [{day: [mon]}]", ":1:24: x-ratdeck.windows has no key \"day\"; did you mean \"days\"?");
    row("freezes: [{from: 2026-12-20}]", ":1:23: x-ratdeck.freezes is missing \"to\"; add to:");
    row("freezes: [{from: 2026-12-20, to: 2026-12-19}]",
        ":1:23: x-ratdeck.freezes: it ends before it begins; let `to` be later than `from`");
    row("freezes: [{from: 2026-02-30, to: 2026-12-19}]",
        ":1:30: x-ratdeck.freezes.from: it is no date and no time on one; write it like 2026-12-20, or "
        "2026-12-20T18:00:00+01:00");
  }
  void whatCannotBeMeantIsRefusedAtItsPlace() {
    QFETCH(std::string, keys);
    QFETCH(std::string, error);
    auto policy = policyOf(keys);
    QVERIFY(!policy.has_value());
    QCOMPARE(policy.error().toString(), "compose.yaml" + error);
  }

  void aFreezeOfOneDayIsOne() {
    QVERIFY(policyOf("freezes: [{from: 2026-12-20, to: 2026-12-20}]").has_value());
  }
};

QTEST_APPLESS_MAIN(ScheduleTest)
#include "tst_schedule.moc"
