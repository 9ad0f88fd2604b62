// What was looked at before the first change, for people: what the target checked itself, images, active
// runs, health. What is amiss with it stands among the problems.
#include "core/plan/draft.h"

#include "core/base/wording.h"

#include <algorithm>
#include <chrono>

namespace ratdeck {

namespace {

bool isStarted(const ServiceDraft& service) {
  return service.fate == Fate::TakesPart && !service.plan.newCopies.empty();
}

std::string imagesText(const Draft& draft) {
  std::set<std::string> here, coming, lacking;
  for (const auto& [name, service] : draft.services) {
    const auto seen = draft.world().images.find(service.spec->image);
    if (!isStarted(service) || seen == draft.world().images.end())
      continue;
    const auto& image = seen->second;
    const bool isPulled = image.id.empty() || image.isMoved;
    (!image.missing.empty() ? lacking : isPulled ? coming : here).insert(seen->first);
  }
  if (here.empty() && coming.empty() && lacking.empty())
    return {};
  std::string text = std::to_string(here.size()) + " here";
  if (!coming.empty())
    text += ", " + std::to_string(coming.size()) + " to be pulled";
  if (!lacking.empty())
    text += ", " + std::to_string(lacking.size()) + " not to be had";
  return text;
}

std::string ageText(const RunsSeen& runs) {
  if (runs.oldestSeconds < 0)
    return {};
  return ", the oldest for " +
         toHumanString(std::chrono::seconds(static_cast<long long>(runs.oldestSeconds)));
}

std::string runsText(const RunsSeen& runs) {
  if (!runs.trouble.empty())
    return "cannot be counted: " + runs.trouble;
  return runs.count == 0 ? "none" : std::to_string(runs.count) + " now" + ageText(runs);
}

std::string healthText(const Draft& draft) {
  std::size_t copies = 0, bad = 0;
  for (const auto& copy : draft.world().instances)
    if (copy.state == InstanceState::Running) {
      ++copies;
      bad += copy.health == Health::Unhealthy || copy.routing == Routing::Down;
    }
  return copies == 0
             ? "nothing runs yet"
             : counted(copies, "copy runs", "copies run") +
                   (bad == 0 ? ", none fails its checks" : ", " + std::to_string(bad) + " of them bad");
}

std::string afterDeadline(const DrainPolicy& drain, bool hasPerson) {
  const std::string ask = hasPerson ? "somebody is asked" : "the release is undone";
  switch (drain.atDeadline) {
  case DeadlineAction::Wait:
    return ask;
  case DeadlineAction::Extend:
    return toHumanString(drain.extension) + " more, and then " + ask;
  case DeadlineAction::End:
    return "what still runs is ended";
  case DeadlineAction::Undo:
    return "the release is undone";
  }
  return {};
}

} // namespace

std::vector<TargetCheck> checksOf(const Draft& draft) {
  const auto& world = draft.world();
  if (!world.isReachable || !draft.changesAnything())
    return {};
  std::vector<TargetCheck> checks = {{"health", healthText(draft)}};
  if (auto images = imagesText(draft); !images.empty())
    checks.push_back({"images", images});
  checks.insert(checks.end(), world.checks.begin(), world.checks.end());
  if (world.runs)
    checks.push_back({"active runs", runsText(*world.runs)});
  const auto& policy = draft.stack().policy;
  if (!policy.windows.empty() || !policy.freezes.empty())
    checks.push_back({"windows", draft.request.schedule.empty() ? "open" : "closed"});
  return checks;
}

// How many there are now, and what becomes of them where they are waited for.
void findRuns(Draft& draft) {
  const auto& runs = draft.world().runs;
  if (!runs || (runs->trouble.empty() && runs->count == 0))
    return;
  for (const auto& [name, service] : draft.services) {
    if (service.fate != Fate::TakesPart || !service.plan.drain || !service.plan.drain->waitForRuns)
      continue;
    const auto& drain = *service.plan.drain;
    const auto what = runs->trouble.empty()
                          ? counted(static_cast<std::size_t>(runs->count), "run is", "runs are") +
                                " active now" + ageText(*runs)
                          : "active runs cannot be counted now (" + runs->trouble + ")";
    draft.addProblem(runs->trouble.empty() ? Severity::Info : Severity::Warning, "active-runs", service,
                     "x-ratdeck.drain",
                     what + ": the drain of " + name + " waits at most " + toHumanString(drain.deadline) +
                         " until there are none, and then " + afterDeadline(drain, draft.request.hasPerson));
  }
}

} // namespace ratdeck
