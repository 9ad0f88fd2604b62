#include "core/rollout/drain_steps.h"

#include <algorithm>
#include <set>

namespace ratdeck {

namespace {

using Outcome = DrainStep::Outcome;

std::vector<const InstanceRollout*> drained(const ServiceView& view) {
  std::vector<const InstanceRollout*> copies;
  for (const auto* copy : view.copies)
    if (copy->role == InstanceRole::Old && copy->batch == view.service.batch)
      copies.push_back(copy);
  return copies;
}

std::string ofCopies(size_t count, size_t all) {
  return std::to_string(count) + " of " + std::to_string(all) + (all == 1 ? " copy" : " copies");
}

DrainStep hookStep(const ServiceView& view) {
  const auto& hook = *view.plan.drain->hook;
  DrainStep step{"hook" + (hook.signal.empty() ? std::string() : " " + hook.signal), Outcome::Waits, ""};
  const auto copies = drained(view);
  size_t told = 0;
  std::string trouble;
  for (const auto* copy : copies) {
    told += copy->newWork == NewWork::Closed && copy->hookTrouble.empty() ? 1 : 0;
    if (!copy->hookTrouble.empty())
      trouble = copy->id.value + ": " + copy->hookTrouble;
  }
  if (told > 0)
    step.outcome = Outcome::TookEffect;
  else if (!trouble.empty())
    step.outcome = Outcome::HadNone;
  step.text = told > 0 || !trouble.empty() ? "took effect on " + ofCopies(told, copies.size()) : "is sent";
  if (!trouble.empty())
    step.text += " (" + trouble + ")";
  return step;
}

DrainStep healthStep(const ServiceView& view) {
  DrainStep step{"gRPC health", Outcome::Waits, "not read yet"};
  std::set<std::string> said;
  const auto copies = drained(view);
  for (const auto* copy : copies)
    if (!copy->drainHealth.empty())
      said.insert(copy->drainHealth);
  if (said.empty())
    return step;
  step.text.clear();
  for (const auto& health : said)
    step.text += (step.text.empty() ? "" : ", ") + health;
  const bool isUnimplemented = said.size() == 1 && *said.begin() == "unimplemented";
  const bool isConfirmed = std::all_of(copies.begin(), copies.end(),
                                       [](auto* copy) { return copy->drainHealth == "not serving"; });
  if (isUnimplemented)
    step.text += ": it has no health service";
  else if (isConfirmed)
    step.text += ": it takes no new work";
  step.outcome = isConfirmed ? Outcome::TookEffect : Outcome::HadNone;
  return step;
}

DrainStep runsStep(const ServiceView& view) {
  const auto& service = view.service;
  const auto count = service.activeRuns < 0 ? std::string("not known") : std::to_string(service.activeRuns);
  if (service.areRunsEnded)
    return {"active runs", Outcome::HadNone, count + ", ended by a decision"};
  return {"active runs", service.runsDrained ? Outcome::TookEffect : Outcome::Waits,
          service.runsTrouble.empty() ? count : count + ": " + service.runsTrouble};
}

} // namespace

std::vector<DrainStep> drainStepsOf(const ServiceView& view) {
  if (!view.drainsRuns() || view.service.drainSince == Instant())
    return {};
  std::vector<DrainStep> steps;
  if (view.plan.drain->hook)
    steps.push_back(hookStep(view));
  if (view.plan.drain->grpc)
    steps.push_back(healthStep(view));
  steps.push_back(runsStep(view));
  return steps;
}

std::string drainStepsText(const ServiceView& view) {
  std::string text;
  auto steps = drainStepsOf(view);
  for (size_t i = 0; i + 1 < steps.size(); ++i)
    text += (text.empty() ? "" : "; ") + steps[i].what + " " + steps[i].text;
  return text;
}

std::optional<BootTime> oldestRunSince(const ServiceRollout& service) {
  double oldest = -1;
  if (service.runs.is_array())
    for (const auto& run : service.runs)
      oldest = std::max(oldest, numberAt(run, "age_s", -1));
  if (oldest < 0)
    return std::nullopt;
  return service.runsObservedAt.boot -
         std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::min(oldest, 1e9)));
}

} // namespace ratdeck
