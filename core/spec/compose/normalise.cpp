#include "core/spec/compose/normalise.h"

#include <algorithm>

namespace ratdeck::compose {

namespace {

Node impliedDependency(bool restarts, Place place) {
  auto node = Node::ofMap(place);
  node.set("condition", Node::ofText("service_started", place));
  node.set("restart", Node::ofBool(restarts, place));
  node.set("required", Node::ofBool(true, place));
  return node;
}

void imply(Node& service, const std::string& name, bool restarts, Place place) {
  auto* dependencies = service.find("depends_on");
  if (!dependencies)
    dependencies = &service.set("depends_on", Node::ofMap(place));
  if (!dependencies->find(name))
    dependencies->set(name, impliedDependency(restarts, place));
}

void implyDependencies(Node& service) {
  if (const auto* links = service.find("links"))
    for (const auto& link : std::vector<Node>(links->items)) {
      auto colon = link.text.find(':');
      bool isPair = colon != std::string::npos && link.text.find(':', colon + 1) == std::string::npos;
      imply(service, isPair ? link.text.substr(0, colon) : link.text, true, link.place);
    }
  for (const char* key : {"network_mode", "ipc", "pid", "uts", "cgroup"}) {
    const auto* space = service.find(key);
    if (!space || space->text.rfind("service:", 0) != 0)
      continue;
    auto place = space->place;
    imply(service, space->text.substr(8), true, place);
  }
  if (const auto* volumes = service.find("volumes_from"))
    for (const auto& from : std::vector<Node>(volumes->items))
      if (from.text.rfind("container:", 0) != 0)
        imply(service, from.text.substr(0, from.text.find(':')), false, from.place);
}

// NAME or NAME: -> the environment's value, where it has one.
void resolveNames(Node& variables, const Variables& environment, Report& report) {
  for (auto& item : variables.items)
    if (item.text.find('=') == std::string::npos)
      if (auto it = environment.find(item.text);
          it != environment.end() && report.takeText(it->second.size(), item.place))
        item.text += "=" + it->second;
  for (auto& entry : variables.entries)
    if (entry.value.isNull())
      if (auto it = environment.find(entry.key);
          it != environment.end() && report.takeText(it->second.size(), entry.place))
        entry.value = Node::ofText(it->second, entry.place);
}

void dropNamesWithoutValue(Node& variables) {
  std::erase_if(variables.items, [](const Node& n) { return n.text.find('=') == std::string::npos; });
  std::erase_if(variables.entries, [](const Entry& e) { return e.value.isNull(); });
}

void normaliseBuild(Node& service, const Variables& environment, Report& report) {
  auto* build = service.find("build");
  if (!build || !build->isMap())
    return;
  if (!build->find("context"))
    build->set("context", Node::ofText(".", build->place));
  if (!build->find("dockerfile") && !build->find("dockerfile_inline"))
    build->set("dockerfile", Node::ofText("Dockerfile", build->place));
  if (auto* args = build->find("args")) {
    resolveNames(*args, environment, report);
    dropNamesWithoutValue(*args);
  }
}

// Services that name no network are on "default"; true if it is used.
bool joinDefaultNetwork(Node& service) {
  if (service.find("network_mode") || service.find("provider"))
    return false;
  const auto* networks = service.find("networks");
  if (!networks || (networks->isMap() && networks->entries.empty())) {
    auto map = Node::ofMap(service.place);
    map.set("default", Node{});
    service.set("networks", std::move(map));
    return true;
  }
  return networks->find("default") != nullptr;
}

void nameResources(Node& model, const std::string& project) {
  for (const char* section : {"networks", "volumes", "configs", "secrets"}) {
    auto* resources = model.find(section);
    if (!resources)
      continue;
    for (auto& entry : resources->entries) {
      if (!entry.value.isMap())
        entry.value = Node::ofMap(entry.place);
      const auto* name = entry.value.find("name");
      if (name && !name->isNull())
        continue;
      const auto* external = entry.value.find("external");
      auto given = external && external->isTrue() ? entry.key : project + "_" + entry.key;
      entry.value.set("name", Node::ofText(given, entry.place));
    }
  }
}

} // namespace

void normalise(Node& model, const std::string& project, const Variables& environment, Report& report) {
  bool usesDefault = false;
  if (auto* services = model.find("services"))
    for (auto& entry : services->entries) {
      usesDefault = joinDefaultNetwork(entry.value) || usesDefault;
      if (entry.value.textAt("pull_policy") == "if_not_present")
        entry.value.set("pull_policy", Node::ofText("missing", entry.value.place));
      normaliseBuild(entry.value, environment, report);
      if (auto* variables = entry.value.find("environment"))
        resolveNames(*variables, environment, report);
      implyDependencies(entry.value);
    }
  if (usesDefault) {
    auto* networks = model.find("networks");
    if (!networks)
      networks = &model.set("networks", Node::ofMap());
    if (!networks->find("default"))
      networks->set("default", Node{});
  }
  nameResources(model, project);
}

bool isActive(const Node& service, const std::vector<std::string>& profiles) {
  const auto* own = service.find("profiles");
  if (!own || own->items.empty())
    return true;
  return std::any_of(profiles.begin(), profiles.end(), [&](const std::string& profile) {
    return profile == "*" || std::any_of(own->items.begin(), own->items.end(),
                                         [&](const Node& n) { return n.text == profile; });
  });
}

} // namespace ratdeck::compose
