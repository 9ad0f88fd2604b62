// Lines with gaps, and what of them can be seen on so many pixels.
#include "tests/support/seed.h"
#include "ui/model/line.h"
#include "ui/model/step_series.h"
#include "ui/model/time_line.h"

#include <QTest>

#include <algorithm>
#include <random>

using namespace ratdeck;

namespace {

// A point each second from 0, joined but for those that `gaps` names.
Line lineOf(const std::vector<double>& values, const std::vector<int>& gaps = {}) {
  Line line;
  for (size_t i = 0; i < values.size(); ++i)
    line.push_back({static_cast<ChartTime>(i) * 1000, values[i], i > 0});
  for (int gap : gaps)
    line[static_cast<size_t>(gap)].joins = false;
  return line;
}

std::vector<double> valuesOf(const Line& line) {
  std::vector<double> values;
  for (const auto& point : line)
    values.push_back(point.value);
  return values;
}

Instant instantAt(int bootSeconds, int wallSeconds) {
  return {BootTime(std::chrono::seconds(bootSeconds)), WallTime(std::chrono::seconds(wallSeconds))};
}

// The least and the greatest value within the range.
std::pair<double, double> extremesOf(const Line& line, TimeRange range) {
  std::pair<double, double> extremes{1e9, -1e9};
  for (const auto& point : line)
    if (point.at >= range.from && point.at <= range.to)
      extremes = {std::min(extremes.first, point.value), std::max(extremes.second, point.value)};
  return extremes;
}

} // namespace

class TestLine : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void keepsTheLeastAndTheGreatestOfAColumnInTheirOrder() {
    const auto line = lineOf({5, 9, 1, 5, 3, 3, 3, 3});
    QCOMPARE(valuesOf(decimated(line, {0, 8000}, 2)), (std::vector<double>{9, 1, 3}));
  }

  void aGapThatCanBeSeenIsKept() {
    const auto seen = decimated(lineOf({1, 1, 1, 1, 2, 2, 2, 2}, {4}), {0, 8000}, 2);
    QCOMPARE(seen.size(), size_t(2));
    QVERIFY(!seen[1].joins);
    const auto whole = decimated(lineOf({1, 1, 1, 1, 2, 2, 2, 2}), {0, 8000}, 2);
    QVERIFY(whole[1].joins); // the control
  }

  void reachesBeyondBothEdges() {
    const auto seen = decimated(lineOf({1, 2, 3, 4, 5, 6}), {1500, 3500}, 100);
    QCOMPARE(valuesOf(seen), (std::vector<double>{2, 3, 4, 5}));
    QVERIFY(!seen.front().joins);
    QVERIFY(seen.back().joins);
  }

  void aPeakLooksTheSameWhileTheRangeMoves() {
    std::vector<double> values(600, 1);
    values[301] = 7;
    const auto line = lineOf(values);
    for (ChartTime shift = 0; shift < 50000; shift += 700) {
      const auto seen = decimated(line, {shift, shift + 500000}, 50);
      const auto peak = std::find_if(seen.begin(), seen.end(), [](const auto& p) { return p.value == 7; });
      QVERIFY(peak != seen.end());
      QCOMPARE(peak->at, ChartTime(301000));
      QCOMPARE((peak - 1)->at, ChartTime(300000));
    }
  }

  void nothingGivesNothing() {
    QVERIFY(decimated({}, {0, 1000}, 10).empty());
    QVERIFY(decimated(lineOf({1}), {0, 1000}, 0).empty());
    QVERIFY(decimated(lineOf({1}), {5, 5}, 10).empty());
  }

  void keepsItsPromisesOnRandomLines() {
    std::mt19937 random(static_cast<std::uint32_t>(testSeed()));
    for (int round = 0; round < 300; ++round) {
      Line line;
      ChartTime at = static_cast<ChartTime>(random() % 5000);
      for (unsigned i = random() % 3000; i > 0; --i, at += 1 + random() % 3000)
        line.push_back({at, static_cast<double>(random() % 100), random() % 10 > 0});
      const TimeRange range{static_cast<ChartTime>(random() % 1000000),
                            static_cast<ChartTime>(1000001 + random() % 4000000)};
      const int width = 1 + static_cast<int>(random() % 800);
      const auto seen = decimated(line, range, width);
      QVERIFY2(seen.size() <= size_t(2 * (width + 1) + 2), "more than two points a column");
      for (size_t i = 1; i < seen.size(); ++i)
        QVERIFY2(seen[i - 1].at < seen[i].at, "the order of time is lost");
      QVERIFY2(extremesOf(seen, range) == extremesOf(line, range), "a peak is lost");
    }
  }

  void stairsHoldTheirValueUntilTheNextAndNoLongerThanSomethingIsKnown() {
    StepSeries steps(10);
    steps.set(1000, 3);
    steps.set(1500, 3); // nothing new
    steps.set(4000, 1);
    steps.set(6000, std::nullopt);
    steps.set(8000, 2);
    QCOMPARE(steps.line({0, 20000}, 9000), (Line{{1000, 3, false},
                                                 {4000, 3, true},
                                                 {4000, 1, true},
                                                 {6000, 1, true},
                                                 {8000, 2, false},
                                                 {9000, 2, true}}));
    QCOMPARE(steps.line({2000, 3000}, 9000), (Line{{2000, 3, false}, {3000, 3, true}}));
    QCOMPARE(steps.value(2000, 9000), std::optional<double>(3));
    QCOMPARE(steps.value(7000, 9000), std::optional<double>());
    QCOMPARE(steps.value(9500, 9000), std::optional<double>());
  }

  void timeGoesOnWhenTheWallClockJumpsAndWhenTheMachineIsBootedAnew() {
    TimeLine time;
    QCOMPARE(time.advance(instantAt(100, 5000), "one"), ChartTime(5000000));
    QCOMPARE(time.advance(instantAt(110, 9999), "one"), ChartTime(5010000)); // set forward
    QCOMPARE(time.advance(instantAt(120, 1), ""), ChartTime(5020000));       // set back
    QCOMPARE(time.at(instantAt(125, 77)), ChartTime(5025000));
    QCOMPARE(time.advance(instantAt(7, 5100), "two"), ChartTime(5100000)); // another boot
    QCOMPARE(time.advance(instantAt(8, 5101), "two"), ChartTime(5101000));
    QCOMPARE(time.advance(instantAt(3, 20), "three"), ChartTime(5101000)); // whose wall clock is wrong
  }
};

QTEST_GUILESS_MAIN(TestLine)
#include "tst_line.moc"
