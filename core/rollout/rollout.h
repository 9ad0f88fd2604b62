// The house's one law:
//     decide(state, stimulus, now) -> events       apply(state, event) -> state       both pure
// The engine appends the events to the journal, applies them, and then starts what the new state asks for:
// effectsOf and watchesOf are functions of the state, so live, recovery and replay are the same thing.
#pragma once

#include "core/rollout/command.h"
#include "core/rollout/effect.h"
#include "core/rollout/observation.h"
#include "core/rollout/rollout_state.h"

#include <optional>
#include <set>
#include <variant>
#include <vector>

namespace ratdeck {

struct Tick {}; // time passed: some deadline may have
struct StartRollout {
  Plan plan;
  std::string actor;
  bool hasPerson = true;
  std::string approve = "ask"; // ask, auto, wait
  std::string undoes;          // the rollout that a rollback undoes
  std::string reason;          // in the words of who starts it: a change number; "" = none given
  std::string bootId;          // of this boot; "" = not known
  bool bakes = false;          // after its last step it goes on watching the release, for the plan's bake
  std::string tookOver;        // whose lock of the stack was taken over, for people; "" = nobody's
  std::string windowOverride;  // why it begins outside its windows or in a freeze; "" = it does not
};
struct ResumeRollout { // a new engine took this rollout over after a crash
  std::string actor;
  std::string bootId;
  double awaySeconds = 0;
  bool undo = false; // undo it instead of going on
  bool hasPerson = true;
  std::string approve = {};       // ask, auto, wait; "" = as before
  std::optional<bool> bakes = {}; // absent: as before
  std::string tookOver = {};      // as StartRollout's
};

using Stimulus = std::variant<Tick, StartRollout, ResumeRollout, Command, Observation>;

struct Decision {
  std::vector<Event> events;   // in order, `at` set to now
  std::vector<Effect> effects; // what effectsOf gained by them
};

// Never throws on any stimulus in any state. Idempotent: an observation that tells nothing new gives no
// event.
Decision decide(const RolloutState& state, const Stimulus& stimulus, Instant now);

// Total: an event that does not fit the state (a damaged journal) changes as little as possible and never
// throws.
void apply(RolloutState& state, const Event& event);

// Everything the state wants done now; effects wait for their notBefore.
std::vector<Effect> effectsOf(const RolloutState& state);
std::set<Watch> watchesOf(const RolloutState& state);
// Nothing is in hand that a hold lets finish: only watching and waiting is left.
bool isAtRest(const RolloutState& state);

// What the copies of the old version of a service (or of the new one) answered, as far as was seen.
RequestTally trafficOf(const RolloutState& state, const std::string& service, bool isNew);

struct Deadline {
  BootTime at;
  std::string code; // as WaitReason
  std::string service;
  bool isDestructive = false; // does not fire by itself after a gap
  bool operator==(const Deadline&) const = default;
};
// When decide wants a Tick; the earliest first.
std::vector<Deadline> deadlinesOf(const RolloutState& state);
std::vector<WaitReason> reasonsOf(const RolloutState& state);

// The exit code of the interface for an ended rollout (0, 1, 3, 4, 5, 7).
int exitCodeOf(const RolloutState& state);

} // namespace ratdeck
