// One service rolled on a real Docker Engine by ratdeckctl, by Swarm and by docker-compose, in one run on one
// engine, against the floor below which no tool gets. RATDECK_TEST_SIZE=full: five repeats of each, judged by
// the goals; `--repeats N` for another number.
#include "tests/bench/docker/floor.h"
#include "tests/bench/docker/measured.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QStandardPaths>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <curl/curl.h>
#include <functional>

using namespace ratdeck;

namespace {

constexpr int exitSkipped = 77;      // as CTest is told
constexpr double goneGoal = 1.1;     // x the floor
constexpr double p99Goal = 1.2;      // x steady
constexpr double longestGoalMs = 20; // + steady's longest

template <class Value, class Number>
std::vector<double> column(const std::vector<Value>& rows, Number number) {
  std::vector<double> values;
  for (const Value& row : rows)
    values.push_back(static_cast<double>(std::invoke(number, row)));
  return values;
}

struct Series {
  std::unique_ptr<Way> way;
  std::vector<Rolled> rolled;
  std::vector<Undone> undone;

  bool losesRequests() const {
    return std::any_of(rolled.begin(), rolled.end(), [](const Rolled& one) { return one.failed > 0; });
  }
  double gone() const { return median(column(rolled, &Rolled::gone_s)); }
};

class Bench {
public:
  explicit Bench(std::chrono::milliseconds steady) : m_steady(steady) {
    m_series.push_back({std::make_unique<RatdeckWay>(m_rig), {}, {}});
    m_series.push_back({std::make_unique<SwarmWay>(m_rig), {}, {}});
    m_series.push_back({std::make_unique<ComposeWay>(m_rig, false), {}, {}});
    m_series.push_back({std::make_unique<ComposeWay>(m_rig, true), {}, {}});
  }

  bool run(int repeats) {
    if (const auto problem = m_rig.start(); !problem.isEmpty())
      return complain(problem.toStdString());
    for (int i = 0; i < repeats; ++i)
      for (Series& series : m_series)
        if (!repeat(series))
          return false;
    return true;
  }

  void print() const {
    std::printf("\nmedian (range) of %zu\n", m_floors.size());
    printRolls();
    printFloor();
    printLatencies();
    printUndone();
  }
  // Whether all goals are met; prints them.
  bool judge() const;
  bool oursFailedNone() const { return !ours().losesRequests() && failedBadly(ours()) == 0; }
  bool anotherLosesRequests() const {
    return std::any_of(m_series.begin() + 1, m_series.end(),
                       [](const Series& series) { return series.losesRequests(); });
  }

private:
  struct Goal {
    const char* what;
    std::string figure;
    bool isMet;
  };

  void printRolls() const;
  void printFloor() const;
  void printLatencies() const;
  void printUndone() const;
  std::vector<Goal> goals() const;
  // The most that ours takes of the time of another that loses nothing.
  double shareOfOthers() const;

  const Series& ours() const { return m_series[0]; }
  const Series& swarm() const { return m_series[1]; }

  static bool complain(const std::string& what) {
    std::printf("%s\n", what.c_str());
    return false;
  }
  static double failedBadly(const Series& series) {
    const auto failed = column(series.undone, &Undone::failed);
    return failed.empty() ? 0 : *std::max_element(failed.begin(), failed.end());
  }

  bool repeat(Series& series) {
    auto& way = *series.way;
    if (const auto problem = way.up(); !problem.isEmpty())
      return complain(std::string(way.name()) + ": " + problem.toStdString());
    const bool isOurs = &series == &m_series[0];
    const bool isMeasured = (!isOurs || floor()) && roll(series) && (&series > &m_series[1] || undo(series));
    way.down();
    return isMeasured;
  }

  // Beside a version that serves, as the new copy of a roll.
  bool floor() {
    const auto measured = measureFloor(m_rig, std::string(WebRig::project) + "_default");
    if (!measured)
      return complain(measured.error().toString());
    m_floors.push_back(*measured);
    std::printf("%-36s %5.2f s\n", "floor", measured->sum());
    return true;
  }
  bool roll(Series& series) {
    const auto rolled = measureRoll(m_rig, *series.way, m_steady);
    if (!rolled)
      return complain(rolled.error().toString());
    series.rolled.push_back(*rolled);
    std::printf("%-36s %5.2f s until the old copy was gone, %lld of %lld requests failed\n",
                series.way->name(), rolled->gone_s, rolled->failed, rolled->requests);
    return true;
  }
  bool undo(Series& series) {
    const auto undone = measureUndone(m_rig, *series.way);
    if (!undone)
      return complain(undone.error().toString());
    series.undone.push_back(*undone);
    std::printf("%-36s %5.2f s until a bad version was undone, %lld requests failed\n", series.way->name(),
                undone->said_s, undone->failed);
    return true;
  }

  WebRig m_rig;
  std::chrono::milliseconds m_steady;
  std::vector<Series> m_series;
  std::vector<Floor> m_floors;
};

void Bench::printRolls() const {
  std::printf("%-36s %-17s %-18s %-18s\n", "1.0.0 -> 2.0.0", "requests failed", "new serves, s",
              "old gone, s");
  for (const Series& series : m_series)
    std::printf("%-36s %-17s %-18s %-18s\n", series.way->name(),
                rangeOf(column(series.rolled, &Rolled::failed), 0).c_str(),
                rangeOf(column(series.rolled, &Rolled::serving_s), 2).c_str(),
                rangeOf(column(series.rolled, &Rolled::gone_s), 2).c_str());
}

void Bench::printFloor() const {
  const auto told = [this](double Floor::*step) {
    return rangeOf(column(m_floors, step), 2);
  };
  std::printf("%-36s %-17s %-18s %-18s\n", "floor", "-", "-",
              rangeOf(column(m_floors, &Floor::sum), 2).c_str());
  std::printf("  create %s, start %s, third passing probe %s, longest request %s, stop %s\n",
              told(&Floor::create_s).c_str(), told(&Floor::start_s).c_str(), told(&Floor::probes_s).c_str(),
              told(&Floor::request_s).c_str(), told(&Floor::stop_s).c_str());
}

void Bench::printLatencies() const {
  std::printf("\n%-36s %-30s %-30s %-30s\n", "milliseconds, steady -> rolling", "p99", "longest request",
              "longest gap between answers");
  for (const Series& series : m_series) {
    const auto pair = [&](double Rolled::*steady, double Rolled::*rolling) {
      return rangeOf(column(series.rolled, steady), 0) + " -> " + rangeOf(column(series.rolled, rolling), 0);
    };
    std::printf("%-36s %-30s %-30s %-30s\n", series.way->name(),
                pair(&Rolled::steadyP99_ms, &Rolled::p99_ms).c_str(),
                pair(&Rolled::steadyLongest_ms, &Rolled::longest_ms).c_str(),
                pair(&Rolled::steadyGap_ms, &Rolled::gap_ms).c_str());
  }
}

void Bench::printUndone() const {
  std::printf("\n%-36s %-17s %-18s %-18s\n", "a version that is never healthy", "requests failed",
              "undone, s", "bad copy gone, s");
  for (const Series* series : {&ours(), &swarm()})
    std::printf("%-36s %-17s %-18s %-18s\n", series->way->name(),
                rangeOf(column(series->undone, &Undone::failed), 0).c_str(),
                rangeOf(column(series->undone, &Undone::said_s), 2).c_str(),
                rangeOf(column(series->undone, &Undone::gone_s), 2).c_str());
}

double Bench::shareOfOthers() const {
  double most = 0;
  for (const Series& other : m_series)
    if (&other != &ours() && !other.losesRequests())
      most = std::max(most, ours().gone() / other.gone());
  return most;
}

std::vector<Bench::Goal> Bench::goals() const {
  std::vector<double> overFloor, p99s;
  size_t calm = 0;
  const auto repeats = ours().rolled.size();
  for (size_t i = 0; i < repeats; ++i) {
    const Rolled& one = ours().rolled[i];
    overFloor.push_back(one.gone_s / m_floors[i].sum());
    p99s.push_back(one.p99_ms / one.steadyP99_ms);
    calm += one.longest_ms <= one.steadyLongest_ms + longestGoalMs ? 1 : 0;
  }
  const double share = shareOfOthers();
  const double undone =
      median(column(ours().undone, &Undone::said_s)) / median(column(swarm().undone, &Undone::said_s));
  return {
      {"ratdeckctl fails no request, bad versions too", oursFailedNone() ? "0" : "some", oursFailedNone()},
      {"old copy gone / floor <= 1.1", rangeOf(overFloor, 2), median(overFloor) <= goneGoal},
      {"old copy gone / others' that lose nothing < 1", rangeOf({share}, 2), share < 1},
      {"p99 / steady <= 1.2", rangeOf(p99s, 2), median(p99s) <= p99Goal},
      {"longest request <= steady's + 20 ms, in 4 of 5",
       std::to_string(calm) + " of " + std::to_string(repeats), calm * 5 >= repeats * 4},
      {"never-healthy undone / Swarm's < 1", rangeOf({undone}, 2), undone < 1}};
}

bool Bench::judge() const {
  bool meetsAll = true;
  std::printf("\n%-50s %s\n", "goal", "figure");
  for (const Goal& goal : goals()) {
    std::printf("%-50s %s%s\n", goal.what, goal.figure.c_str(), goal.isMet ? "" : "  MISSED");
    meetsAll = meetsAll && goal.isMet;
  }
  return meetsAll;
}

// Why nothing can be measured here, one line; "" if it can.
QString whyNot() {
  for (const char* tool : {"docker", "docker-compose"})
    if (QStandardPaths::findExecutable(QString::fromLatin1(tool)).isEmpty())
      return QString::fromLatin1(tool) + QStringLiteral(" is not installed");
  return DockerRig::whyNot();
}

} // namespace

int main(int argc, char** argv) {
  QCoreApplication application(argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::signal(SIGPIPE, SIG_IGN); // who stops reading does not keep the engine from being taken down
  if (const auto why = whyNot(); !why.isEmpty()) {
    std::printf("skipped: %s\n", qPrintable(why));
    return exitSkipped;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const bool isFull = qEnvironmentVariable("RATDECK_TEST_SIZE") == QStringLiteral("full");
  QCommandLineParser parser;
  parser.addHelpOption();
  parser.addOption({QStringLiteral("repeats"), QStringLiteral("So many of each"), QStringLiteral("N"),
                    isFull ? QStringLiteral("5") : QStringLiteral("1")});
  parser.process(application);
  const int repeats = std::max(1, parser.value(QStringLiteral("repeats")).toInt());
  Bench bench(std::chrono::milliseconds(isFull ? 8000 : 2000));
  if (!bench.run(repeats))
    return 1;
  bench.print();
  const bool meetsGoals = bench.judge();
  // One repeat on a shared machine tells nothing about a ratio; what it must show is that requests are lost
  // by others and not by us.
  const bool isSound = bench.oursFailedNone() && bench.anotherLosesRequests();
  if (!bench.anotherLosesRequests())
    std::printf("the control failed: nobody lost a request\n");
  return isSound && (meetsGoals || !isFull) ? 0 : 1;
}
