// One record a second for all services: what the router counted. Charts and the verdict on users are made of
// it. Lives in the thread of the router that it reads, which runs an event loop.
#pragma once

#include "core/engine/watch_set.h"

namespace ratdeck {

class Sampler : public QObject {
public:
  using Post = std::function<void(Observation)>;
  using Samples = std::function<void(Callback<std::vector<RouterSample>>)>;
  // `samples` reads the router; empty: then nothing is sampled, and nothing pretends to be zero.
  Sampler(Samples samples, Post post);
  ~Sampler() override;

private:
  void read();

  Samples m_samples;
  Post m_post;
  QTimer m_timer;
  bool m_isReading = false;
  // The reading before, for the differences. Who is not in it began to count after it.
  std::optional<std::map<std::pair<std::string, InstanceId>, RouterSample>> m_last;
  std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace ratdeck
