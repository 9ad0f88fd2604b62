// What a stack's lock says of its holder: the container's labels and the file in it, and the words for
// people. Pure.
#pragma once

#include "core/base/json.h"
#include "core/remote/docker/docker_container.h"
#include "core/remote/docker/docker_file.h"
#include "core/runtime/target_lock.h"

#include <optional>
#include <string>

namespace ratdeck {

struct LockRecord {
  LockHolder holder;
  std::optional<WallTime> since, heartbeat; // by the engine's clock
};

inline constexpr const char* lockHeartbeatFolder = "/";
inline constexpr const char* lockHeartbeatPath = "/ratdeck-heartbeat";

// The body of the create. The container cannot do anything: no network, a command that does not exist.
Json lockContainer(const std::string& image, const LockHolder& holder);
// Nothing where the container is no lock of ours.
std::optional<LockRecord> lockRecordOf(const DockerContainer& container);

DockerFile lockHeartbeat(WallTime now);
// Nothing for what is no time.
std::optional<WallTime> heartbeatIn(const DockerFile& file);

// How long ago the last sign of life was; never negative. The creation is one.
Duration silenceOf(const LockRecord& record, WallTime now);
// "uid 0 (root) on alpha (process 12, rollout R) since 2026-07-01T12:00:00Z, last heartbeat 3 s ago"
std::string describe(const LockRecord& record, WallTime now);
// Why the lock is not to be had, and what to do.
Error heldBy(const LockRecord& record, WallTime now);

} // namespace ratdeck
