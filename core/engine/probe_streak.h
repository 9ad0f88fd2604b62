// Runs the probes of one copy again and again and counts how often in a row all of them passed.
#pragma once

#include "core/engine/watch_set.h"

namespace ratdeck {

// Posts ProbeChanged for each probe's first answer and each change of it; hands each round to `onRound`.
class ProbeRounds {
public:
  using OnRound = std::function<void(bool allPassed, const std::string& firstFailure)>;
  ProbeRounds(Prober& prober, const ServicePlan& plan, const InstanceRollout& instance, WatchSet::Post post,
              OnRound onRound);
  ~ProbeRounds();

private:
  void begin();
  void answered(size_t index, const Result<ProbeResult>& result);

  Prober& m_prober;
  std::vector<ProbeSpec> m_probes;
  std::string m_service;
  InstanceId m_instance;
  std::string m_address;
  WatchSet::Post m_post;
  OnRound m_onRound;
  QTimer m_timer;
  size_t m_open = 0;                   // probes of this round that have not answered
  std::vector<std::string> m_failures; // of this round, by probe; "" = passed
  std::vector<int> m_last;             // -1 unknown, 0 failed, 1 passed
  std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

// Reports GateStreak once the needed rounds in a row have passed. Without probes: once the copy has run long
// enough (an exit in between is seen elsewhere).
class GateWatcher final : public Watcher {
public:
  GateWatcher(Prober& prober, const Clock& clock, const ServicePlan& plan, const InstanceRollout& instance,
              WatchSet::Post post);

private:
  int m_streak = 0;
  QTimer m_minRunning;
  std::unique_ptr<ProbeRounds> m_rounds;
};

} // namespace ratdeck
