#include "core/runtime/docker/lock_record.h"

#include "core/base/duration.h"
#include "core/base/plain_text.h"
#include "core/runtime/docker/copy_labels.h"

#include <algorithm>
#include <charconv>

namespace ratdeck {

namespace {

std::string labelOf(const DockerContainer& container, const char* name) {
  const auto found = container.labels.find(name);
  return found == container.labels.end() ? std::string() : plainText(found->second);
}

int numberOf(const std::string& text) {
  int number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  return bad == std::errc() && end == text.data() + text.size() ? number : 0;
}

std::string toSeconds(WallTime time) {
  return toRfc3339(time).substr(0, 19) + "Z";
}

} // namespace

Json lockContainer(const std::string& image, const LockHolder& holder) {
  return {{"Image", image},
          {"Entrypoint", {"/ratdeck-lock-is-never-started"}},
          {"Cmd", Json::array()},
          {"Labels",
           {{copy_labels::lock, holder.place},
            {copy_labels::owner, holder.user},
            {copy_labels::host, holder.host},
            {copy_labels::bootId, holder.bootId},
            {copy_labels::process, std::to_string(holder.process)},
            {copy_labels::rollout, holder.rollout}}},
          {"HostConfig", {{"NetworkMode", "none"}}}};
}

std::optional<LockRecord> lockRecordOf(const DockerContainer& container) {
  if (!container.labels.contains(copy_labels::lock))
    return std::nullopt;
  LockRecord record;
  record.holder = {labelOf(container, copy_labels::owner),
                   labelOf(container, copy_labels::host),
                   labelOf(container, copy_labels::bootId),
                   labelOf(container, copy_labels::lock),
                   numberOf(labelOf(container, copy_labels::process)),
                   labelOf(container, copy_labels::rollout)};
  record.since = container.createdAt;
  return record;
}

DockerFile lockHeartbeat(WallTime now) {
  DockerFile file;
  file.name = std::string(lockHeartbeatPath).substr(1);
  file.content = Secret(toRfc3339(now) + "\n");
  return file;
}

std::optional<WallTime> heartbeatIn(const DockerFile& file) {
  auto text = file.content.reveal();
  if (!text.empty() && text.back() == '\n')
    text.pop_back();
  const WallTime time = fromRfc3339(text);
  return time == WallTime() ? std::nullopt : std::optional(time);
}

Duration silenceOf(const LockRecord& record, WallTime now) {
  const auto last = std::max(record.since.value_or(WallTime()), record.heartbeat.value_or(WallTime()));
  return std::max(now - last, Duration::zero());
}

std::string describe(const LockRecord& record, WallTime now) {
  return record.holder.toString() + " since " +
         (record.since ? toSeconds(*record.since) : "an unknown time") + ", last heartbeat " +
         toHumanString(silenceOf(record, now)) + " ago";
}

Error heldBy(const LockRecord& record, WallTime now) {
  const bool isStale = silenceOf(record, now) >= staleLockAge;
  return {ErrorKind::Refused,
          "this stack is being changed by " + describe(record, now),
          isStale
              ? "if that process is gone for good, take the lock over with --take-over"
              : "wait until it ends; if that process is gone, its lock can be taken over with "
                "--take-over once the last heartbeat is " +
                    std::to_string(std::chrono::duration_cast<std::chrono::seconds>(staleLockAge).count()) +
                    " s old",
          {}};
}

} // namespace ratdeck
