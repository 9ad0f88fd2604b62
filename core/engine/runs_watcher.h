// Reads the active runs four times a second: reports changes, and quiet when zeros have held for three
// seconds. A reading that fails breaks the quiet: missing data is never zero.
#pragma once

#include "core/engine/count_feed.h"
#include "core/engine/watch_set.h"

namespace ratdeck {

class RunsWatcher final : public Watcher {
public:
  // `feed` may be null: then every reading says that runs cannot be read.
  RunsWatcher(RunsFeed* feed, const Clock& clock, std::string service, WatchSet::Post post);
  // Of a count of the service's own: on those of its old copies that serve.
  RunsWatcher(std::unique_ptr<CountFeed> feed, const Clock& clock, std::string service, WatchSet::Post post);
  ~RunsWatcher() override;
  void sync(const RolloutState& state) override;

private:
  void read();
  void answered(const Result<ActiveWork>& work);

  std::unique_ptr<CountFeed> m_own;
  RunsFeed* m_feed;
  const Clock& m_clock;
  std::string m_service;
  WatchSet::Post m_post;
  QTimer m_timer;
  bool m_isReading = false;
  Json m_last; // without ages, which change at each look
  int m_zeros = 0;
  BootTime m_zeroSince;
  bool m_isQuiet = false;
  std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace ratdeck
