// How long the rollout of the whole stack takes, against its critical path and against one service after
// another, and what it does to latency. All figures are ratios within this run. RATDECK_TEST_SIZE=full: five
// repeats of each, of the whole stack.
#include "core/base/duration.h"
#include "core/runtime/process/load_report.h"
#include "tests/e2e/sandbox/sandbox_rig.h"
#include "tests/support/size.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>

using namespace ratdeck;

namespace {

const QStringList everyApplication = {QStringLiteral("ratq"),          QStringLiteral("runner"),
                                      QStringLiteral("auth-keycloak"), QStringLiteral("enforcement"),
                                      QStringLiteral("cloud-aws"),     QStringLiteral("executor-container"),
                                      QStringLiteral("ratd"),          QStringLiteral("portal")};

struct Goal {
  const char* what;
  double limit;
  std::vector<double> ratios;
};

double median(std::vector<double> values) {
  if (values.empty())
    return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

class Bench {
public:
  explicit Bench(QStringList applications) : m_applications(std::move(applications)) {}

  bool run(int repeats) {
    if (auto up = m_rig.up(); up.exitCode != 0)
      return complain("version 1 did not come up", up);
    for (int i = 0; i < repeats; ++i)
      if (!underLoad() || !strict() || !serial() || !loose())
        return false;
    print();
    return true;
  }
  bool meetsGoals() const {
    return std::all_of(m_goals.begin(), m_goals.end(),
                       [](const Goal& goal) { return median(goal.ratios) <= goal.limit; });
  }

private:
  QString nextVersion() { return QStringLiteral("%1.0.0").arg(m_version++); }

  static bool complain(const char* what, const CliResult& result) {
    std::printf("%s: %s\n", what, result.toString().c_str());
    return false;
  }

  CliResult deploy(const QStringList& more, const QString& version) {
    QStringList arguments = {QStringLiteral("deploy"), QStringLiteral("--yes"), QStringLiteral("--output"),
                             QStringLiteral("json")};
    for (const auto& file : m_rig.files() + QStringList{QStringLiteral(BENCH_FOLDER "/strict.yml")})
      arguments << QStringLiteral("-f") << file;
    return m_rig.run(arguments + more, version, 300000);
  }

  CliResult deployAll(const QStringList& more, const QString& version) {
    QStringList services;
    for (const auto& service : m_applications)
      services << QStringLiteral("--service") << service;
    return deploy(services + more, version);
  }

  // What one service cannot do in less: start + third passing probe, or the quiet of its active runs where
  // that takes longer, + switch + drain + stop.
  static std::map<std::string, double> workOf(const CliResult& result,
                                              const std::vector<JournalLine>& journal) {
    std::map<std::string, double> work;
    for (const auto& service : memberAt(result.json, "services"))
      for (const char* stage : {"start_s", "gate_s"})
        work[textAt(service, "name")] += std::max(0.0, numberAt(service, stage, 0));
    for (const auto& line : journal)
      if (line.type == "DrainFinished")
        work[textAt(line.data, "service")] =
            std::max(work[textAt(line.data, "service")], numberAt(memberAt(line.data, "detail"), "took_s"));
    for (const auto& service : memberAt(result.json, "services"))
      for (const char* stage : {"switch_s", "drain_s", "stop_s"})
        work[textAt(service, "name")] += std::max(0.0, numberAt(service, stage, 0));
    return work;
  }

  // Wave after wave, the slowest service of each.
  double criticalPath(const CliResult& result) {
    auto journal = m_rig.journal(textAt(result.json, "journal"));
    auto work = workOf(result, journal);
    double path = 0;
    for (const auto& line : journal)
      if (line.type == "RolloutStarted")
        for (const auto& wave : memberAt(memberAt(memberAt(line.data, "detail"), "plan"), "waves")) {
          double slowest = 0;
          for (const auto& service : memberAt(wave, "services"))
            slowest = std::max(slowest, work[service.get<std::string>()]);
          path += slowest;
        }
    return path;
  }

  bool strict() {
    auto result = deployAll({}, nextVersion());
    if (result.exitCode != 0)
      return complain("the rollout with strict tiers failed", result);
    m_strict = numberAt(result.json, "duration_s");
    auto path = criticalPath(result);
    std::printf("strict tiers  %6.2f s, critical path %6.2f s\n", m_strict, path);
    m_goals[0].ratios.push_back(m_strict / path);
    return true;
  }

  bool serial() {
    auto version = nextVersion();
    double sum = 0;
    for (const auto& service : m_applications) {
      auto result = deploy({QStringLiteral("--service"), service}, version);
      if (result.exitCode != 0)
        return complain("one service alone failed", result);
      sum += numberAt(result.json, "duration_s");
    }
    std::printf("one by one    %6.2f s\n", sum);
    m_serial = sum;
    m_goals[1].ratios.push_back(m_strict / sum);
    return true;
  }

  bool loose() {
    auto result = deployAll({QStringLiteral("-f"), QStringLiteral(BENCH_FOLDER "/loose.yml")}, nextVersion());
    if (result.exitCode != 0)
      return complain("the rollout with loose tiers failed", result);
    std::printf("loose tiers   %6.2f s\n", numberAt(result.json, "duration_s"));
    m_goals[2].ratios.push_back(numberAt(result.json, "duration_s") / m_serial);
    return true;
  }

  // p99 while it swaps against p99 before it, in milliseconds: at most max(1.5 x, + 10 ms).
  bool underLoad() {
    if (auto started = m_rig.startLoad(200); started.exitCode != 0)
      return complain("the load did not start", started);
    if (!m_rig.waitForRequests(2000))
      return complain("the load did not run", {});
    auto before = SystemClock().now().boot;
    auto result = deployAll({}, nextVersion());
    auto after = SystemClock().now().boot;
    auto load = LoadReport::fromJson(m_rig.stopLoadWithSamples());
    if (result.exitCode != 0 || !load || load->failed() != 0)
      return complain("the rollout under load failed requests", result);
    auto steady = load->percentileMs(0.99, before - 8s, before);
    auto swapping = load->percentileMs(0.99, before, after);
    std::printf("under load    p99 %5.1f ms steady, %5.1f ms during swaps, %lld requests, 0 failed\n", steady,
                swapping, load->requests());
    m_goals[3].ratios.push_back(swapping / std::max(1.5 * steady, steady + 10));
    return true;
  }

  void print() const {
    std::printf("\n%-62s %8s %8s %8s %8s\n", "ratio", "least", "median", "most", "goal");
    for (const auto& goal : m_goals) {
      auto [least, most] = std::minmax_element(goal.ratios.begin(), goal.ratios.end());
      std::printf("%-62s %8.2f %8.2f %8.2f %8.2f%s\n", goal.what, *least, median(goal.ratios), *most,
                  goal.limit, median(goal.ratios) <= goal.limit ? "" : "  MISSED");
    }
  }

  SandboxRig m_rig;
  QStringList m_applications;
  int m_version = 2;
  double m_strict = 0, m_serial = 0;
  std::vector<Goal> m_goals = {{"whole stack, strict tiers / its critical path", 1.25, {}},
                               {"whole stack, strict tiers / one service after another", 0.70, {}},
                               {"whole stack, loose tiers / one service after another", 0.45, {}},
                               {"p99 during swaps / max(1.5 x steady, steady + 10 ms)", 1.00, {}}};
};

} // namespace

int main(int argc, char** argv) {
  QCoreApplication application(argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  // One repeat of three services tells nothing about a goal: it shows that the bench runs. Goals are judged
  // by medians of five.
  const bool isFull = isFullSize();
  Bench bench(
      isFull ? everyApplication
             : QStringList{QStringLiteral("ratq"), QStringLiteral("cloud-aws"), QStringLiteral("portal")});
  bool hasRun = bench.run(isFull ? 5 : 1);
  return hasRun && (bench.meetsGoals() || !isFull) ? 0 : 1;
}
