// A line of the event log. Plain value.
#pragma once

#include "core/rollout/rollout_state.h"
#include "ui/model/service_row.h"

#include <optional>
#include <string>

namespace ratdeck {

struct LogRow {
  WallTime time;
  EventType type = EventType::Sampled;
  std::string service; // "" = of the rollout
  std::string what;    // may hold anything: the log neutralises it
  Mood mood = Mood::Idle;
};

// `after` is the state after the event. Absent for samples: they are the charts'. Pure.
std::optional<LogRow> logRowOf(const Event& event, const RolloutState& after);

} // namespace ratdeck
