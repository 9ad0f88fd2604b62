// The first line of the window: are users hurt? What was not measured is a word, never a zero, and the word
// OK stands only for what was seen within the last two seconds. Pure.
#pragma once

#include "ui/model/status_line.h"
#include "ui/model/traffic_count.h"

namespace ratdeck {

enum class UsersState { Ok, Hurt, WereHurt, NotMeasured, NoData };

struct UsersVerdict {
  UsersState state = UsersState::NotMeasured;
  StatusLine line;
  std::optional<BootTime> hurtSince = {}; // Hurt: the first failure of this trouble
  bool operator==(const UsersVerdict&) const = default;
};

// After this long without a sample nothing is known any more.
inline constexpr Duration sampleLifetime = std::chrono::milliseconds(1900);

struct UsersFacts {
  const TrafficCount* count = nullptr;
  bool hasRouter = false;         // as the target was seen last; a sample proves it too
  bool isConnected = true;        // to the target, as far as is known
  std::optional<Instant> silence; // since when nothing is heard, where `count` cannot tell
  Instant now;
};

// "15 of 7,498 failed".
QString failedText(long long failed, long long requests);
UsersVerdict usersVerdict(const UsersFacts& facts);
// Of a rollout that is over: what was counted until its end.
UsersVerdict endVerdict(const TrafficCount& count, Instant end);

} // namespace ratdeck
