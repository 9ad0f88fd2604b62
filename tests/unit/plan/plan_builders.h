// Small stacks and worlds by hand, and plans as short texts, for the tests of the planner.
#pragma once

#include "core/plan/planner.h"

#include <functional>
#include <string>
#include <vector>

namespace ratdeck::testing {

inline const std::string hashKey = "key";

inline ServiceSpec service(const std::string& name, const std::string& image,
                           const std::vector<std::string>& needs = {}) {
  ServiceSpec spec;
  spec.name = name;
  spec.image = image;
  spec.normalised = {{"image", image}};
  for (const auto& needed : needs)
    spec.dependsOn[needed] = {DependencyCondition::Healthy, true, false};
  spec.locations[""] = {"compose.yml", 10, 3};
  return spec;
}

inline ServiceSpec job(const std::string& name, const std::string& image,
                       const std::vector<std::string>& needs = {}) {
  auto spec = service(name, image, needs);
  spec.isOneShot = true;
  spec.restart = "on-failure";
  return spec;
}

inline HealthCheck check(const std::vector<std::string>& test, Duration interval = 5s, Duration timeout = 3s,
                         int retries = 5, Duration startPeriod = 5s) {
  HealthCheck check;
  check.test = test;
  check.interval = interval;
  check.timeout = timeout;
  check.retries = retries;
  check.startPeriod = startPeriod;
  return check;
}

inline StackSpec stackOf(const std::vector<ServiceSpec>& services) {
  StackSpec stack;
  stack.project = "rat";
  stack.files = {"compose.yml"};
  for (const auto& spec : services)
    stack.services[spec.name] = spec;
  return stack;
}

// The shape of RAT: a router in front, everything exposed, each with a healthcheck.
inline StackSpec ratStack(const std::string& version) {
  auto image = [&](const std::string& name) {
    return "rat/" + name + ":" + version;
  };
  auto stack =
      stackOf({service("postgres", "postgres:16.4"), service("minio", "minio/minio:2024"),
               job("minio-init", "minio/mc:2024", {"minio"}),
               service("nessie", "projectnessie/nessie:0.99.0", {"postgres"}),
               job("nessie-init", "alpine:3.20", {"nessie"}),
               service("ratq", image("ratq"), {"postgres", "minio", "nessie", "nessie-init"}),
               service("runner", image("runner"), {"minio", "nessie", "nessie-init"}),
               service("auth-keycloak", image("auth-keycloak")), service("cloud-aws", image("cloud-aws")),
               service("ratd", image("ratd"), {"postgres", "minio", "nessie", "nessie-init"}),
               service("portal", image("portal"), {"ratd"})});
  std::uint16_t port = 50000;
  for (auto& [name, spec] : stack.services) {
    if (!spec.isOneShot) {
      spec.healthCheck = check({"CMD", "check", name});
      spec.expose = {name == "ratd" ? std::uint16_t(8080) : ++port};
      spec.stopGracePeriod = 20s;
    }
  }
  for (auto& [name, how] : stack.services.at("ratq").dependsOn)
    if (name == "nessie-init")
      how.condition = DependencyCondition::CompletedSuccessfully;
  stack.services.at("postgres").mounts = {{"volume", "data", "/var/lib/postgresql/data", false}};
  return stack;
}

inline InstanceInfo copyOf(const StackSpec& stack, const std::string& name, int number) {
  const auto& spec = stack.services.at(name);
  InstanceInfo copy;
  copy.id = InstanceId(stack.project + "-" + name + "-" + std::to_string(number));
  copy.service = name;
  copy.number = number;
  copy.image = spec.image;
  copy.specHash = specHash(spec, hashKey, contentsOf(spec, stack));
  copy.revision = 1;
  copy.health = Health::Healthy;
  if (spec.isOneShot)
    copy.state = InstanceState::Exited;
  return copy;
}

inline World worldOf(const StackSpec& stack) {
  World world;
  world.isReachable = true;
  world.hasRouter = true;
  world.runtime = "sandbox";
  for (const auto& [name, spec] : stack.services)
    for (int number = 1; number <= spec.replicas; ++number)
      world.instances.push_back(copyOf(stack, name, number));
  return world;
}

inline World emptyWorld() {
  World world;
  world.isReachable = true;
  world.hasRouter = true;
  world.runtime = "sandbox";
  return world;
}

inline PlanRequest requestFor(const StackSpec& wanted, const World& world) {
  PlanRequest request;
  request.wanted = wanted;
  request.world = world;
  request.hashKey = hashKey;
  return request;
}

inline Plan planFor(const StackSpec& wanted, const World& world) {
  return *makePlan(requestFor(wanted, world));
}

// "infrastructure: minio postgres | query: ratq"
inline std::string wavesText(const Plan& plan) {
  std::string text;
  for (const auto& wave : plan.waves) {
    text += (text.empty() ? "" : " | ") + wave.title + ":";
    for (const auto& name : wave.services)
      text += " " + name;
  }
  return text;
}

// The services of each wave alone: "minio postgres | ratq"
inline std::string orderText(const Plan& plan) {
  std::string text;
  for (const auto& wave : plan.waves) {
    text += text.empty() ? "" : " |";
    for (const auto& name : wave.services)
      text += (text.empty() ? "" : " ") + name;
  }
  return text;
}

inline std::string copiesText(const std::vector<PlannedCopy>& copies) {
  std::string text;
  for (const auto& copy : copies)
    text += (text.empty() ? "" : " ") + copy.id.value;
  return text;
}

inline std::string reasonFor(const Plan& plan, const std::string& service) {
  for (const auto& item : plan.excluded)
    if (item.service == service)
      return item.reason;
  return {};
}

// "code code" of a service's problems, sorted as the plan has them.
inline std::string codesOf(const Plan& plan, const std::string& service) {
  std::string text;
  for (const auto& problem : plan.problems)
    if (problem.service == service)
      text += (text.empty() ? "" : " ") + problem.code;
  return text;
}

inline std::string stepsText(const Plan& plan, const std::string& service) {
  std::string text;
  for (const auto& step : plan.steps)
    if (step.service == service)
      text += step.id + ": " + step.title + "\n";
  return text;
}

} // namespace ratdeck::testing
