#include "ui/model/verb.h"

#include "core/rollout/past_schema.h"
#include "core/rollout/refusal.h"
#include "ui/model/countdown.h"
#include "ui/model/headline.h"
#include "ui/model/plain.h"
#include "ui/model/tr.h"

#include <QStringList>

#include <algorithm>

namespace ratdeck {

namespace {

Verb verbOf(CommandKind kind, const RolloutState& state, Instant now) {
  Command command;
  command.kind = kind;
  Verb verb;
  verb.kind = kind;
  if (kind == CommandKind::Abort)
    verb.pastSchema = pastSchemaOf(state).names();
  command.pastSchema = verb.pastSchema;
  verb.refusal = plain(refusalOf(state, command, now));
  verb.isPossible = verb.refusal.isEmpty();
  return verb;
}

bool isGoing(const InstanceRollout& copy) {
  switch (copy.phase) {
  case InstancePhase::Stopping:
  case InstancePhase::Removing:
  case InstancePhase::Retired:
    return true;
  default:
    return copy.hasFailed || copy.hasExited || copy.isStopped;
  }
}

// New copies that take traffic now.
bool hasSwitched(const RolloutState& state) {
  return std::any_of(state.instances.begin(), state.instances.end(), [](const auto& entry) {
    return entry.second.role == InstanceRole::New && entry.second.isInRouter;
  });
}

// How long a restart took in this rollout, else what a gate needs at least.
Duration restartTime(const RolloutState& state) {
  double longest = 0;
  for (const auto& [name, service] : state.services)
    longest = std::max(longest, std::max(0.0, service.startSeconds) + std::max(0.0, service.gateSeconds));
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::max(longest, 2.0)));
}

// Short enough for a button.
QString goalOf(const Plan& plan) {
  constexpr int longest = 24;
  const auto versions = versionsOf(plan, false);
  return versions.size() <= longest ? versions : tr("the old versions");
}

QString listOf(const std::vector<std::string>& words) {
  QStringList list;
  for (const auto& word : words)
    list << plain(word);
  return list.join(QStringLiteral(", "));
}

// What cannot be reversed is gone past only by somebody who knows what stays, and what is lost.
void askPastSchema(Verb& verb, const PastSchema& past) {
  const auto stays = listOf(past.stays), lost = listOf(past.lost), gone = listOf(past.gone);
  if (!verb.label.endsWith(QStringLiteral("…")))
    verb.label = tr("Undo…");
  if (verb.question.isEmpty())
    verb.question = tr("Undo this rollout?");
  const auto say = [&](const QString& versions, const QString& consequence, const QString& question) {
    if (versions.isEmpty())
      return;
    verb.consequence += consequence.arg(versions);
    verb.question += QLatin1Char(' ') + question.arg(versions);
  };
  say(stays, tr("; schema %1 stays"),
      tr("The code goes back, but these schema versions stay, since nothing takes them away: %1."));
  say(lost, tr("; data of %1 is lost"),
      tr("These schema versions are taken away, and their data is lost: %1."));
  say(gone, tr("; schema %1 does not come back"),
      tr("These schema versions were taken away, and do not come back with the code: %1."));
  verb.question += QLatin1Char(' ') + tr("Type their names if that may be, and the old version works so.");
}

} // namespace

int copiesToRestart(const RolloutState& state) {
  return static_cast<int>(
      std::count_if(state.instances.begin(), state.instances.end(), [](const auto& entry) {
        return entry.second.role == InstanceRole::Old && isGoing(entry.second);
      }));
}

Verb finishBakeVerb(const RolloutState& state, Instant now) {
  auto verb = verbOf(CommandKind::FinishBake, state, now);
  verb.label = tr("End the watch");
  verb.consequence = tr("the rollout counts as done");
  return verb;
}

Verb holdVerb(const RolloutState& state, Instant now) {
  if (state.isBaking && !state.isHeld)
    return finishBakeVerb(state, now);
  if (state.isHeld && !state.stopsHere) {
    auto verb = verbOf(CommandKind::Continue, state, now);
    verb.label = tr("Continue");
    verb.consequence = tr("goes on with the next step");
    return verb;
  }
  auto verb = verbOf(CommandKind::Hold, state, now);
  verb.label = tr("Hold");
  verb.consequence = tr("finishes the swaps in hand, starts nothing new");
  return verb;
}

Verb undoVerb(const RolloutState& state, Instant now) {
  auto verb = verbOf(CommandKind::Abort, state, now);
  const auto goal = goalOf(state.plan);
  const int restarts = copiesToRestart(state);
  if (state.phase == RolloutPhase::Undoing) {
    verb.label = tr("Undo is under way");
    verb.consequence = backText(state);
  } else if (restarts > 0) {
    const auto waves = (state.plan.waves.empty() ? 1 : std::max(1, state.wave));
    const auto time = durationText(restartTime(state) * waves);
    verb.label = tr("Undo…");
    verb.consequence =
        restarts == 1
            ? tr("back to %1: restarts 1 copy, about %2").arg(goal, time)
            : tr("back to %1: restarts %2 copies, about %3").arg(goal, QString::number(restarts), time);
    verb.question =
        tr("Undo this rollout? Old copies are gone already: %1. Services go back in reverse order, and "
           "each old copy must be healthy before it takes traffic.")
            .arg(verb.consequence);
  } else {
    verb.label = tr("Undo now");
    verb.consequence = hasSwitched(state) ? tr("traffic back on %1 in about 2 s").arg(goal)
                       : state.hasChanged ? tr("removes the new copies, no traffic moves")
                                          : tr("nothing was changed yet");
  }
  if (state.phase == RolloutPhase::Rolling && !verb.pastSchema.empty())
    askPastSchema(verb, pastSchemaOf(state));
  if (state.isAway && state.phase == RolloutPhase::Rolling && state.hasChanged)
    verb.consequence = tr("once the target answers: %1").arg(verb.consequence);
  return verb;
}

Verb stopHereVerb(const RolloutState& state, Instant now) {
  auto verb = verbOf(CommandKind::StopHere, state, now);
  verb.label = tr("Stop here, leave versions mixed…");
  verb.consequence = tr("ends the rollout after the swaps in hand");
  verb.question =
      tr("Stop here and leave versions mixed? The swaps in hand are finished, then the rollout ends: what "
         "was changed stays changed, the rest stays as it is.");
  return verb;
}

} // namespace ratdeck
