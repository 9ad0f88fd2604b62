// When a deploy may begin: windows of local time, freezes, and the two days of the year on which the clocks
// change.
#include <QTest>

#include "core/engine/deploy_schedule.h"

using namespace ratdeck;

namespace {

const std::string berlin = "Europe/Berlin"; // summer time from 2026-03-29 01:00Z to 2026-10-25 01:00Z

DeployWindow windowOf(const std::string& days, const std::string& from, const std::string& to,
                      const std::string& zone = berlin) {
  return {*parseDays(days), *parseMinuteOfDay(from), *parseMinuteOfDay(to), zone, {"compose.yml", 3, 7}};
}

DeployFreeze freezeOf(const std::string& from, const std::string& to, const std::string& zone = berlin,
                      const std::string& reason = {}) {
  return {*parseMoment(from), *parseMoment(to), zone, reason, {"compose.yml", 5, 7}};
}

std::string codesAt(const StackPolicy& policy, const std::string& time,
                    Departure departure = Departure::Deploy) {
  std::string codes;
  for (const auto& problem : closuresAt(policy, fromRfc3339(time), departure))
    codes += (codes.empty() ? "" : " ") + problem.code + "/" + toString(problem.severity);
  return codes.empty() ? "open" : codes;
}

std::string saidAt(const StackPolicy& policy, const std::string& time) {
  const auto problems = closuresAt(policy, fromRfc3339(time), Departure::Deploy);
  return problems.empty() ? "open"
                          : problems.front().message.substr(0, problems.front().message.find("; a rollback"));
}

const std::string outside = "outside-window/warning";
const std::string frozen = "freeze/warning";

} // namespace

class DeployScheduleTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void withoutWindowsAndFreezesItIsAlwaysOpen() {
    QCOMPARE(codesAt({}, "2026-12-24T12:00:00Z"), std::string("open"));
  }

  void aWindowIsOpenFromItsFirstMinuteToItsLast() {
    StackPolicy policy;
    policy.windows = {windowOf("mon-fri", "09:00", "17:00")};
    QCOMPARE(codesAt(policy, "2026-11-30T07:59:59Z"), outside); // Monday, 08:59:59 in Berlin
    QCOMPARE(codesAt(policy, "2026-11-30T08:00:00Z"), std::string("open"));
    QCOMPARE(codesAt(policy, "2026-11-30T15:59:59Z"), std::string("open"));
    QCOMPARE(codesAt(policy, "2026-11-30T16:00:00Z"), outside);
    QCOMPARE(codesAt(policy, "2026-11-28T10:00:00Z"), outside); // Saturday
  }

  void itSaysWhenTheNextOneOpens() {
    StackPolicy policy;
    policy.windows = {windowOf("mon-fri", "09:00", "17:00"), windowOf("sun", "22:00", "23:00")};
    QCOMPARE(
        saidAt(policy, "2026-11-27T20:00:00Z"),
        std::string("it is Fri 2026-11-27 21:00 (Europe/Berlin), outside the windows in which this stack is "
                    "deployed: the next deploy may begin on Sun 2026-11-29 22:00 (Europe/Berlin)"));
  }

  void aWindowOverMidnightBelongsToTheDayOnWhichItOpens() {
    StackPolicy policy;
    policy.windows = {windowOf("fri", "22:00", "04:00", "UTC")};
    QCOMPARE(codesAt(policy, "2026-11-27T21:59:00Z"), outside);
    QCOMPARE(codesAt(policy, "2026-11-27T22:00:00Z"), std::string("open"));
    QCOMPARE(codesAt(policy, "2026-11-28T03:59:00Z"), std::string("open"));
    QCOMPARE(codesAt(policy, "2026-11-28T04:00:00Z"), outside);
    QCOMPARE(codesAt(policy, "2026-11-27T02:00:00Z"), outside);
  }

  // 09:00 in Berlin is 08:00 UTC in winter and 07:00 UTC in summer.
  void aWindowGoesWithSummerTime() {
    StackPolicy policy;
    policy.windows = {windowOf("mon-sun", "09:00", "10:00")};
    QCOMPARE(codesAt(policy, "2026-03-28T08:30:00Z"), std::string("open"));
    QCOMPARE(codesAt(policy, "2026-03-28T07:30:00Z"), outside);
    QCOMPARE(codesAt(policy, "2026-03-29T07:30:00Z"), std::string("open"));
    QCOMPARE(codesAt(policy, "2026-03-29T08:30:00Z"), outside);
    QCOMPARE(codesAt(policy, "2026-10-25T08:30:00Z"), std::string("open"));
  }

  // On 2026-03-29 the clocks go from 02:00 to 03:00.
  void aWindowInTheHourThatIsLeftOutOpensAtItsEnd() {
    StackPolicy policy;
    policy.windows = {windowOf("sun", "02:30", "04:00")};
    QCOMPARE(codesAt(policy, "2026-03-29T00:59:00Z"), outside);             // 01:59
    QCOMPARE(codesAt(policy, "2026-03-29T01:00:00Z"), std::string("open")); // 03:00
    QCOMPARE(codesAt(policy, "2026-03-29T02:00:00Z"), outside);             // 04:00
    QVERIFY(saidAt(policy, "2026-03-28T12:00:00Z").ends_with("Sun 2026-03-29 03:00 (Europe/Berlin)"));
  }

  // On 2026-10-25 the hour from 02:00 to 03:00 comes twice.
  void aWindowInTheHourThatComesTwiceIsOpenTwice() {
    StackPolicy policy;
    policy.windows = {windowOf("sun", "02:15", "02:45")};
    QCOMPARE(codesAt(policy, "2026-10-25T00:30:00Z"), std::string("open"));
    QCOMPARE(codesAt(policy, "2026-10-25T00:50:00Z"), outside);
    QCOMPARE(codesAt(policy, "2026-10-25T01:30:00Z"), std::string("open"));
    QCOMPARE(codesAt(policy, "2026-10-25T01:45:00Z"), outside);
  }

  void aFreezeOfDatesLastsToTheEndOfItsLastDayInItsZone() {
    StackPolicy policy;
    policy.freezes = {freezeOf("2026-12-20", "2027-01-03", berlin, "the turn of the year")};
    QCOMPARE(codesAt(policy, "2026-12-19T22:59:59Z"), std::string("open"));
    QCOMPARE(codesAt(policy, "2026-12-19T23:00:00Z"), frozen);
    QCOMPARE(codesAt(policy, "2027-01-03T22:59:59Z"), frozen);
    QCOMPARE(codesAt(policy, "2027-01-03T23:00:00Z"), std::string("open"));
    QCOMPARE(
        saidAt(policy, "2026-12-24T12:00:00Z"),
        std::string("deploys are frozen until Mon 2027-01-04 00:00 (Europe/Berlin): the turn of the year"));
  }

  void anOffsetOfATimeWinsOverTheZone() {
    StackPolicy policy;
    policy.freezes = {freezeOf("2026-12-20T18:00:00+05:00", "2026-12-20T19:00", "UTC")};
    QCOMPARE(codesAt(policy, "2026-12-20T12:59:59Z"), std::string("open"));
    QCOMPARE(codesAt(policy, "2026-12-20T13:00:00Z"), frozen);
    QCOMPARE(codesAt(policy, "2026-12-20T18:59:59Z"), frozen);
    QCOMPARE(codesAt(policy, "2026-12-20T19:00:00Z"), std::string("open"));
  }

  // A day that summer time makes 23 hours long.
  void aFreezeOfOneDayIsAsLongAsThatDay() {
    StackPolicy policy;
    policy.freezes = {freezeOf("2026-03-29", "2026-03-29")};
    QCOMPARE(codesAt(policy, "2026-03-28T23:00:00Z"), frozen);
    QCOMPARE(codesAt(policy, "2026-03-29T21:59:59Z"), frozen);
    QCOMPARE(codesAt(policy, "2026-03-29T22:00:00Z"), std::string("open"));
  }

  void theNextDeployWaitsForTheFreezeAndThenForAWindow() {
    StackPolicy policy;
    policy.windows = {windowOf("tue", "09:00", "17:00", "UTC")};
    policy.freezes = {freezeOf("2026-12-20", "2027-01-03", "UTC"),
                      freezeOf("2027-01-03T12:00", "2027-01-05T12:00", "UTC")};
    QCOMPARE(codesAt(policy, "2026-12-23T12:00:00Z"), frozen + " " + outside);
    QVERIFY(saidAt(policy, "2026-12-23T12:00:00Z")
                .find("the next deploy may begin on Tue 2027-01-05 12:00 (UTC)") != std::string::npos);
  }

  void aRollbackAndATryAreToldAndNeverHeldBack() {
    StackPolicy policy;
    policy.windows = {windowOf("sun", "02:00", "03:00", "UTC")};
    policy.freezes = {freezeOf("2026-12-20", "2027-01-03", "UTC")};
    for (const auto departure : {Departure::Rollback, Departure::Try})
      QCOMPARE(codesAt(policy, "2026-12-23T12:00:00Z", departure),
               std::string("freeze/info outside-window/info"));
  }

  void aZoneThatTheMachineDoesNotKnowIsAnErrorAtItsPlace() {
    StackPolicy policy;
    policy.windows = {windowOf("sun", "02:00", "03:00", "Europe/Atlantis")};
    const auto problems = closuresAt(policy, fromRfc3339("2026-12-23T12:00:00Z"), Departure::Rollback);
    QCOMPARE(problems.size(), size_t(1));
    QCOMPARE(problems.front().code, std::string("unknown-timezone"));
    QCOMPARE(problems.front().where.toString(), std::string("compose.yml:3:7"));
  }
};

QTEST_APPLESS_MAIN(DeployScheduleTest)
#include "tst_deploy_schedule.moc"
