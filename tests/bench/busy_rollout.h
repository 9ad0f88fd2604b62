// A rollout of many services in its busiest moment, and as many more events of it as anybody wants: probes
// that fail in another way each time, requests and runs that drain, copies that go through their stages over
// and over. What the window does with them is what it does with any.
#pragma once

#include "core/rollout/rollout.h"
#include "ui/model/console_facts.h"

#include <string>
#include <vector>

namespace ratdeck::test {

class BusyRollout {
public:
  // In three waves; half of the second one is under way.
  explicit BusyRollout(int services);

  TargetFacts target() const;
  StackFacts stack(Instant now) const;
  std::vector<Event> beginning(Instant now) const;
  // The next ones, all at this time.
  std::vector<Event> next(int count, Instant now);
  // What the router counted in a second: of each service and its two copies.
  Event sample(Instant now) const;
  const std::vector<std::string>& services() const { return m_services; }

private:
  Event nextOf(Instant now);

  Plan m_plan;
  std::vector<std::string> m_services;
  size_t m_turn = 0;
};

} // namespace ratdeck::test
