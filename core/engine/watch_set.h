// Goes on looking at what the state asks to be looked at, and reports what changed.
//
// Gates: the probes of a new copy each interval; changes, and the streak that passes. Serving: the same
// probes and the error gate on a copy that has just got traffic. In flight: requests on a draining copy.
// Runs: active runs. Exits of any copy of the rollout. Everything here judges streaks and ratios that the
// plan defines, nothing else; what follows from them is decided in core/rollout. Engine thread only.
#pragma once

#include "core/engine/engine_config.h"
#include "core/rollout/rollout.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <map>
#include <memory>

namespace ratdeck {

// One watch under way; ends when destroyed.
class Watcher {
public:
  virtual ~Watcher() = default;
};

class WatchSet : public QObject {
public:
  using Post = std::function<void(Observation)>;
  WatchSet(Target target, const Clock& clock, Post post);
  ~WatchSet() override;

  // Starts the watches that are wanted and not running, ends the others.
  void sync(const RolloutState& state);

private:
  std::unique_ptr<Watcher> make(const Watch& watch, const RolloutState& state);
  void pollInstances();
  void pollRouter();

  Target m_target;
  const Clock& m_clock;
  Post m_post;
  std::map<Watch, std::unique_ptr<Watcher>> m_watchers;
  std::map<InstanceId, int> m_restarts;        // restarts already reported, of the rollout's copies
  std::map<InstanceId, bool> m_exited;         // exits already reported
  std::map<InstanceId, std::string> m_tracked; // the rollout's copies that should run -> service
  QTimer m_instancePoll, m_routerPoll;
  bool m_isListing = false, m_isSampling = false;
  std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace ratdeck
