#include "core/rollout/rollout.h"

#include "core/rollout/refusal.h"
#include "core/rollout/turn.h"

#include <algorithm>

namespace ratdeck {

namespace {

// A rule that would never rest is a bug; it must not hang the engine.
constexpr int mostRounds = 10000;

// Until nothing more follows. Views are taken anew each round, since a restored copy may have come.
void advance(Turn& turn) {
  for (int round = 0; round < mostRounds; ++round) {
    auto before = turn.events().size();
    advanceFailures(turn);
    advanceTasks(turn);
    advanceWaves(turn);
    for (size_t i = 0; i < turn.views().size(); ++i)
      advanceService(turn, turn.views()[i]);
    advanceUndo(turn);
    for (size_t i = 0; i < turn.views().size(); ++i)
      advanceCopies(turn, turn.views()[i]);
    if (turn.events().size() == before)
      advanceEnd(turn);
    if (turn.events().size() == before)
      return;
  }
}

bool isActive(const RolloutState& state) {
  return state.phase == RolloutPhase::Rolling || state.phase == RolloutPhase::Undoing;
}

// A deadline that is long past when somebody looks: nobody looked in between, so nothing may be concluded
// from it yet.
void noticeGap(Turn& turn) {
  if (!isActive(turn.state()) || !canDestroy(turn.state()) || turn.state().plan.unattended)
    return;
  for (const auto& deadline : deadlinesOf(turn.state()))
    if (deadline.isDestructive && deadline.at + shortestGap < turn.now().boot) {
      turn.emit(EventType::AwayNoticed,
                {{"seconds", seconds(turn.now().boot - turn.state().lastEventAt.boot)}});
      turn.emit(EventType::ReturnNoticed);
      return;
    }
}

void begin(Turn& turn, const StartRollout& start) {
  if (turn.state().phase != RolloutPhase::New)
    return;
  Event event;
  event.type = EventType::RolloutStarted;
  event.actor = start.actor;
  event.reason = start.reason;
  event.detail = {{"plan", toJson(start.plan)},
                  {"has_person", start.hasPerson},
                  {"approve", start.approve},
                  {"undoes", start.undoes},
                  {"boot_id", start.bootId}};
  if (start.bakes)
    event.detail["bakes"] = true;
  if (!start.tookOver.empty())
    event.detail["took_over"] = start.tookOver;
  if (!start.windowOverride.empty())
    event.detail["window_override"] = start.windowOverride;
  turn.emit(std::move(event));
}

void undoAfterCrash(Turn& turn, const ResumeRollout& resumption) {
  const auto why = whyNotConfirmed(turn.state(), resumption.pastSchema);
  if (why.empty())
    return startUndo(turn, RolloutResult::Aborted, resumption.actor, "undone after a crash", "",
                     resumption.pastSchema);
  Event event;
  event.actor = resumption.actor;
  event.reason = why;
  event.type = EventType::CommandRefused;
  event.detail = {{"command", toString(CommandKind::Abort)}};
  turn.emit(event);
  event.type = EventType::RolloutHeld;
  event.detail = Json();
  if (!turn.state().isHeld)
    turn.emit(std::move(event));
}

void resume(Turn& turn, const ResumeRollout& resumption) {
  if (turn.state().phase == RolloutPhase::New) // its start never reached the journal
    turn.emit(EventType::RolloutEnded, {{"result", toString(RolloutResult::Failed)},
                                        {"reason", "nothing was begun: it was stopped before its start"}});
  if (!isActive(turn.state()))
    return;
  Event event;
  event.type = EventType::RolloutResumed;
  event.actor = resumption.actor;
  event.detail = {{"boot_id", resumption.bootId},
                  {"away_s", resumption.awaySeconds},
                  {"has_person", resumption.hasPerson}};
  if (!resumption.approve.empty())
    event.detail["approve"] = resumption.approve;
  if (resumption.bakes)
    event.detail["bakes"] = *resumption.bakes;
  if (!resumption.tookOver.empty())
    event.detail["took_over"] = resumption.tookOver;
  turn.emit(std::move(event));
  if (turn.state().phase != RolloutPhase::Rolling)
    return;
  if (resumption.undo)
    return undoAfterCrash(turn, resumption);
  if (turn.state().isHeld && !turn.state().stopsHere && !turn.state().heldBy.empty()) {
    Event release; // who resumes it goes on; a hold for a failure still asks
    release.type = EventType::RolloutContinued;
    release.actor = resumption.actor;
    turn.emit(std::move(release));
  }
}

void handle(Turn& turn, const Stimulus& stimulus) {
  if (const auto* start = std::get_if<StartRollout>(&stimulus))
    return begin(turn, *start);
  if (const auto* resumption = std::get_if<ResumeRollout>(&stimulus))
    return resume(turn, *resumption);
  noticeGap(turn);
  if (const auto* command = std::get_if<Command>(&stimulus))
    return obey(turn, *command);
  if (const auto* observation = std::get_if<Observation>(&stimulus))
    return take(turn, *observation);
}

bool isSample(const Stimulus& stimulus) {
  const auto* observation = std::get_if<Observation>(&stimulus);
  return observation && observation->kind == ObservationKind::Sampled;
}

std::vector<Effect> gained(const RolloutState& before, const RolloutState& after) {
  auto had = effectsOf(before);
  auto effects = effectsOf(after);
  std::erase_if(effects,
                [&](const Effect& effect) { return std::find(had.begin(), had.end(), effect) != had.end(); });
  return effects;
}

} // namespace

Decision decide(const RolloutState& state, const Stimulus& stimulus, Instant now) {
  if (isSample(stimulus)) { // charts only: nothing follows from it
    if (!isActive(state))
      return {};
    Event event;
    event.at = now;
    event.detail = std::get<Observation>(stimulus).detail;
    return {{std::move(event)}, {}};
  }
  Turn turn(state, now);
  handle(turn, stimulus);
  if (isActive(turn.state()))
    advance(turn);
  Decision decision;
  if (!turn.events().empty())
    decision.effects = gained(state, turn.state());
  decision.events = turn.takeEvents();
  return decision;
}

std::string refusalOf(const RolloutState& state, const Command& command, Instant now) {
  Turn turn(state, now);
  handle(turn, command);
  for (const Event& event : turn.events())
    if (event.type == EventType::CommandRefused)
      return event.reason;
  return {};
}

int exitCodeOf(const RolloutState& state) {
  switch (state.result) {
  case RolloutResult::None:
    return 130;
  case RolloutResult::Succeeded:
    return 0;
  case RolloutResult::Failed:
    return 1;
  case RolloutResult::RolledBack:
  case RolloutResult::Aborted:
    return 3;
  case RolloutResult::RollbackFailed:
    return 4;
  case RolloutResult::Rejected:
    return 5;
  case RolloutResult::PausedMixed:
    return 7;
  }
  return 1;
}

} // namespace ratdeck
