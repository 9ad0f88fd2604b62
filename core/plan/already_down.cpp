// Services whose old version serves nobody, and the shortest safe order for them.
//
// There is nothing to protect, so nothing is waited for on their behalf; but a look may be wrong, so a
// service that is well after all must not fare worse than in any other rollout. Hence:
//   - where two copies may stand side by side the new one starts first, as ever: the old one costs nobody
//     anything while it stays, its stop delays nothing, and a gate that fails needs only the new copy
//     removed;
//   - where they may not, the old one is stopped at once;
//   - its active runs are waited for as long as somebody may be working on them: not if the router finds
//   every
//     copy down, nor if it is this very service that would have to count them and it could not;
//   - an old copy is not kept warm: it is nothing to go back to in a hurry;
//   - time without it is counted as ever, and asked for as ever.
#include "core/plan/draft.h"

#include <algorithm>

namespace ratdeck {

namespace {

std::vector<const InstanceInfo*> runningCopies(const Draft& draft, const std::string& service) {
  std::vector<const InstanceInfo*> copies;
  for (const auto& copy : draft.world().instances)
    if (copy.service == service && copy.state == InstanceState::Running)
      copies.push_back(&copy);
  return copies;
}

// One whose checks said nothing may well serve.
bool servesNobody(const InstanceInfo& copy) {
  return copy.health == Health::Unhealthy || copy.routing == Routing::Down;
}

bool isDown(const Draft& draft, const ServiceDraft& service) {
  const auto copies = runningCopies(draft, service.spec->name);
  return !service.spec->isOneShot && !service.isRouter && !copies.empty() &&
         std::all_of(copies.begin(), copies.end(), [](const auto* copy) { return servesNobody(*copy); });
}

bool areAllDownAtRouter(const Draft& draft, const std::string& service) {
  const auto copies = runningCopies(draft, service);
  return std::all_of(copies.begin(), copies.end(),
                     [](const auto* copy) { return copy->routing == Routing::Down; });
}

bool wouldCountRunsInVain(const Draft& draft, const std::string& service) {
  const auto& runs = draft.world().runs;
  return draft.activeRuns && draft.activeRuns->service == service && runs && !runs->trouble.empty();
}

} // namespace

void findAlreadyDown(Draft& draft) {
  if (!draft.world().isReachable)
    return;
  for (auto& [name, service] : draft.services) {
    service.isDown = isDown(draft, service);
    if (!service.isDown || service.fate != Fate::TakesPart || service.plan.oldCopies.empty())
      continue;
    service.plan.keepWarm = 0s;
    if (service.plan.drain && (areAllDownAtRouter(draft, name) || wouldCountRunsInVain(draft, name)))
      service.plan.drain.reset();
  }
}

std::vector<std::string> alreadyDownOf(const Draft& draft) {
  std::vector<std::string> names;
  for (const auto& [name, service] : draft.services) {
    const bool isReplaced = service.fate == Fate::TakesPart && !service.plan.oldCopies.empty();
    const bool isAsked = std::any_of(draft.verify.begin(), draft.verify.end(),
                                     [&](const VerifySpec& check) { return check.service == name; });
    if (service.isDown && (isReplaced || isAsked))
      names.push_back(name);
  }
  return names;
}

std::string whyAlreadyDown(const Draft& draft, const ServiceDraft& service) {
  const auto& name = service.spec->name;
  const auto count = runningCopies(draft, name).size();
  std::string text = "nobody is served by " + name + ": " +
                     (count == 1 ? std::string("its copy fails its checks")
                                 : "each of its " + std::to_string(count) + " copies fails its checks");
  if (service.fate != Fate::TakesPart || service.plan.oldCopies.empty())
    return text + "; this plan leaves it as it is" +
           (wouldCountRunsInVain(draft, name)
                ? ", and while it is down active runs cannot be counted; mend it first: --service " + name
                : "");
  text += service.plan.order == UpdateOrder::StartFirst
              ? "; the shortest safe order: the new copy starts beside it and takes over when it has passed "
                "its gate"
              : "; the shortest safe order: it is stopped at once, and the new copy starts in its place";
  text += service.plan.drain ? ", after active runs that may still be its own" : ", and no run is waited for";
  text += "; if the gate fails it is left as broken as before";
  if (wouldCountRunsInVain(draft, name) && draft.request.services.empty())
    text += "; until then active runs cannot be counted, so whatever waits for them waits to its deadline: "
            "replace it alone first with --service " +
            name;
  return text;
}

} // namespace ratdeck
