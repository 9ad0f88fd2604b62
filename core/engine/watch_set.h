// Goes on looking at what the state asks to be looked at, and reports what changed.
//
// Gates: the probes of a new copy each interval; changes, and the streak that passes. Serving: the same
// probes and the error gate on a copy that has just got traffic. In flight: requests on a draining copy.
// Runs: active runs. Exits of any copy of the rollout. Everything here judges streaks and ratios that the
// plan defines, nothing else; what follows from them is decided in core/rollout. A target that has not
// answered for over 30 s is reported as away, and as returned when it answers again. Engine thread only.
#pragma once

#include "core/engine/engine_config.h"
#include "core/rollout/rollout.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace ratdeck {

// One watch under way; ends when destroyed.
class Watcher {
public:
  virtual ~Watcher() = default;
  // The state is another now.
  virtual void sync(const RolloutState&) {}
};

class WatchSet : public QObject {
public:
  using Post = std::function<void(Observation)>;
  WatchSet(Target target, std::shared_ptr<const SpecSource> specs, const Clock& clock, Post post);
  ~WatchSet() override;

  // Starts the watches that are wanted and not running, ends the others.
  void sync(const RolloutState& state);

private:
  // A copy of the rollout that should run.
  struct Tracked {
    std::string service;
    bool isOurs = false; // started by this rollout: a restart before the first look is news too
  };

  std::unique_ptr<Watcher> make(const Watch& watch, const RolloutState& state);
  std::unique_ptr<Watcher> makeRunsWatcher(const std::string& service, const RolloutState& state);
  void pollInstances();
  void noteReach(bool isReached);
  // `asked`: what was tracked when the list was asked for.
  std::vector<Observation> exitsIn(const std::vector<InstanceInfo>& list,
                                   const std::map<InstanceId, Tracked>& asked);
  void pollRouter();

  Target m_target;
  std::shared_ptr<const SpecSource> m_specs;
  const Clock& m_clock;
  Post m_post;
  std::map<Watch, std::unique_ptr<Watcher>> m_watchers;
  std::map<InstanceId, int> m_restarts; // restarts already reported, of the rollout's copies
  std::map<InstanceId, bool> m_exited;  // exits already reported
  std::map<InstanceId, Tracked> m_tracked;
  std::optional<BootTime> m_silentSince; // the first list without an answer; empty: the last one was answered
  bool m_isAway = false;
  QTimer m_instancePoll, m_routerPoll;
  bool m_isListing = false, m_isSampling = false;
  std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace ratdeck
