// Says when to look again. Events are hints: they may be lost, and an engine that is away sends none. So the
// listener is told on events, when the stream stands again, and every few seconds whatever happens; what is
// the case it finds out by asking.
//
// It knows nothing of what is looked at. On the thread of the connection.
#pragma once

#include "core/remote/docker/docker_events.h"

#include <memory>
#include <optional>

namespace ratdeck {

enum class DockerLook {
  Connected, // the stream stands, for the first time or again: anything may have happened before
  Event,     // one or several, within the settling time
  Lost,      // the stream has ended; it is tried again
  Periodic,
};

class DockerEventWatch {
public:
  struct Options {
    DockerFilters filters;
    Duration period = std::chrono::seconds(5);
    Duration settling = std::chrono::milliseconds(20); // events that come together are one look
    Duration firstPause =
        std::chrono::milliseconds(100); // before the stream is tried again; doubled each time
    Duration longestPause = std::chrono::seconds(5);
  };

  // `connection` must outlive it. `onLook` is called in turns of the event loop of its own, until this is
  // destroyed, and may destroy it.
  DockerEventWatch(DockerConnection& connection, Options options, std::function<void(DockerLook)> onLook);
  ~DockerEventWatch();
  DockerEventWatch(const DockerEventWatch&) = delete;
  DockerEventWatch& operator=(const DockerEventWatch&) = delete;

  bool isConnected() const;
  // Why the stream does not stand; nothing while it does, or before the first try has ended.
  std::optional<Error> trouble() const;

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace ratdeck
