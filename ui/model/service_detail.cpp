#include "ui/model/service_detail.h"

#include "core/base/duration.h"
#include "core/rollout/drain_steps.h"
#include "ui/model/countdown.h"
#include "ui/model/plain.h"
#include "ui/model/tr.h"

namespace ratdeck {

namespace {

Mood moodOf(const InstanceRollout& copy) {
  if (copy.hasFailed || copy.hasGivenUp || copy.isLeftover)
    return Mood::Failed;
  switch (copy.phase) {
  case InstancePhase::Serving:
    return Mood::Ok;
  case InstancePhase::Pending:
  case InstancePhase::Retired:
    return Mood::Idle;
  case InstancePhase::Draining:
  case InstancePhase::Warm:
  case InstancePhase::Gating:
    return Mood::Waiting;
  default:
    return Mood::Running;
  }
}

QString noteOf(const InstanceRollout& copy) {
  if (!copy.failure.empty())
    return plain(copy.failure);
  if (!copy.effectError.empty() && copy.attempt > 1)
    return tr("attempt %1: %2").arg(copy.attempt).arg(plain(copy.effectError));
  if (copy.wasForceKilled)
    return tr("killed at the end of its grace");
  if (copy.isKept)
    return tr("has run; its exited copy stays");
  return {};
}

CopyDetail copyDetail(const InstanceRollout& copy, Instant now) {
  CopyDetail detail;
  detail.id = plain(copy.id.value);
  detail.role = QString::fromLatin1(toString(copy.role));
  detail.phase = copy.hasFailed ? tr("failed, %1").arg(QString::fromLatin1(toString(copy.phase)))
                                : QString::fromLatin1(toString(copy.phase));
  detail.address = plain(copy.address);
  if (copy.phaseSince.boot != BootTime())
    detail.since = tr("for %1").arg(durationText(now.boot - copy.phaseSince.boot));
  if (copy.inFlight >= 0)
    detail.inFlight = QString::number(copy.inFlight);
  detail.note = noteOf(copy);
  detail.mood = moodOf(copy);
  return detail;
}

CopyDetail seenCopy(const InstanceInfo& copy) {
  CopyDetail detail;
  detail.id = plain(copy.id.value);
  detail.address = plain(copy.address);
  if (copy.state == InstanceState::Exited) {
    detail.phase = tr("exited, code %1").arg(copy.exitCode);
    detail.mood = Mood::Idle;
    return detail;
  }
  detail.phase = tr("running");
  detail.note = plain(copy.healthDetail);
  if (!copy.changedByHand.empty())
    detail.note = tr("changed by hand: %1").arg(plain(copy.changedByHand.front()));
  detail.mood = copy.health == Health::Healthy     ? Mood::Ok
                : copy.health == Health::Unhealthy ? Mood::Failed
                                                   : Mood::Unknown;
  return detail;
}

void addProbes(ServiceDetail& detail, const InstanceRollout& copy) {
  for (const auto& [probe, answer] : copy.probes)
    detail.probes.push_back({plain(copy.id.value), plain(probe),
                             answer.empty() ? tr("passes") : plain(answer),
                             answer.empty() ? Mood::Ok : Mood::Waiting});
}

Mood moodOf(Verdict verdict) {
  switch (verdict) {
  case Verdict::Passing:
    return Mood::Ok;
  case Verdict::Failing:
    return Mood::Failed;
  case Verdict::Inconclusive:
  case Verdict::Error:
    return Mood::Unknown;
  case Verdict::Pending:
    return Mood::Waiting;
  }
  return Mood::Unknown;
}

// What users get is asked like a probe: of one copy, or of the service as a whole.
void addAnalyses(ServiceDetail& detail, const ServiceRollout& service) {
  for (const auto& [key, analysis] : service.analyses)
    detail.probes.push_back({analysis.copy.isEmpty() ? tr("all copies") : plain(analysis.copy.value),
                             plain(analysis.name), plain(analysis.text), moodOf(analysis.verdict)});
}

void addOutput(ServiceDetail& detail, const InstanceRollout& copy) {
  for (const auto& line : memberAt(copy.evidence, "output"))
    if (line.is_string())
      detail.output << plain(copy.id.value + ": " + line.get<std::string>());
}

void addPlan(ServiceDetail& detail, const std::string& service, const Plan& plan) {
  for (const auto& change : plan.changes) {
    if (change.service != service)
      continue;
    detail.versions = change.from.empty() ? plain(change.to) : plain(change.from + " → " + change.to);
    for (const auto& field : change.fields)
      detail.changes << plain(field);
  }
  for (const auto& step : plan.steps)
    if (step.service == service)
      detail.steps << tr("%1 · at most %2").arg(plain(step.title), durationText(step.worstCase));
}

Mood moodOf(DrainStep::Outcome outcome) {
  switch (outcome) {
  case DrainStep::Outcome::Waits:
    return Mood::Waiting;
  case DrainStep::Outcome::TookEffect:
    return Mood::Ok;
  case DrainStep::Outcome::HadNone:
    return Mood::Idle;
  }
  return Mood::Unknown;
}

void addDrain(ServiceDetail& detail, const std::string& service, const RolloutState& state) {
  for (const auto& view : viewsOf(state))
    if (view.name() == service)
      for (const auto& step : drainStepsOf(view))
        detail.drain.push_back({plain(step.what), plain(step.text), moodOf(step.outcome)});
}

} // namespace

ServiceDetail serviceDetailOf(const std::string& service, const RolloutState* rollout, const World* world,
                              Instant now) {
  ServiceDetail detail;
  detail.name = plain(service);
  if (rollout) {
    addPlan(detail, service, rollout->plan);
    addDrain(detail, service, *rollout);
    for (const auto& [id, copy] : rollout->instances) {
      if (copy.service != service)
        continue;
      detail.copies.push_back(copyDetail(copy, now));
      addProbes(detail, copy);
      addOutput(detail, copy);
    }
    if (auto it = rollout->services.find(service); it != rollout->services.end())
      addAnalyses(detail, it->second);
  }
  if (detail.copies.empty() && world)
    for (const auto& copy : world->instances)
      if (copy.service == service)
        detail.copies.push_back(seenCopy(copy));
  return detail;
}

} // namespace ratdeck
