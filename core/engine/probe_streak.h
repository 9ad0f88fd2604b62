// Runs the probes of one copy again and again and counts how often in a row all of them passed.
#pragma once

#include "core/engine/watch_set.h"

#include <optional>

namespace ratdeck {

// What one round of all probes says of a copy. Inconclusive: none failed, but one could not be run (the
// target is out of reach, say), which tells nothing about the copy.
enum class Round { Passed, Failed, Inconclusive };

// How often: `interval` after a round that passed, `retry` after one that did not; the later of that and its
// answer.
struct Rhythm {
  Duration interval, retry;
};

// Posts ProbeChanged for each probe's first answer and each change of it; hands each round to `onRound`.
class ProbeRounds {
public:
  using OnRound = std::function<void(Round round, const std::string& firstFailure)>;
  ProbeRounds(Prober& prober, std::vector<ProbeSpec> probes, Rhythm rhythm, const InstanceRollout& instance,
              WatchSet::Post post, OnRound onRound);
  ~ProbeRounds();

private:
  void begin();
  void answered(size_t index, const Result<ProbeResult>& result);
  void end(Round round, const std::string& firstFailure);

  Prober& m_prober;
  std::vector<ProbeSpec> m_probes;
  std::string m_service;
  InstanceId m_instance;
  std::string m_address;
  WatchSet::Post m_post;
  OnRound m_onRound;
  Rhythm m_rhythm;
  QTimer m_timer;
  size_t m_open = 0;                        // probes of this round that have not answered
  bool m_isInconclusive = false;            // this round
  std::vector<std::string> m_failures;      // of this round, by probe; "" = none
  std::vector<std::optional<Round>> m_last; // by probe
  std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

// Reports GateStreak once the needed rounds in a row have passed. Without probes: once the copy has run long
// enough (an exit in between is seen elsewhere).
class GateWatcher final : public Watcher {
public:
  GateWatcher(Prober& prober, const ServicePlan& plan, std::vector<ProbeSpec> probes,
              const InstanceRollout& instance, WatchSet::Post post);

private:
  int m_streak = 0;
  QTimer m_minRunning;
  std::unique_ptr<ProbeRounds> m_rounds;
};

} // namespace ratdeck
