// One service as it should run, in the terms of the Compose specification.
#pragma once

#include "core/base/json.h"
#include "core/base/secret.h"
#include "core/spec/policy.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

struct HealthCheck {
  bool isDisabled = false;       // `disable: true` or test NONE
  std::vector<std::string> test; // as written: {"CMD", …} or {"CMD-SHELL", TEXT}; empty = the image's own
  Duration interval = 30s;
  Duration timeout = 30s;
  Duration startPeriod = 0s;
  Duration startInterval = 5s;
  int retries = 3;
  // start_period + retries x (interval + timeout): the longest a bad copy stays unnoticed.
  Duration worstCase() const { return startPeriod + retries * (interval + timeout); }
  bool operator==(const HealthCheck&) const = default;
};

enum class DependencyCondition { Started, Healthy, CompletedSuccessfully };

struct Dependency {
  DependencyCondition condition = DependencyCondition::Started;
  bool isRequired = true;
  bool restarts = false;
  bool operator==(const Dependency&) const = default;
};

struct PortMapping {
  std::string hostIp;
  std::string published; // "" = any free host port; else a number or FIRST-LAST
  std::uint16_t target = 0;
  std::string protocol = "tcp";
  std::string mode = "ingress";
  bool operator==(const PortMapping&) const = default;
};

struct Mount {
  std::string type; // bind, volume, tmpfs, …
  std::string source;
  std::string target;
  bool isReadOnly = false;
  bool operator==(const Mount&) const = default;
};

// The member of a service's normalised form that says what a container that somebody else made was made from,
// in the terms of Docker's API: {"body": of a create, "networks": {NAME: EndpointConfig}}.
inline constexpr const char* adoptedContainerKey = "x-ratdeck-container";

struct ServiceSpec {
  std::string name;
  std::string image; // "" where only `build` is given
  // Of a revision: the image that its copies are of, "sha256:…"; "" where the runtime has none, or not known
  // yet.
  std::string imageId;
  std::string containerName;
  std::string restart; // "", no, always, on-failure[:N], unless-stopped
  std::map<std::string, Secret> environment;
  std::map<std::string, Dependency> dependsOn;
  std::optional<HealthCheck> healthCheck;
  std::optional<UpdateConfig> updateConfig;   // only if written
  std::optional<UpdateConfig> rollbackConfig; // only if written
  std::vector<PortMapping> ports;
  std::vector<std::uint16_t> expose;
  std::vector<Mount> mounts;
  std::map<std::string, std::vector<std::string>> networks; // name -> aliases
  std::vector<std::string> profiles;
  std::optional<Duration> stopGracePeriod; // 10 s where not written
  std::string stopSignal = "SIGTERM";
  int replicas = 1;
  ServicePolicy policy;
  // The whole service in the shape of `docker compose config --format json`, secrets in: never printed by
  // anything but `ratdeckctl config`, never journaled. Hashes and field diffs are made of it.
  Json normalised;
  // Where keys stand: "" the service itself, "image", "ports", "healthcheck.test", … What is not here has "".
  std::map<std::string, SourceLocation> locations;

  // The place of the key, else of the service.
  SourceLocation locationOf(const std::string& key) const;
  Duration stopGrace() const { return stopGracePeriod.value_or(10s); }
  // A job that runs to its end: some service depends on it with service_completed_successfully, or
  // restart is "no"/on-failure and nothing says that it stays. Filled in by the loader.
  bool isOneShot = false;
};

// Where a revision keeps ServiceSpec::imageId in the service's normalised form.
inline constexpr const char* imageIdKey = "x-ratdeck-image";

// Of a revision: where it keeps the anonymous volumes that its copy goes on with, path inside -> name, and
// the mounted files that it is brought back with (core/runtime/docker/kept_files.h). No copy differs by them.
inline constexpr const char* keptVolumesKey = "x-ratdeck-volumes";
inline constexpr const char* keptFilesKey = "x-ratdeck-files";

// Both places of it.
void setImageId(ServiceSpec& service, const std::string& id);

} // namespace ratdeck
