#include "core/spec/compose/spec_builder.h"

#include <algorithm>

namespace ratdeck::compose {

namespace {

constexpr int locationDepth = 3;

// Durations were checked when the JSON was made.
std::optional<Duration> durationAt(const Json& json, const char* key) {
  auto text = textAt(json, key);
  if (text.empty())
    return {};
  auto value = parseDuration(text);
  return value ? std::optional(*value) : std::nullopt;
}

HealthCheck readHealthCheck(const Json& json) {
  HealthCheck check;
  for (const auto& word : memberAt(json, "test"))
    check.test.push_back(word.get<std::string>());
  check.isDisabled = boolAt(json, "disable") || (!check.test.empty() && check.test.front() == "NONE");
  // A zero means the engine's default, as in Compose.
  auto take = [&](const char* key, Duration& target) {
    if (auto value = durationAt(json, key); value && value->count() != 0)
      target = *value;
  };
  take("interval", check.interval);
  take("timeout", check.timeout);
  take("start_period", check.startPeriod);
  take("start_interval", check.startInterval);
  if (auto retries = integerAt(json, "retries"); retries > 0)
    check.retries = static_cast<int>(std::min<long long>(retries, 1'000'000));
  return check;
}

UpdateConfig readUpdateConfig(const Json& json, const std::string& path, const Node* node, Report& report) {
  UpdateConfig config;
  config.parallelism = static_cast<int>(std::min<long long>(integerAt(json, "parallelism", 1), 1'000'000));
  config.delay = durationAt(json, "delay").value_or(0s);
  config.monitor = durationAt(json, "monitor").value_or(5s);
  config.maxFailureRatio = numberAt(json, "max_failure_ratio");
  config.order = textAt(json, "order") == "start-first" ? UpdateOrder::StartFirst : UpdateOrder::StopFirst;
  auto action = textAt(json, "failure_action", "pause");
  if (action == "continue")
    config.failureAction = FailureAction::Continue;
  else if (action == "rollback")
    config.failureAction = FailureAction::Rollback;
  else if (action != "pause")
    report.warn(node && node->find("failure_action") ? node->find("failure_action")->place : Place{},
                path + ".failure_action: \"" + action + "\" is not known, pause is used",
                "write pause, continue or rollback");
  return config;
}

Dependency readDependency(const Json& json) {
  Dependency dependency;
  auto condition = textAt(json, "condition");
  if (condition == "service_healthy")
    dependency.condition = DependencyCondition::Healthy;
  else if (condition == "service_completed_successfully")
    dependency.condition = DependencyCondition::CompletedSuccessfully;
  dependency.isRequired = boolAt(json, "required", true);
  dependency.restarts = boolAt(json, "restart");
  return dependency;
}

PortMapping readPort(const Json& json) {
  PortMapping port;
  port.hostIp = textAt(json, "host_ip");
  port.published = textAt(json, "published");
  port.target = static_cast<std::uint16_t>(integerAt(json, "target"));
  port.protocol = textAt(json, "protocol", "tcp");
  port.mode = textAt(json, "mode", "ingress");
  return port;
}

void readExpose(const Json& json, ServiceSpec& spec) {
  for (const auto& item : json) {
    auto text = item.is_string() ? item.get<std::string>() : std::string();
    auto number = std::atoi(text.c_str());
    if (number > 0 && number <= 65535)
      spec.expose.push_back(static_cast<std::uint16_t>(number));
  }
}

void readMounts(const Json& json, ServiceSpec& spec) {
  for (const auto& volume : memberAt(json, "volumes"))
    spec.mounts.push_back({textAt(volume, "type"), textAt(volume, "source"), textAt(volume, "target"),
                           boolAt(volume, "read_only")});
  for (const auto& path : memberAt(json, "tmpfs")) {
    auto text = path.is_string() ? path.get<std::string>() : std::string();
    spec.mounts.push_back({"tmpfs", "", text.substr(0, text.find(':')), false});
  }
}

void readDeploy(const Json& json, const Node& service, ServiceSpec& spec, Report& report) {
  const auto& deploy = memberAt(json, "deploy");
  const auto* node = service.find("deploy");
  auto path = "services." + spec.name + ".deploy.";
  auto read = [&](const char* key) -> std::optional<UpdateConfig> {
    const auto& config = memberAt(deploy, key);
    if (!config.is_object())
      return {};
    return readUpdateConfig(config, path + key, node ? node->find(key) : nullptr, report);
  };
  spec.updateConfig = read("update_config");
  spec.rollbackConfig = read("rollback_config");
  auto replicas = integerAt(json, "scale", integerAt(deploy, "replicas", 1));
  if (replicas > maxReplicas) {
    const auto* at = service.find("scale") ? service.find("scale") : node ? node->find("replicas") : nullptr;
    report.fail(at ? at->place : service.place,
                "services." + spec.name + ": more than " + std::to_string(maxReplicas) +
                    " copies of one service",
                "ask for fewer");
  }
  spec.replicas = static_cast<int>(std::min<long long>(replicas, maxReplicas));
}

void readLocations(const Node& node, const std::string& path, int depth, const Report& report,
                   std::map<std::string, SourceLocation>& locations) {
  for (const auto& entry : node.entries) {
    auto key = path.empty() ? entry.key : path + "." + entry.key;
    // A value that a later file overrides stands in that file, its key in the first one.
    bool isHere = entry.value.place.file == entry.place.file && entry.place.line != 0;
    auto place = isHere ? entry.place : entry.value.place;
    if (place.line == 0)
      continue;
    locations[key] = report.locate(place);
    if (depth > 1)
      readLocations(entry.value, key, depth - 1, report, locations);
  }
}

} // namespace

ServiceSpec buildService(const std::string& name, const Node& service, Json json, Report& report) {
  ServiceSpec spec;
  spec.name = name;
  spec.image = textAt(json, "image");
  spec.containerName = textAt(json, "container_name");
  spec.restart = textAt(json, "restart");
  // A name without a value is not handed to the container.
  for (const auto& [key, value] : memberAt(json, "environment").items())
    if (value.is_string())
      spec.environment.emplace(key, Secret(value.get<std::string>()));
  for (const auto& [key, value] : memberAt(json, "depends_on").items())
    spec.dependsOn.emplace(key, readDependency(value));
  if (const auto& check = memberAt(json, "healthcheck"); check.is_object())
    spec.healthCheck = readHealthCheck(check);
  readDeploy(json, service, spec, report);
  for (const auto& port : memberAt(json, "ports"))
    spec.ports.push_back(readPort(port));
  readExpose(memberAt(json, "expose"), spec);
  readMounts(json, spec);
  for (const auto& [key, value] : memberAt(json, "networks").items()) {
    auto& aliases = spec.networks[key];
    for (const auto& alias : memberAt(value, "aliases"))
      aliases.push_back(alias.get<std::string>());
  }
  for (const auto& profile : memberAt(json, "profiles"))
    spec.profiles.push_back(profile.get<std::string>());
  spec.stopGracePeriod = durationAt(json, "stop_grace_period");
  spec.stopSignal = textAt(json, "stop_signal", "SIGTERM");
  spec.locations[""] = report.locate(service.place);
  readLocations(service, "", locationDepth, report, spec.locations);
  spec.normalised = std::move(json);
  return spec;
}

void markOneShots(std::map<std::string, ServiceSpec>& services) {
  std::map<std::string, bool> stays; // some service counts on it to go on running
  for (const auto& [name, service] : services)
    for (const auto& [dependency, how] : service.dependsOn) {
      auto it = services.find(dependency);
      if (it == services.end())
        continue;
      if (how.condition == DependencyCondition::CompletedSuccessfully)
        it->second.isOneShot = true;
      else
        stays[dependency] = true;
    }
  for (auto& [name, service] : services) {
    bool ends = service.restart == "no" || service.restart.rfind("on-failure", 0) == 0;
    bool isChecked = service.healthCheck && !service.healthCheck->isDisabled;
    if (ends && !isChecked && service.ports.empty() && service.expose.empty() && !stays[name])
      service.isOneShot = true;
  }
}

} // namespace ratdeck::compose
