// Random rollouts keep their promises (tests/support/rollout_promises.h) under random plans, faults, lies,
// commands and crashes. 10^4 schedules, or 10^6 with RATDECK_TEST_SIZE=full; fewer where the build is slow.
#include <QtTest>

#include "tests/support/rollout_simulator.h"
#include "tests/support/seed.h"
#include "tests/support/size.h"

#include <map>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t usualSchedules = 500;
#elif !defined(__OPTIMIZE__)
constexpr std::uint64_t usualSchedules = 1000;
#else
constexpr std::uint64_t usualSchedules = 10000;
#endif

std::uint64_t schedules() {
  return isFullSize() ? 1000000 : usualSchedules;
}

// Schedule n of a run has the seed of the run + n, so that giving it back repeats it first. The log is said
// apart: the message of a check is cut off.
QByteArray told(const SimulationReport& report) {
  if (!report.broken.empty())
    qInfo("RATDECK_TEST_SEED=%llu repeats it first; what happened:\n%s",
          static_cast<unsigned long long>(report.seed), report.log.c_str());
  return QByteArray::fromStdString(report.broken);
}

} // namespace

class RolloutPropertiesTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void everyRandomRolloutKeepsItsPromises() {
    std::map<std::string, int> results;
    size_t events = 0;
    int crashes = 0, commands = 0;
    auto seed = testSeed();
    for (std::uint64_t n = 0; n < schedules(); ++n) {
      auto report = simulate(seed + n);
      QVERIFY2(report.broken.empty(), told(report));
      ++results[toString(report.result)];
      events += report.events;
      crashes += report.crashes;
      commands += report.commands;
    }
    qInfo("%llu schedules, %zu events, %d crashes, %d commands beside those of a person who looks in",
          static_cast<unsigned long long>(schedules()), events, crashes, commands);
    for (const auto& [result, count] : results)
      qInfo("  %-16s %d", result.c_str(), count);
    if (schedules() < 10000)
      return;
    // So many reach every end there is: else they prove less than they seem to.
    for (auto result : {RolloutResult::Succeeded, RolloutResult::RolledBack, RolloutResult::RollbackFailed,
                        RolloutResult::Aborted, RolloutResult::Rejected, RolloutResult::PausedMixed})
      QVERIFY2(results[toString(result)] > 0, toString(result));
  }

  void theSameSeedGivesTheSameRollout() {
    auto seed = testSeed();
    for (std::uint64_t n = 0; n < 20; ++n) {
      auto first = simulate(seed + n), second = simulate(seed + n);
      QCOMPARE(first.events, second.events);
      QCOMPARE(first.virtualTime, second.virtualTime);
      QCOMPARE(first.result, second.result);
    }
  }
};

QTEST_GUILESS_MAIN(RolloutPropertiesTest)
#include "tst_rollout_properties.moc"
