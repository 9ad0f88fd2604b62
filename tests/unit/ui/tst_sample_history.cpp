// The series that charts are made of, folded from events.
#include "tests/support/sampled_rollout.h"
#include "tests/support/text.h"
#include "ui/model/sample_history.h"

#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const Instant start{BootTime(std::chrono::hours(1)), WallTime(std::chrono::seconds(1'800'000'000))};

// "2:300-3:310 5:200": seconds and values, a blank for a gap.
std::string textOf(const Line& line, ChartTime first) {
  std::string text;
  for (const auto& point : line) {
    char word[64];
    std::snprintf(word, sizeof word, "%s%g:%g",
                  text.empty()  ? ""
                  : point.joins ? "-"
                                : " ",
                  static_cast<double>(point.at - first) / 1000, point.value);
    text += word;
  }
  return text;
}

} // namespace

class TestSampleHistory : public QObject {
  Q_OBJECT

  const QString m_all, m_ratd = QStringLiteral("ratd");
  RolloutState m_state;
  std::unique_ptr<SampleHistory> m_history;

  void sample(double second, const std::map<std::string, CountedSecond>& services) {
    m_history->fold(sampledAt(secondsAfter(start, second), services), m_state);
  }
  void happen(EventType type, double second, const std::string& service = {}, Json detail = {}) {
    m_history->fold(eventAt(type, secondsAfter(start, second), service, std::move(detail)), m_state);
  }
  TimeRange span() const { return m_history->span().value_or(TimeRange{}); }
  std::string line(Measure measure, Side side = Side::Total, const QString& scope = {}) const {
    return textOf(m_history->line(scope, measure, side, span()), span().from);
  }

private Q_SLOTS:
  void init() {
    m_state = sampledState({"ratd", "portal"});
    m_history = std::make_unique<SampleHistory>();
    happen(EventType::RolloutStarted, 0);
  }

  void theFirstReadingIsABaseLineAndNotAZero() {
    sample(1, {{"ratd", {0, 0, 0, 0, 5}}});
    QCOMPARE(line(Measure::RequestRate), std::string());
    QCOMPARE(line(Measure::InFlight), std::string("1:5")); // what is so now is known
    sample(2, {{"ratd", {300, 0, 0, 0, 6}}});
    QCOMPARE(line(Measure::RequestRate), std::string("2:300"));
    happen(EventType::RolloutResumed, 30); // another engine counts from its own base line
    sample(31, {{"ratd", {0, 0, 0, 0, 6}}});
    sample(32, {{"ratd", {300, 0, 0, 0, 6}}});
    QCOMPARE(line(Measure::RequestRate), std::string("2:300 32:300"));
  }

  void oldAndNewAreLinesOfTheirOwn() {
    sample(1, {{"ratd", {}}});
    sample(2, {{"ratd", {200, 100, 2, 4, 9}}});
    sample(3, {{"ratd", {100, 200, 0, 50, 9}}});
    QCOMPARE(line(Measure::RequestRate), std::string("2:300-3:300"));
    QCOMPARE(line(Measure::RequestRate, Side::Old), std::string("2:200-3:100"));
    QCOMPARE(line(Measure::RequestRate, Side::New), std::string("2:100-3:200"));
    QCOMPARE(line(Measure::ErrorRatio), std::string("2:2-3:16.6667"));
    QCOMPARE(line(Measure::ErrorRatio, Side::Old), std::string("2:1-3:0"));
    QCOMPARE(line(Measure::ErrorRatio, Side::New), std::string("2:4-3:25"));
    m_state.instances.at(InstanceId("rat-ratd-2")).role = InstanceRole::Restored;
    sample(4, {{"ratd", {100, 200, 0, 0, 9}}}); // brought back is old
    QCOMPARE(line(Measure::RequestRate, Side::Old), std::string("2:200-3:100-4:300"));
  }

  void aRatioOfNoRequestsIsAbsentAndSoIsTheirTime() {
    sample(1, {{"ratd", {}}});
    sample(2, {{"ratd", {10, 0, 0, 0, 0, 4}}});
    sample(3, {{"ratd", {0, 0, 0, 0, 0, 4}}});
    sample(4, {{"ratd", {10, 0, 1, 0, 0, 6}}});
    QCOMPARE(line(Measure::RequestRate), std::string("2:10-3:0-4:10"));
    QCOMPARE(line(Measure::ErrorRatio), std::string("2:0 4:10"));
    QCOMPARE(line(Measure::ResponseTime), std::string("2:4 4:6"));
    QCOMPARE(line(Measure::ErrorRatio, Side::New), std::string());
    QVERIFY(!m_history->has(m_all, Measure::ErrorRatio, Side::New));
    QVERIFY(m_history->has(m_all, Measure::ErrorRatio, Side::Old));
  }

  void missingSecondsAreGapsAndTheRateAfterThemIsAMean() {
    sample(1, {{"ratd", {}}});
    sample(2, {{"ratd", {300}}});
    sample(5, {{"ratd", {600}}});
    sample(6, {{"ratd", {300}}});
    QCOMPARE(line(Measure::RequestRate), std::string("2:300 5:200-6:300"));
    sample(7, {{"portal", {300}}}); // ratd is not in it
    sample(8, {{"ratd", {300}}});
    QCOMPARE(line(Measure::RequestRate, Side::Total, m_ratd), std::string("2:300 5:200-6:300 8:300"));
  }

  void aRouterThatIsSlowAllTheTimeIsNotAllGaps() {
    for (int second = 2; second <= 8; second += 2)
      sample(second, {{"ratd", {20}}});
    QCOMPARE(line(Measure::RequestRate), std::string("4:10-6:10-8:10"));
  }

  void userFacingServicesAreSummedUpAndTheirTimesWeighed() {
    m_history->setUserFacing({"ratd", "portal"});
    const std::map<std::string, CountedSecond> second = {
        {"ratd", {300, 0, 3, 0, 4, 2}}, {"portal", {100, 0, 1, 0, 2, 10}}, {"ratq", {999, 0, 0, 0, 50, 1}}};
    sample(1, second);
    sample(2, second);
    QCOMPARE(line(Measure::RequestRate), std::string("2:400"));
    QCOMPARE(line(Measure::InFlight), std::string("1:6-2:6"));
    QCOMPARE(line(Measure::ErrorRatio), std::string("2:1"));
    QCOMPARE(line(Measure::ResponseTime), std::string("2:4"));
    QCOMPARE(line(Measure::RequestRate, Side::Total, QStringLiteral("ratq")), std::string("2:999"));
    m_history->setUserFacing({"ratq"}); // what was counted before counts as well
    QCOMPARE(line(Measure::RequestRate), std::string("2:999"));
    QCOMPARE(m_history->services(),
             (QStringList{QStringLiteral("portal"), QStringLiteral("ratd"), QStringLiteral("ratq")}));
  }

  void activeRunsAreStairsWhileAnybodyWaitsForThem() {
    auto& service = m_state.services["ratd"];
    const auto observe = [&](double second, int runs) {
      service.activeRuns = runs;
      happen(EventType::RunsObserved, second, "ratd");
    };
    service.isDrainingRuns = true;
    happen(EventType::DrainStarted, 1, "ratd");
    observe(2, 3);
    sample(3, {{"ratd", {}}});
    observe(4, 1);
    observe(5, -1); // could not be read
    observe(7, 1);
    service.isDrainingRuns = false;
    happen(EventType::ServiceSwitched, 8, "ratd");
    sample(9, {{"ratd", {}}});
    QCOMPARE(line(Measure::ActiveRuns), std::string("2:3-4:3-4:1-5:1 7:1-8:1"));
    QVERIFY(m_history->has(m_ratd, Measure::ActiveRuns));
    QVERIFY(!m_history->has(m_ratd, Measure::ActiveRuns, Side::New));
  }

  void marksTellTheSteps() {
    happen(EventType::WaveStarted, 1, {}, {{"wave", 2}});
    happen(EventType::ServiceSwitched, 3, "ratd");
    happen(EventType::ServiceSwitched, 4, "portal");
    happen(EventType::UndoStarted, 5);
    happen(EventType::RolloutEnded, 9);
    QStringList labels;
    for (const auto& mark : m_history->marks(m_all, span()))
      labels << mark.label;
    QCOMPARE(labels.join(QLatin1Char('|')),
             QStringLiteral("wave 2|ratd switched|portal switched|undo|ended"));
    QCOMPARE(m_history->marks(m_ratd, span()).size(), size_t(4));
    QCOMPARE(m_history->marks(m_all, {span().from, span().from + 2000}).size(), size_t(1));
  }

  void namesAndThresholdComeFromThePlan() {
    QCOMPARE(m_history->nameOf(m_ratd, Side::Old), QStringLiteral("ratd 2.3.0"));
    QCOMPARE(m_history->nameOf(m_ratd, Side::New), QStringLiteral("ratd 2.4.0"));
    QCOMPARE(m_history->nameOf(m_all, Side::New), QStringLiteral("new"));
    QCOMPARE(m_history->threshold(m_ratd), std::optional<double>(1.0));
    QCOMPARE(m_history->threshold(m_all), std::optional<double>(1.0));
    m_state.plan.services.at("ratd").analyses.front().most = 0.05;
    m_state.plan.services.at("ratd").toVersion = "2.3.0";
    happen(EventType::RolloutStarted, 1);
    QCOMPARE(m_history->threshold(m_ratd), std::optional<double>(5.0));
    QCOMPARE(m_history->threshold(m_all), std::optional<double>()); // they do not agree
    QCOMPARE(m_history->nameOf(m_ratd, Side::New), QStringLiteral("ratd 2.3.0 (new)"));
    QCOMPARE(m_history->threshold(QStringLiteral("x")), std::optional<double>());
  }

  void aCursorFindsTheSecondNextToIt() {
    sample(1, {{"ratd", {}}});
    sample(2, {{"ratd", {200, 100}}});
    sample(3, {{"ratd", {310}}});
    sample(9, {{"ratd", {1800}}});
    const auto at = [&](double second) {
      return m_history->value(m_all, Measure::RequestRate, Side::Total,
                              span().from + static_cast<ChartTime>(second * 1000), 1000);
    };
    QCOMPARE(at(2.4), std::optional<double>(300));
    QCOMPARE(at(2.6), std::optional<double>(310));
    QCOMPARE(at(6), std::optional<double>()); // in a gap nothing is known
    QCOMPARE(at(9.5), std::optional<double>(300));
    const auto next = [&](double second, int direction) {
      const auto from = span().from + static_cast<ChartTime>(second * 1000);
      return static_cast<int>(m_history->neighbour(m_all, from, direction) - span().from);
    };
    QCOMPARE(next(2, 1), 3000);
    QCOMPARE(next(2, -1), 1000);
    QCOMPARE(next(1, -1), 1000); // there is none before
    QCOMPARE(next(6, 1), 9000);
    QCOMPARE(next(9, 1), 9000);
  }

  void keepsNoMoreThanItsCapacity() {
    m_history = std::make_unique<SampleHistory>(100);
    for (int second = 1; second <= 1000; ++second)
      sample(second, {{"ratd", {300}}});
    QCOMPARE(m_history->line(m_ratd, Measure::RequestRate, Side::Total, span()).size(), size_t(100));
    QCOMPARE(m_history->line(m_all, Measure::RequestRate, Side::Total, span()).size(), size_t(100));
  }

  void forgetsEverythingButWhoIsUserFacing() {
    m_history->setUserFacing({"portal"});
    sample(1, {{"ratd", {}}});
    const auto revision = m_history->revision();
    m_history->clear();
    QVERIFY(m_history->revision() > revision);
    QVERIFY(!m_history->span());
    QVERIFY(m_history->services().isEmpty());
    sample(1, {{"ratd", {}}, {"portal", {}}});
    sample(2, {{"ratd", {5}}, {"portal", {7}}});
    QCOMPARE(line(Measure::RequestRate), std::string("1:7"));
  }

  void recordsOfAnotherShapeDoNoHarm() {
    const Json text = {{"requests", "many"}, {"in_flight", -5}, {"instances", Json::array({1})}};
    const Json huge = {{"requests", 1e300}, {"instances", {{"x", 7}}}};
    int second = 1;
    for (const Json& detail : {Json(), Json(7), Json{{"services", 7}}, Json{{"services", {{"ratd", 7}}}},
                               Json{{"services", {{"ratd", text}}}}, Json{{"services", {{"ratd", huge}}}}})
      happen(EventType::Sampled, second++, {}, detail);
    happen(EventType::RunsObserved, second, "nobody");
    QCOMPARE(line(Measure::ErrorRatio), std::string());
    QCOMPARE(line(Measure::InFlight), std::string());
  }
};

QTEST_GUILESS_MAIN(TestSampleHistory)
#include "tst_sample_history.moc"
