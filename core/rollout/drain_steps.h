// What each step of a drain of active work has come to, for people: the hook that tells old copies to take no
// new work, what they say of it by gRPC health, the runs that are waited for. Pure.
#pragma once

#include "core/rollout/service_view.h"

#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

struct DrainStep {
  enum class Outcome { Waits, TookEffect, HadNone };
  std::string what; // "hook SIGUSR1", "gRPC health", "active runs"
  Outcome outcome = Outcome::Waits;
  std::string text; // "took effect on 1 of 2 copies", "unimplemented: it has no health service"
  bool operator==(const DrainStep&) const = default;
};

// In the order in which they are tried; empty while nothing of the service is drained.
std::vector<DrainStep> drainStepsOf(const ServiceView& view);
// Those before the count of runs in one line; "" where there are none.
std::string drainStepsText(const ServiceView& view);
// When the oldest of the runs began, as far as their ages are known.
std::optional<BootTime> oldestRunSince(const ServiceRollout& service);

} // namespace ratdeck
