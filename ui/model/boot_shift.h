// By how much the boot clock's meaning has changed: after another boot of the machine a rollout's state moves
// its times, and whoever remembers some has to move along. Value type.
#pragma once

#include "core/rollout/rollout_state.h"

#include <optional>
#include <utility>

namespace ratdeck {

class BootShift {
public:
  // What times of before this event have to be moved by; zero but for a resume after another boot. `after` is
  // the state after the event.
  Duration at(const Event& event, const RolloutState& after) {
    if (event.type != EventType::RolloutStarted && event.type != EventType::RolloutResumed)
      return Duration::zero();
    const auto before = std::exchange(m_startedAt, after.startedAt.boot);
    return before ? *m_startedAt - *before : Duration::zero();
  }

private:
  std::optional<BootTime> m_startedAt;
};

} // namespace ratdeck
