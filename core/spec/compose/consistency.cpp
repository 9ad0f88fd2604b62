#include "core/spec/compose/consistency.h"

#include "core/spec/compose/nearest.h"
#include "core/spec/compose/normalise.h"
#include "core/spec/compose/ports.h"
#include "core/spec/compose/values.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>

namespace ratdeck::compose {

namespace {

std::vector<std::string> keysOf(const Node* map) {
  std::vector<std::string> keys;
  if (map)
    for (const auto& entry : map->entries)
      keys.push_back(entry.key);
  return keys;
}

std::string joined(const std::vector<std::string>& words, const char* separator) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : separator) + word;
  return text;
}

void checkExternal(const std::string& path, const Node& resource, Report& report) {
  const auto* external = resource.find("external");
  if (!external || !external->isTrue())
    return;
  for (const auto& entry : resource.entries)
    if (entry.key != "external" && entry.key != "name" && entry.key.rfind("x-", 0) != 0)
      report.fail(entry.place, path + ": conflicting parameters \"external\" and \"" + entry.key + "\"",
                  "an external resource has only a name");
}

void checkSources(const std::string& path, const Node& resource, const std::vector<std::string>& keys,
                  Report& report) {
  auto count =
      std::count_if(keys.begin(), keys.end(), [&](const std::string& k) { return resource.find(k); });
  if (count > 1)
    report.fail(resource.place, path + ": " + joined(keys, "|") + " attributes are mutually exclusive",
                "keep one");
  if (count == 0 && !resource.find("driver") && !resource.find("external"))
    report.fail(resource.place, path + ": one of " + joined(keys, "|") + " must be set", "add one of them");
}

// The node at a chain of keys, null if there is none.
const Node* at(const Node& node, std::initializer_list<const char*> keys) {
  const auto* found = &node;
  for (const auto* key : keys)
    if (found)
      found = found->find(key);
  return found;
}

void checkDevices(const std::string& path, const Node* devices, Report& report) {
  if (!devices)
    return;
  for (const auto& device : devices->items)
    if (device.find("count") && device.find("device_ids"))
      report.fail(device.place, path + ": \"count\" and \"device_ids\" are mutually exclusive", "keep one");
}

void checkService(const std::string& path, const Node& service, Report& report) {
  if (const auto* ports = service.find("ports"))
    for (const auto& port : ports->items) {
      const auto* ip = port.find("host_ip");
      if (ip && !isIpAddress(ip->text))
        report.fail(port.place, path + ".ports: invalid IP address \"" + ip->text + "\"",
                    "write an IPv4 or IPv6 address");
    }
  checkDevices(path + ".gpus", service.find("gpus"), report);
  checkDevices(path + ".deploy.resources.reservations.devices",
               at(service, {"deploy", "resources", "reservations", "devices"}), report);
  if (const auto* watch = at(service, {"develop", "watch"}))
    for (const auto& rule : watch->items)
      if (rule.textAt("path").empty())
        report.fail(rule.place, path + ".develop.watch: the path is empty", "write the path to watch");
}

} // namespace

void checkValues(const Node& model, Report& report) {
  if (const auto* volumes = model.find("volumes"))
    for (const auto& entry : volumes->entries)
      checkExternal("volumes." + entry.key, entry.value, report);
  if (const auto* secrets = model.find("secrets"))
    for (const auto& entry : secrets->entries)
      checkSources("secrets." + entry.key, entry.value, {"file", "environment"}, report);
  if (const auto* configs = model.find("configs"))
    for (const auto& entry : configs->entries)
      checkSources("configs." + entry.key, entry.value, {"file", "environment", "content"}, report);
  if (const auto* services = model.find("services"))
    for (const auto& entry : services->entries)
      checkService("services." + entry.key, entry.value, report);
}

namespace {

class Consistency {
public:
  Consistency(Node& model, const std::vector<std::string>& profiles, Report& report)
      : m_model(model), m_report(report) {
    if (auto* services = model.find("services"))
      for (auto& entry : services->entries) {
        m_all.insert(entry.key);
        if (isActive(entry.value, profiles))
          m_active.emplace(entry.key, &entry.value);
        m_places[entry.key] = entry.place.line != 0 ? entry.place : entry.value.place;
      }
  }

  void run() {
    checkSecrets();
    for (auto& [name, service] : m_active) {
      m_name = name;
      m_service = service;
      checkService();
      if (m_report.hasFailed())
        return;
    }
    checkCircles();
  }

private:
  void fail(Place place, const std::string& message, const std::string& next) {
    m_report.fail(place, "service \"" + m_name + "\" " + message, next);
  }

  void checkSecrets() {
    if (const auto* secrets = m_model.find("secrets"))
      for (const auto& entry : secrets->entries) {
        const auto* external = entry.value.find("external");
        bool hasSource = !entry.value.textAt("file").empty() || !entry.value.textAt("environment").empty();
        if (!hasSource && !(external && external->isTrue()) && !entry.value.find("driver"))
          m_report.fail(entry.value.place,
                        "secrets." + entry.key + " must declare either file or environment",
                        "add one of them");
      }
  }

  void checkService() {
    const auto& service = *m_service;
    bool hasImage = !service.textAt("image").empty();
    if (!hasImage && !service.find("build") && !service.find("provider"))
      fail(m_places[m_name], "has neither an image nor a build context specified", "add image: or build:");
    if (const auto* build = service.find("build"))
      checkBuild(*build);
    const auto* networks = service.find("networks");
    if (!service.textAt("network_mode").empty() && networks && !networks->entries.empty())
      fail(networks->place, "declares mutually exclusive network_mode and networks", "keep one of them");
    checkReferences("networks", "network", keyed(networks));
    checkHealthcheck();
    checkDependencies();
    checkVolumes();
    checkReferences("configs", "config", sources(service.find("configs")));
    checkReferences("secrets", "secret", sources(service.find("secrets")));
    checkCounts();
    checkLimits();
    checkWatch();
  }

  using Names = std::vector<std::pair<std::string, Place>>;

  static Names keyed(const Node* map) {
    Names names;
    if (map)
      for (const auto& entry : map->entries)
        names.emplace_back(entry.key, entry.place);
    return names;
  }
  static Names sources(const Node* list) {
    Names names;
    if (list)
      for (const auto& item : list->items)
        names.emplace_back(item.textAt("source"), item.place);
    return names;
  }

  void checkReferences(const char* section, const std::string& what, const Names& names) {
    const auto* known = m_model.find(section);
    for (const auto& [name, place] : names)
      if (!known || !known->find(name))
        fail(place, "refers to undefined " + what + " \"" + name + "\"",
             didYouMean(name, keysOf(known), "define it under " + std::string(section) + ":"));
  }

  void checkBuild(const Node& build) {
    if (build.find("dockerfile") && build.find("dockerfile_inline"))
      fail(build.place, "declares mutually exclusive dockerfile and dockerfile_inline", "keep one of them");
    checkReferences("secrets", "build secret", sources(build.find("secrets")));
    const auto* platforms = build.find("platforms");
    auto platform = m_service->textAt("platform");
    if (platforms && !platforms->items.empty() && !platform.empty() &&
        std::none_of(platforms->items.begin(), platforms->items.end(),
                     [&](const Node& n) { return n.text == platform; }))
      fail(platforms->place, "builds for platforms that do not include its platform " + platform,
           "add it to the list");
  }

  void checkHealthcheck() {
    const auto* healthcheck = m_service->find("healthcheck");
    const auto* test = healthcheck ? healthcheck->find("test") : nullptr;
    if (!test || !test->isList() || test->items.empty())
      return;
    const auto& first = test->items.front().text;
    if (first != "CMD" && first != "CMD-SHELL" && first != "NONE")
      m_report.fail(test->items.front().place,
                    "services." + m_name +
                        ".healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\"",
                    "write [\"CMD\", …]");
  }

  void checkDependencies() {
    const auto* dependencies = m_service->find("depends_on");
    if (!dependencies)
      return;
    for (const auto& entry : dependencies->entries) {
      if (m_active.count(entry.key))
        continue;
      const auto* required = entry.value.find("required");
      bool isRequired = !required || required->isTrue();
      bool isKnown = m_all.count(entry.key) > 0;
      if (isKnown && !isRequired)
        continue;
      std::vector<std::string> known(m_all.begin(), m_all.end());
      fail(entry.place.line ? entry.place : entry.value.place,
           isKnown ? "depends on undefined service \"" + entry.key + "\": none of its profiles is active"
                   : "depends on undefined service \"" + entry.key + "\"",
           isKnown ? "activate a profile of it with --profile, or write required: false"
                   : didYouMean(entry.key, known, "define it under services:"));
      return;
    }
  }

  void checkVolumes() {
    Names names;
    if (const auto* volumes = m_service->find("volumes"))
      for (const auto& item : volumes->items)
        if (item.textAt("type") == "volume" && !item.textAt("source").empty())
          names.emplace_back(item.textAt("source"), item.place);
    checkReferences("volumes", "volume", names);
  }

  // `scale` and `deploy.replicas` say the same; a fixed name is for one container.
  void checkCounts() {
    auto* scale = m_service->find("scale");
    auto* deploy = m_service->find("deploy");
    const auto* replicas = deploy ? deploy->find("replicas") : nullptr;
    if (scale && replicas && !replicas->isNull() && scale->integer != replicas->integer) {
      m_report.fail(scale->place,
                    "services." + m_name + ": can't set distinct values on 'scale' and 'deploy.replicas'",
                    "keep deploy.replicas");
      return;
    }
    const auto* count = scale ? scale : replicas;
    if (count && count->kind == NodeKind::Integer && count->integer > 1 &&
        !m_service->textAt("container_name").empty())
      m_report.fail(m_service->find("container_name")->place,
                    "services." + m_name + ": can't set container_name and " +
                        (scale ? "scale" : "deploy.replicas") + " as container name must be unique",
                    "remove container_name");
    if (scale && deploy && deploy->isMap())
      deploy->set("replicas", *scale);
  }

  // What an amount says: bytes for memory, 0 where it is left out or malformed.
  static double amountOf(const Node* node, bool isMemory) {
    if (!node)
      return 0;
    if (node->kind == NodeKind::Integer)
      return static_cast<double>(node->integer);
    if (node->kind == NodeKind::Float)
      return node->number;
    return isMemory ? static_cast<double>(parseSize(node->text).value_or(0))
                    : std::strtod(node->text.c_str(), nullptr);
  }

  // Both ways to write a limit must say the same once `deploy` has such a section, even if it leaves it out.
  void checkLimits() {
    struct Pair {
      const char* mine;
      const char* section;
      const char* theirs;
    };
    constexpr std::array<Pair, 4> pairs{{{"cpus", "limits", "cpus"},
                                         {"mem_limit", "limits", "memory"},
                                         {"mem_reservation", "reservations", "memory"},
                                         {"pids_limit", "limits", "pids"}}};
    for (const auto& pair : pairs) {
      const auto* mine = m_service->find(pair.mine);
      const auto* section = at(*m_service, {"deploy", "resources", pair.section});
      bool isMemory = std::string_view(pair.theirs) == "memory";
      auto amount = amountOf(mine, isMemory);
      if (amount == 0 || !section || amount == amountOf(section->find(pair.theirs), isMemory))
        continue;
      auto full = "deploy.resources." + std::string(pair.section) + "." + pair.theirs;
      m_report.fail(mine->place,
                    "services." + m_name + ": can't set distinct values on '" + pair.mine + "' and '" + full +
                        "'",
                    "keep " + full);
    }
  }

  void checkWatch() {
    const auto* watch = at(*m_service, {"develop", "watch"});
    if (!watch)
      return;
    for (const auto& rule : watch->items)
      if (rule.textAt("action").rfind("sync", 0) == 0 && rule.textAt("target").empty())
        m_report.fail(rule.place,
                      "services." + m_name + ".develop.watch: target is required for the action " +
                          rule.textAt("action"),
                      "add target: and the path inside the container");
  }

  void checkCircles() {
    std::map<std::string, int> state; // 1 = on the path, 2 = done
    for (const auto& [name, service] : m_active) {
      std::vector<std::string> path;
      if (state[name] == 0 && followsCircle(name, state, path))
        return;
    }
  }

  // Depth first without recursion: a chain may be as long as there are services.
  bool followsCircle(const std::string& start, std::map<std::string, int>& state,
                     std::vector<std::string>& path) {
    std::vector<size_t> next{0};
    path.push_back(start);
    state[start] = 1;
    while (!path.empty()) {
      const auto* dependencies = m_active.at(path.back())->find("depends_on");
      if (!dependencies || next.back() >= dependencies->entries.size()) {
        state[path.back()] = 2;
        path.pop_back();
        next.pop_back();
        continue;
      }
      const auto& entry = dependencies->entries[next.back()++];
      if (!m_active.count(entry.key) || state[entry.key] == 2)
        continue;
      if (state[entry.key] == 1) {
        auto begin = std::find(path.begin(), path.end(), entry.key);
        m_report.fail(entry.place.line ? entry.place : entry.value.place,
                      "dependency cycle detected: " + joined({begin, path.end()}, " -> ") + " -> " +
                          entry.key,
                      "remove one of these dependencies");
        return true;
      }
      state[entry.key] = 1;
      path.push_back(entry.key);
      next.push_back(0);
    }
    return false;
  }

  Node& m_model;
  Report& m_report;
  std::set<std::string> m_all;
  std::map<std::string, Node*> m_active;
  std::map<std::string, Place> m_places; // of the names
  std::string m_name;
  Node* m_service = nullptr;
};

} // namespace

void checkConsistency(Node& model, const std::vector<std::string>& profiles, Report& report) {
  Consistency(model, profiles, report).run();
}

} // namespace ratdeck::compose
