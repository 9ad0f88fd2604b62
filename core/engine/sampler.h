// One record a second for all services: what the router counted. Charts and the verdict on users are made of
// it. Engine thread only.
#pragma once

#include "core/engine/watch_set.h"

namespace ratdeck {

class Sampler : public QObject {
public:
  using Post = std::function<void(Observation)>;
  // `router` may be null: then nothing is sampled, and nothing pretends to be zero.
  Sampler(Router* router, Post post);
  ~Sampler() override;

private:
  void read();

  Router* m_router;
  Post m_post;
  QTimer m_timer;
  bool m_isReading = false;
  // The reading before, for the differences. Who is not in it began to count after it.
  std::optional<std::map<std::pair<std::string, InstanceId>, RouterSample>> m_last;
  std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace ratdeck
