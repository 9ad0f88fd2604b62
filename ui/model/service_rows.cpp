#include "ui/model/service_rows.h"

#include "core/rollout/rollout.h"
#include "ui/model/countdown.h"
#include "ui/model/interruption.h"
#include "ui/model/plain.h"
#include "ui/model/tr.h"
#include "ui/model/users_verdict.h"

#include <algorithm>
#include <set>

namespace ratdeck {

namespace {

constexpr Duration lately = std::chrono::seconds(5);

std::set<std::string> namesOf(const RowFacts& facts) {
  std::set<std::string> names;
  if (facts.stack)
    for (const auto& [name, service] : facts.stack->services)
      names.insert(name);
  if (facts.rollout) {
    for (const auto& [name, plan] : facts.rollout->plan.services)
      names.insert(name);
    names.insert(facts.rollout->plan.unchanged.begin(), facts.rollout->plan.unchanged.end());
  }
  if (facts.world && names.empty())
    for (const auto& copy : facts.world->instances)
      names.insert(copy.service);
  return names;
}

bool isRunning(const InstanceRollout& copy) {
  return copy.phase != InstancePhase::Pending && copy.phase != InstancePhase::Retired &&
         copy.phase != InstancePhase::Removing && !copy.isStopped && !copy.hasExited;
}

struct Copies {
  int fresh = 0, freshWell = 0, old = 0;
};

// What a rollout knows of one service.
class RollingRow {
  Q_DECLARE_TR_FUNCTIONS(ratdeck::RollingRow)
public:
  RollingRow(const RolloutState& state, const ServicePlan& plan, const std::vector<WaitReason>& reasons,
             Instant now)
      : m_state(state), m_plan(plan), m_reasons(reasons), m_now(now) {
    if (const auto it = state.services.find(plan.service); it != state.services.end())
      m_service = &it->second;
    for (const auto& [id, copy] : state.instances)
      if (copy.service == plan.service)
        m_copies.push_back(&copy);
  }

  void fill(ServiceRow& row) const {
    row.wave = m_plan.wave;
    fillVersions(row);
    fillStatus(row);
    row.copies = copiesText();
    row.health = healthText();
    fillWait(row);
  }

private:
  ServicePhase phase() const { return m_service ? m_service->phase : ServicePhase::Pending; }

  // The way it goes: forward or back again; what has arrived, or does not go at all, is where it is.
  void fillVersions(ServiceRow& row) const {
    const bool goesOn = m_state.phase == RolloutPhase::Rolling || m_state.phase == RolloutPhase::New;
    const bool isUntouched = phase() == ServicePhase::Pending || phase() == ServicePhase::AwaitingApproval;
    const bool isGoingBack = phase() == ServicePhase::Undoing || (m_service && m_service->hasUndoFailed);
    row.oldVersion = plain(isGoingBack ? m_plan.toVersion : m_plan.fromVersion);
    row.newVersion = plain(isGoingBack ? m_plan.fromVersion : m_plan.toVersion);
    if (phase() == ServicePhase::Finished)
      row.oldVersion = row.newVersion;
    if (phase() == ServicePhase::Finished || phase() == ServicePhase::Undone || (isUntouched && !goesOn))
      row.newVersion.clear();
  }

  bool isAnyIn(InstancePhase phase) const {
    return std::any_of(m_copies.begin(), m_copies.end(),
                       [&](const InstanceRollout* copy) { return copy->phase == phase && !copy->hasFailed; });
  }

  // What the copies are at, the step furthest on first.
  QString stepText() const {
    if (m_service && m_service->isDrainingRuns && !m_service->runsDrained)
      return tr("draining runs");
    for (const auto& [step, word] :
         {std::pair(InstancePhase::Stopping, tr("stopping old")),
          std::pair(InstancePhase::Leaving, tr("stopping old")),
          std::pair(InstancePhase::Draining, tr("draining")),
          std::pair(InstancePhase::Warm, tr("old kept warm")),
          std::pair(InstancePhase::Returning, tr("switching back")),
          std::pair(InstancePhase::Verifying, tr("verifying")),
          std::pair(InstancePhase::Joining, tr("switching")), std::pair(InstancePhase::Ready, tr("ready")),
          std::pair(InstancePhase::Gating, tr("at its gate")),
          std::pair(InstancePhase::Starting, tr("starting"))})
      if (isAnyIn(step))
        return word;
    return tr("rolling");
  }

  void fillStatus(ServiceRow& row) const {
    const auto say = [&row](Mood mood, const QString& status) {
      row.mood = mood;
      row.status = status;
    };
    if (m_service && m_service->hasUndoFailed)
      return say(Mood::Failed, tr("undo failed"));
    if (isInterrupted(m_state, m_plan.service))
      return say(Mood::Failed, tr("nobody serves, %1").arg(stepText()));
    switch (phase()) {
    case ServicePhase::Pending:
      return say(Mood::Idle, m_state.phase == RolloutPhase::Rolling ? tr("to come") : tr("not touched"));
    case ServicePhase::AwaitingApproval:
    case ServicePhase::AwaitingApprovalAfter:
      return say(Mood::Waiting, tr("waiting for approval"));
    case ServicePhase::Rolling:
      return say(m_service->isDrainingRuns && !m_service->runsDrained ? Mood::Waiting : Mood::Running,
                 stepText());
    case ServicePhase::Watching:
      return say(Mood::Running, tr("watched"));
    case ServicePhase::Finished:
      return say(Mood::Ok, m_plan.isOneShot ? tr("has run") : tr("updated"));
    case ServicePhase::Failed:
      return say(Mood::Failed, tr("failed"));
    case ServicePhase::Undoing:
      return say(Mood::Running, tr("going back"));
    case ServicePhase::Undone:
      return say(Mood::Ok, m_plan.fromVersion.empty() ? tr("removed again") : tr("back"));
    }
  }

  Copies counted() const {
    Copies copies;
    for (const auto* copy : m_copies) {
      if (!isRunning(*copy))
        continue;
      const bool isNew = copy->role == InstanceRole::New;
      copies.old += isNew ? 0 : 1;
      copies.fresh += isNew ? 1 : 0;
      copies.freshWell += isNew && copy->phase == InstancePhase::Serving ? 1 : 0;
    }
    return copies;
  }

  QString copiesText() const {
    if (m_copies.empty())
      return m_plan.oldCopies.empty() ? tr("%1 to start").arg(m_plan.newCopies.size())
                                      : tr("%1 old").arg(m_plan.oldCopies.size());
    const auto copies = counted();
    if (phase() == ServicePhase::Undone || phase() == ServicePhase::Pending)
      return tr("%1 old").arg(copies.old);
    const auto fresh = tr("%1 of %2 new").arg(copies.freshWell).arg(m_plan.newCopies.size());
    return copies.old == 0 ? fresh : fresh + QStringLiteral(" · ") + tr("%1 old").arg(copies.old);
  }

  QString healthText() const {
    for (const auto* copy : m_copies)
      if (copy->hasFailed)
        return tr("failed: %1").arg(plain(copy->failure));
    for (const auto* copy : m_copies) {
      if (copy->phase != InstancePhase::Gating)
        continue;
      for (const auto& [probe, answer] : copy->probes)
        if (!answer.empty())
          return plain(probe + ": " + answer);
      return tr("gate not passed yet");
    }
    if (std::any_of(m_copies.begin(), m_copies.end(),
                    [](const InstanceRollout* copy) { return copy->phase == InstancePhase::Serving; }))
      return tr("healthy");
    return {};
  }

  void fillWait(ServiceRow& row) const {
    for (const auto& reason : m_reasons) {
      if (reason.service != m_plan.service)
        continue;
      const bool isSooner = reason.until && (!row.until || *reason.until < *row.until);
      if (!row.waitingFor.isEmpty() && !isSooner)
        continue;
      row.waitingFor = plain(reason.text);
      if (reason.oldest)
        row.waitingFor += tr(", the oldest %1 old").arg(durationText(m_now.boot - *reason.oldest));
      row.until = reason.until;
      row.since = reason.since.boot;
      row.then = plain(reason.then);
    }
  }

  const RolloutState& m_state;
  const ServicePlan& m_plan;
  const std::vector<WaitReason>& m_reasons;
  const Instant m_now;
  const ServiceRollout* m_service = nullptr;
  std::vector<const InstanceRollout*> m_copies;
};

// Of a job that does not run: it has run to its end, or has not.
void fillFromJob(ServiceRow& row, const InstanceInfo& copy) {
  row.oldVersion = plain(ratdeck::versionOf(copy.image));
  row.mood = copy.exitCode == 0 ? Mood::Ok : Mood::Failed;
  row.status = copy.exitCode == 0 ? tr("has run") : tr("failed with exit code %1").arg(copy.exitCode);
}

// What was seen of a service that no rollout touches.
void fillFromWorld(ServiceRow& row, const std::string& name, const World& world, bool isJob) {
  const InstanceInfo* exited = nullptr;
  int running = 0, well = 0, ill = 0;
  std::string image, why;
  for (const auto& copy : world.instances) {
    if (copy.service == name && copy.state == InstanceState::Exited)
      exited = &copy;
    if (copy.service != name || copy.state != InstanceState::Running)
      continue;
    ++running;
    image = copy.image;
    well += copy.health == Health::Healthy;
    ill += copy.health == Health::Unhealthy;
    if (copy.health == Health::Unhealthy)
      why = copy.healthDetail;
  }
  if (running == 0 && isJob && exited)
    return fillFromJob(row, *exited);
  if (running == 0) {
    row.mood = Mood::Idle;
    row.status = tr("does not run");
    return;
  }
  row.oldVersion = plain(ratdeck::versionOf(image));
  row.copies = running == 1 ? tr("1 copy") : tr("%1 copies").arg(running);
  row.mood = ill > 0 ? Mood::Failed : well == running ? Mood::Ok : Mood::Unknown;
  row.status = ill > 0 ? tr("unhealthy") : well == running ? tr("healthy") : tr("health not known");
  row.health = ill > 0 ? plain(why) : row.status;
}

// What was so when the target was reached last need not be so now.
void doubt(ServiceRow& row) {
  if (row.mood != Mood::Failed)
    row.mood = Mood::Unknown;
  if (row.status != tr("not known"))
    row.status = tr("last seen: %1").arg(row.status);
  row.health.clear();
}

void fillTraffic(ServiceRow& row, const std::string& name, const TrafficCount& traffic, Instant now) {
  const auto last = traffic.lastSample();
  if (!last || now.boot - last->boot > sampleLifetime)
    return;
  const auto failure = traffic.lastFailureOf(name);
  if (failure && now.boot - failure->boot <= lately) {
    row.mood = Mood::Failed;
    row.status = tr("fails requests, %1").arg(row.status); // first, where there is no room for both
  }
  const auto rate = traffic.rateOf(name);
  row.inFlight = rate.inFlight;
  if (rate.requests)
    row.requestRate = static_cast<double>(*rate.requests);
}

ServiceRow rowOf(const RowFacts& facts, const std::string& name, const std::vector<WaitReason>& reasons) {
  const auto* spec = facts.stack ? facts.stack->find(name) : nullptr;
  ServiceRow row;
  row.name = plain(name);
  row.status = tr("not known");
  const auto* state = facts.rollout;
  const auto plan =
      state ? state->plan.services.find(name) : std::map<std::string, ServicePlan>::const_iterator();
  if (state && plan != state->plan.services.end())
    RollingRow(*state, plan->second, reasons, facts.now).fill(row);
  else if (facts.world && facts.world->isReachable)
    fillFromWorld(row, name, *facts.world, spec && spec->isOneShot);
  if (state && row.oldVersion.isEmpty() && row.newVersion.isEmpty())
    if (const auto kept = state->plan.unchangedVersions.find(name);
        kept != state->plan.unchangedVersions.end())
      row.oldVersion = plain(kept->second);
  if (spec)
    for (const auto& [other, dependency] : spec->dependsOn)
      row.dependsOn << plain(other);
  if (facts.traffic)
    fillTraffic(row, name, *facts.traffic, facts.now);
  if (!facts.isReached)
    doubt(row);
  return row;
}

} // namespace

ServiceRows serviceRowsOf(const RowFacts& facts) {
  ServiceRows rows;
  const auto reasons = facts.rollout ? reasonsOf(*facts.rollout) : std::vector<WaitReason>();
  for (const auto& name : namesOf(facts))
    rows.push_back(rowOf(facts, name, reasons));
  std::stable_sort(rows.begin(), rows.end(), [](const ServiceRow& a, const ServiceRow& b) {
    return (a.wave == 0 ? 1'000'000 : a.wave) < (b.wave == 0 ? 1'000'000 : b.wave);
  });
  return rows;
}

} // namespace ratdeck
