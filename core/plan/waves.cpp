// Who is replaced when. Strict: tier after tier; loose: by declared dependencies alone. Services of one wave
// are replaced side by side.
#include "core/plan/draft.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr int routerGroup = -1;   // before all others: their copies get traffic through it
constexpr int handoverGroup = -2; // … but for those that hold its ports until then

// Everything the service needs, near and far; itself only in a cycle.
std::set<std::string> needsOf(const Draft& draft, const std::string& name) {
  std::set<std::string> needs;
  std::vector<std::string> open = {name};
  while (!open.empty()) {
    auto current = open.back();
    open.pop_back();
    auto service = draft.services.find(current);
    if (service == draft.services.end())
      continue;
    for (const auto& [needed, how] : service->second.spec->dependsOn)
      if (needs.insert(needed).second)
        open.push_back(needed);
  }
  return needs;
}

bool isCreated(const ServiceDraft& service) {
  return service.fate == Fate::TakesPart && service.plan.action == PlanAction::Create;
}

// A service that is started for the first time comes after what it depends on, whatever the tiers say. Where
// both run already the tiers win.
std::map<std::string, int> effectiveTiers(Draft& draft) {
  std::map<std::string, int> tiers;
  for (const auto& [name, service] : draft.services)
    tiers[name] = service.tier;
  for (size_t round = 0; round < draft.services.size(); ++round) {
    bool moved = false;
    for (const auto& [name, service] : draft.services) {
      if (service.fate != Fate::TakesPart)
        continue;
      for (const auto& [needed, how] : service.spec->dependsOn) {
        auto other = draft.services.find(needed);
        if (other == draft.services.end() || other->second.fate != Fate::TakesPart)
          continue;
        if ((isCreated(service) || isCreated(other->second)) && tiers[needed] > tiers[name]) {
          tiers[name] = tiers[needed];
          moved = true;
        }
      }
    }
    if (!moved)
      break;
  }
  return tiers;
}

void reportContradictions(Draft& draft) {
  for (const auto& [name, service] : draft.services) {
    if (service.fate != Fate::TakesPart)
      continue;
    for (const auto& [needed, how] : service.spec->dependsOn) {
      auto other = draft.services.find(needed);
      if (other == draft.services.end() || other->second.tier <= service.tier)
        continue;
      bool dependencyWins = isCreated(service) || isCreated(other->second);
      draft.addProblem(Severity::Warning, "depends-against-tier", service, "depends_on",
                       name + " depends on " + needed + ", whose tier comes later; " +
                           (dependencyWins
                                ? "here the dependency wins, since one of them is started for the first time"
                                : "here the tiers win, since both run already") +
                           "; give one of them another x-ratdeck.tier, or set x-ratdeck.tiers: loose");
    }
  }
}

// How many services of `group` have to be done before this one, one after another.
std::map<std::string, int> depthsIn(const Draft& draft, const std::set<std::string>& group) {
  std::map<std::string, std::set<std::string>> needs;
  for (const auto& name : group)
    for (const auto& needed : needsOf(draft, name))
      if (group.count(needed) && needed != name)
        needs[name].insert(needed);
  std::map<std::string, int> depths;
  std::set<std::string> open = group;
  for (int depth = 0; !open.empty(); ++depth) {
    std::set<std::string> ready;
    for (const auto& name : open)
      if (std::none_of(needs[name].begin(), needs[name].end(),
                       [&](const auto& n) { return open.count(n) != 0; }))
        ready.insert(name);
    if (ready.empty()) // a cycle, which the loader refuses: all that is left at once
      ready = open;
    for (const auto& name : ready) {
      depths[name] = depth;
      open.erase(name);
    }
  }
  return depths;
}

// Those that hold the router's ports, and what they need that is started here: a job, a service that is new.
std::set<std::string> handoverGroupOf(const Draft& draft) {
  std::set<std::string> group;
  for (const auto& [holder, service] : draft.services) {
    if (service.handsOverPort.empty() || service.fate != Fate::TakesPart)
      continue;
    group.insert(holder);
    for (const auto& name : needsOf(draft, holder)) {
      const auto needed = draft.services.find(name);
      if (needed != draft.services.end() && !needed->second.isRouter &&
          (isCreated(needed->second) ||
           (needed->second.fate == Fate::TakesPart && needed->second.spec->isOneShot)))
        group.insert(name);
    }
  }
  return group;
}

// Of those that hold ports the one that needs another goes first: it finds the old copy of that one.
std::map<std::string, int> depthsOfHandover(const Draft& draft, const std::set<std::string>& group) {
  auto depths = depthsIn(draft, group);
  int deepest = 0, before = 0;
  for (const auto& [name, depth] : depths) {
    deepest = std::max(deepest, depth);
    if (draft.services.at(name).handsOverPort.empty())
      before = std::max(before, depth + 1);
  }
  for (auto& [name, depth] : depths)
    if (!draft.services.at(name).handsOverPort.empty())
      depth = before + deepest - depth;
  return depths;
}

} // namespace

void layWaves(Draft& draft) {
  bool isStrict = draft.stack().policy.tiers == TierMode::Strict;
  auto tiers = effectiveTiers(draft);
  if (isStrict)
    reportContradictions(draft);
  const auto handover = handoverGroupOf(draft);
  std::map<int, std::set<std::string>> groups;
  for (const auto& [name, service] : draft.services)
    if (service.fate == Fate::TakesPart)
      groups[handover.contains(name) ? handoverGroup
             : service.isRouter      ? routerGroup
             : isStrict              ? tiers[name]
                                     : 0]
          .insert(name);
  for (const auto& [tier, group] : groups) {
    std::map<int, std::vector<std::string>> byDepth;
    for (const auto& [name, depth] :
         tier == handoverGroup ? depthsOfHandover(draft, group) : depthsIn(draft, group))
      byDepth[depth].push_back(name);
    for (const auto& [depth, names] : byDepth) {
      WavePlan wave;
      wave.index = static_cast<int>(draft.waves.size()) + 1;
      wave.services = names;
      wave.title = "wave " + std::to_string(wave.index);
      for (const auto& name : names) {
        auto& service = draft.services.at(name);
        service.plan.wave = wave.index;
        wave.handsOverPorts = tier == handoverGroup;
        if (wave.handsOverPorts)
          wave.title = "ports for the router";
        else if (service.isRouter)
          wave.title = "router";
        else if (isStrict && !service.tierTitle.empty())
          wave.title = draft.stack().policy.tierNames[static_cast<size_t>(tier)];
      }
      draft.waves.push_back(wave);
    }
  }
}

} // namespace ratdeck
