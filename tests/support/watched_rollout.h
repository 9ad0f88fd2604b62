// A rollout on the virtual world of rollout_world.h, as the window is told of it: the model gets the events
// in batches, and its clock is the world's.
#pragma once

#include "tests/support/manual_clock.h"
#include "tests/support/rollout_world.h"
#include "tests/support/sampled_rollout.h"
#include "ui/model/console_model.h"

#include <utility>

namespace ratdeck::test {

// What the plan's services come from; the clients of each are users.
inline TargetFacts targetOf(const Plan& plan) {
  TargetFacts target;
  target.title = "the sandbox default";
  target.runtime = "sandbox";
  target.stack.project = plan.project;
  for (const auto& [name, service] : plan.services) {
    ServiceSpec spec;
    spec.name = name;
    spec.image = "rat/" + name + ":" + service.toVersion;
    target.stack.services[name] = spec;
    target.userFacing.insert(name);
  }
  return target;
}

// One healthy copy of each old one, behind a router or without.
inline StackFacts stackOf(const Plan& plan, Instant now, bool hasRouter = true) {
  StackFacts stack;
  stack.seenAt = now.wall;
  stack.world.isReachable = true;
  stack.world.runtime = "sandbox";
  stack.world.hasRouter = hasRouter;
  for (const auto& [name, service] : plan.services)
    for (const auto& copy : service.oldCopies) {
      InstanceInfo info;
      info.id = copy.id;
      info.service = name;
      info.number = copy.number;
      info.image = "rat/" + name + ":" + service.fromVersion;
      info.health = Health::Healthy;
      stack.world.instances.push_back(info);
    }
  return stack;
}

class WatchedRollout {
public:
  explicit WatchedRollout(Plan plan, bool hasRouter = true) : world(std::move(plan)), model(clock) {
    model.showTarget(targetOf(world.start.plan));
    model.showStack(stackOf(world.start.plan, world.now(), hasRouter));
    model.refresh();
  }

  void begin() {
    model.prepareRollout();
    model.beginRollout("20261126-120000-c0ffee");
    world.begin();
    show();
  }
  // Tells what happened since.
  void show() {
    clock.advance(world.now().boot - clock.now().boot);
    const auto& events = world.events();
    if (const auto from = std::exchange(m_told, events.size()); from < events.size())
      model.addEvents({events.begin() + static_cast<std::ptrdiff_t>(from), events.end()});
    if (world.state().phase == RolloutPhase::Ended)
      model.endRollout();
    model.refresh();
  }
  void pass(Duration time) {
    world.pass(time);
    show();
  }
  bool runUntil(const std::string& logged) {
    const bool isReached = world.runUntil(logged);
    show();
    return isReached;
  }
  void send(const Stimulus& stimulus) {
    world.send(stimulus);
    show();
  }
  // What the router counts in the world's present second.
  void sample(const std::map<std::string, CountedSecond>& services) {
    model.addEvents({sampledAt(world.now(), services)});
    show();
  }
  const ConsoleView& view() const { return model.view(); }

  RolloutWorld world;
  ManualClock clock;
  ConsoleModel model;

private:
  size_t m_told = 0;
};

} // namespace ratdeck::test
