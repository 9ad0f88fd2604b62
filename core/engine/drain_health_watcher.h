// Reads grpc.health of one old copy twice a second while its active work is drained, and reports what it says
// when that changes. It judges nothing: a drain is not failed by it.
#pragma once

#include "core/engine/watch_set.h"

namespace ratdeck {

class DrainHealthWatcher final : public Watcher {
public:
  // `prober` outlives this object.
  DrainHealthWatcher(Prober& prober, const DrainHealth& spec, const InstanceRollout& copy,
                     WatchSet::Post post);
  ~DrainHealthWatcher() override;

private:
  void read();

  Prober& m_prober;
  ProbeSpec m_probe;
  std::string m_service, m_address;
  InstanceId m_copy;
  WatchSet::Post m_post;
  QTimer m_timer;
  bool m_isReading = false;
  std::string m_last;
  std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace ratdeck
