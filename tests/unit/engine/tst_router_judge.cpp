// What an analysis concludes from the router's counters, reading by reading.
#include "core/engine/router_judge.h"

#include <QtTest>

using namespace ratdeck;

namespace {

BootTime at(double second) {
  return BootTime() + std::chrono::hours(1) +
         std::chrono::duration_cast<Duration>(std::chrono::duration<double>(second));
}

RouterSample counted(long long requests, long long failed, std::optional<double> timeMs = {}) {
  RouterSample sample;
  sample.requests = requests;
  sample.errors5xx = failed;
  sample.timeMs = timeMs;
  return sample;
}

AnalysisSpec errorsIn(Duration window, double most = 0.1) {
  auto spec = errorAnalysis();
  spec.window = window;
  spec.most = most;
  return spec;
}

AnalysisSpec latencyOf(double most) {
  AnalysisSpec spec;
  spec.name = "latency";
  spec.measurement.quantity = MeasuredQuantity::Latency;
  spec.most = most;
  return spec;
}

std::string verdictOf(RouterJudge& judge, const RouterSample& sample, double second) {
  const auto judgement = judge.read(sample, at(second));
  return judgement ? toString(judgement->verdict) : "";
}

} // namespace

class RouterJudgeTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void saysNothingBeforeThereAreEnoughRequests() {
    RouterJudge judge(errorsIn(10s), {}, true);
    QCOMPARE(verdictOf(judge, counted(19, 19), 1), std::string());
    QCOMPARE(verdictOf(judge, counted(20, 19), 1.1), std::string("failing"));
  }

  void saysEachVerdictOnce() {
    RouterJudge judge(errorsIn(10s), {}, true);
    QCOMPARE(verdictOf(judge, counted(40, 0), 1), std::string("passing"));
    QCOMPARE(verdictOf(judge, counted(60, 1), 2), std::string());
    QCOMPARE(verdictOf(judge, counted(100, 30), 3), std::string("failing"));
    QCOMPARE(verdictOf(judge, counted(110, 40), 4), std::string());
  }

  void aRatioIsThatOfTheWindowAndNotOfAllTime() {
    RouterJudge judge(errorsIn(10s), {}, true);
    for (int second = 1; second <= 100; ++second)
      verdictOf(judge, counted(100 * second, 0), second);
    // 200 of 1,000 in the last ten seconds are too many, though they are 2 % of all.
    const auto judgement = judge.read(counted(10200, 200), at(101));
    QVERIFY(judgement.has_value());
    QCOMPARE(toString(judgement->verdict), "failing");
    QCOMPARE(integerAt(judgement->detail, "failed"), 200LL);
    QCOMPARE(integerAt(judgement->detail, "requests"), 1100LL);
  }

  void theFirstReadingOfAWholeServiceIsItsBaseLine() {
    RouterJudge judge(errorsIn(10s), {}, false);
    QCOMPARE(verdictOf(judge, counted(100000, 50000), 1), std::string());
    QCOMPARE(verdictOf(judge, counted(100100, 50000), 2), std::string("passing"));
  }

  void aCopyThatJoinsAnewCountsFromZero() {
    RouterJudge judge(errorsIn(10s), {}, true);
    QCOMPARE(verdictOf(judge, counted(1000, 0), 1), std::string("passing"));
    QCOMPARE(verdictOf(judge, counted(30, 30), 2), std::string("failing"));
  }

  void refusedConnectionsAreFailures() {
    RouterJudge judge(errorsIn(10s), {}, true);
    auto sample = counted(20, 0);
    sample.connectionErrors = 20;
    QCOMPARE(verdictOf(judge, sample, 1), std::string("failing"));
  }

  void latencyIsTheRoutersMean() {
    RouterJudge judge(latencyOf(0.5), {}, true);
    QCOMPARE(verdictOf(judge, counted(40, 0), 1), std::string()); // no time is no value
    QCOMPARE(verdictOf(judge, counted(40, 0, 499.0), 1), std::string("passing"));
    const auto judgement = judge.read(counted(60, 0, 820.0), at(2));
    QVERIFY(judgement.has_value());
    QCOMPARE(judgement->text, std::string("820 ms to an answer at the router (at most 500 ms)"));
  }

  void whereTheOldVersionWasBadAlreadyTheNewOneIsHeldToThat() {
    RequestTally old;
    old.requests = 1000;
    old.failed = 300;
    QCOMPARE(limitOf(errorsIn(10s), old), 0.3);
    old.requests = 10; // too few to say
    QCOMPARE(limitOf(errorsIn(10s), old), 0.1);
  }

  void theNewVersionMayBeComparedWithTheOldOne() {
    auto spec = errorsIn(10s);
    spec.mostOverOld = 2;
    RequestTally old;
    old.requests = 1000;
    old.failed = 10;
    QCOMPARE(limitOf(spec, old), 0.02);
    old.failed = 0;
    QCOMPARE(limitOf(spec, old), 0.002); // as if one had failed
    QCOMPARE(limitOf(spec, {}), 0.1);
    auto latency = latencyOf(1);
    latency.mostOverOld = 1.5;
    old.timedCount = 1000;
    old.timeMs = 200;
    QCOMPARE(limitOf(latency, old), 0.3);
  }
};

QTEST_APPLESS_MAIN(RouterJudgeTest)
#include "tst_router_judge.moc"
