#include "core/spec/own_checks.h"

#include <algorithm>
#include <optional>

namespace ratdeck {

namespace {

std::optional<ProbeSpec> healthCheckProbe(const ServiceSpec& service) {
  if (!service.healthCheck || service.healthCheck->isDisabled || service.healthCheck->test.empty())
    return {};
  const auto& test = service.healthCheck->test;
  ProbeSpec probe;
  probe.kind = ProbeKind::Exec;
  probe.name = healthCheckName;
  probe.timeout = service.healthCheck->timeout > 0s ? service.healthCheck->timeout : Duration(30s);
  if (test.front() == "NONE")
    return {};
  if (test.front() == "CMD-SHELL")
    probe.command = {"/bin/sh", "-c", test.size() > 1 ? test[1] : ""};
  else
    probe.command.assign(test.begin() + (test.front() == "CMD" ? 1 : 0), test.end());
  if (probe.command.empty())
    return {};
  return probe;
}

} // namespace

std::string nameOfProbe(const ProbeSpec& probe) {
  switch (probe.kind) {
  case ProbeKind::Exec:
    return probe.command.empty() ? "command" : probe.command.front();
  case ProbeKind::Http:
    return "GET " + probe.path;
  case ProbeKind::Tcp:
    return "tcp " + std::to_string(probe.port);
  case ProbeKind::GrpcHealth:
    return "grpc health " + std::to_string(probe.port);
  }
  return {};
}

std::vector<ProbeSpec> ownChecks(const ServiceSpec& service) {
  std::vector<ProbeSpec> checks;
  auto add = [&](ProbeSpec probe) {
    if (probe.name.empty())
      probe.name = nameOfProbe(probe);
    auto isTaken = [&](const std::string& name) {
      return std::any_of(checks.begin(), checks.end(), [&](const auto& check) { return check.name == name; });
    };
    auto name = probe.name;
    for (int number = 2; isTaken(probe.name); ++number)
      probe.name = name + " (" + std::to_string(number) + ")";
    checks.push_back(std::move(probe));
  };
  if (auto probe = healthCheckProbe(service))
    add(std::move(*probe));
  for (const auto& probe : service.policy.ready)
    add(probe);
  return checks;
}

} // namespace ratdeck
