// A stack's lock on a Docker Engine: a container that is never started, `ratdeck-lock-PROJECT`. The engine
// takes a name once, so creating it is the acquisition; its labels say who made it. Labels cannot change
// later: the sign of life is a small file in it, written every ten seconds, with the engine's own time, so
// that the clocks of the consoles do not matter.
//
// Life of an acquisition: look by name -> (judge, remove by id) -> an image -> create (its age is the first
// sign of life). Whoever meets a Conflict looks again. It is ours as long as the container of our id has the
// name: one look each second, and one before each change. Without Compose's labels it is no part of the
// project for `docker compose`, and on no network. A `docker container prune` takes it away, which stops the
// rollout. Engine thread only.
#pragma once

#include "core/remote/docker/docker_call_set.h"
#include "core/remote/docker/docker_client.h"
#include "core/remote/outbox.h"
#include "core/runtime/target_lock.h"

#include <functional>
#include <memory>
#include <string>

namespace ratdeck {

class DockerLock final : public TargetLock {
public:
  // The id of an image that is on the engine, any.
  using FindImage = std::function<void(Callback<std::string>)>;
  struct Intervals {
    Duration watch = std::chrono::seconds(1);
    Duration heartbeat = std::chrono::seconds(10); // rounded up to a multiple of `watch`
  };

  // `client` outlives this object.
  DockerLock(DockerClient& client, const std::string& project, FindImage findImage, Intervals intervals);
  DockerLock(DockerClient& client, const std::string& project, FindImage findImage)
      : DockerLock(client, project, std::move(findImage), Intervals{}) {}

  const std::string& name() const { return m_name; }

  void acquire(const LockHolder& holder, bool takesOver, Callback<std::string> done) override;
  std::string handOver() override;
  void adopt(const std::string& token, OnLost onLost) override;
  void check(Callback<Done> done) override;
  void release(Callback<Done> done) override;

private:
  struct Acquiring;
  void keep();
  void watch();
  void beat(Callback<Done> done);
  void findOutWhoHasIt(Callback<Done> done);
  void tellLoss(const std::string& what, const Callback<Done>& done);

  DockerClient& m_client;
  std::string m_name;
  FindImage m_findImage;
  Intervals m_intervals;
  std::string m_container; // the id of ours; "" = we hold nothing
  OnLost m_onLost;
  Duration m_sinceBeat = Duration::zero();
  std::unique_ptr<Outbox> m_timer; // while it is kept
  Outbox m_outbox;
  DockerCallSet m_calls; // last: what it drops may name this object
};

} // namespace ratdeck
