#include "core/base/digest.h"
#include "core/plan/plan_names.h"
#include "core/plan/plan_parts.h"
#include "core/plan/planner.h"

#include <set>

namespace ratdeck {

namespace {

constexpr size_t mostDifferences = 20;

Json numbersOf(const std::vector<PlannedCopy>& copies) {
  std::set<int> numbers;
  for (const auto& copy : copies)
    numbers.insert(copy.number);
  return numbers;
}

Json hashedService(const ServicePlan& service) {
  auto json = toJson(service);
  json.erase("order_reason");
  json.erase("seconds_without");
  json["old_copies"] = numbersOf(service.oldCopies);
  json["new_copies"] = numbersOf(service.newCopies);
  return json;
}

// Everything that decides what happens; keyed by names where it can be, so that a difference has a name.
Json hashedContent(const Plan& plan) {
  Json content = {{"project", plan.project},
                  {"runtime", plan.runtime},
                  {"unchanged", plan.unchanged},
                  {"unchanged_versions", plan.unchangedVersions},
                  {"on_failure_scope", plan_names::nameOf(plan.onFailureScope)},
                  {"unattended", plan.unattended},
                  {"bake", toGoString(plan.bake)}};
  content["waves"] = content["steps"] = content["excluded"] = content["verify"] = Json::array();
  content["services"] = content["approvals"] = content["changes"] = Json::object();
  for (const auto& wave : plan.waves)
    content["waves"].push_back({{"index", wave.index}, {"services", wave.services}, {"title", wave.title}});
  for (const auto& wave : plan.waves)
    if (wave.handsOverPorts)
      content["hands_over_ports"].push_back(wave.index);
  for (const auto& [name, service] : plan.services)
    content["services"][name] = hashedService(service);
  for (const auto& approval : plan.approvals)
    content["approvals"][approval.id] = toJson(approval);
  for (const auto& step : plan.steps)
    content["steps"].push_back({step.id, step.wave, step.service, toString(step.kind), step.needsApproval});
  for (const auto& item : plan.excluded)
    content["excluded"].push_back(item.service);
  for (const auto& change : plan.changes)
    content["changes"][change.service] = {
        {"from", change.from}, {"to", change.to}, {"fields", change.fields}};
  for (const auto& check : plan.verify)
    content["verify"].push_back(toJson(check));
  if (plan.isTry)
    content["try"] = true;
  if (!plan.alreadyDown.empty())
    content["already_down"] = plan.alreadyDown;
  if (plan.activeRuns)
    content["active_runs"] = toJson(*plan.activeRuns);
  return content;
}

std::string shortText(const Json& value) {
  auto text = value.is_string() ? value.get<std::string>() : dumpJson(value);
  if (value.is_null())
    return "nothing";
  constexpr size_t most = 60;
  return text.size() > most ? text.substr(0, most) + "..." : text;
}

void collect(const Json& before, const Json& now, const std::string& path, std::vector<std::string>& found) {
  if (before == now || found.size() >= mostDifferences)
    return;
  if (!before.is_object() || !now.is_object()) {
    found.push_back(path + ": " + shortText(before) + " -> " + shortText(now));
    return;
  }
  std::set<std::string> keys;
  for (const auto& [key, value] : before.items())
    keys.insert(key);
  for (const auto& [key, value] : now.items())
    keys.insert(key);
  for (const auto& key : keys)
    collect(memberAt(before, key.c_str()), memberAt(now, key.c_str()), path.empty() ? key : path + "." + key,
            found);
}

} // namespace

std::string planHash(const Plan& plan) {
  return sha256(dumpJson(hashedContent(plan)));
}

std::vector<std::string> differences(const Plan& before, const Plan& now) {
  std::vector<std::string> found;
  auto left = hashedContent(before), right = hashedContent(now);
  auto allLeft = left, allRight = right;
  for (const char* derived :
       {"steps", "changes"}) { // they follow from the rest: named only if nothing else moved
    left.erase(derived);
    right.erase(derived);
  }
  collect(left, right, "", found);
  if (found.empty())
    collect(allLeft, allRight, "", found);
  return found;
}

} // namespace ratdeck
