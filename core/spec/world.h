// What runs now, as a runtime observed it in one look.
#pragma once

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/id.h"
#include "core/spec/service_spec.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

enum class InstanceState { Running, Exited };
enum class Health { Unknown, Healthy, Unhealthy };
enum class Routing { None, Maintenance, Serving, Draining, Down }; // None: not in the router

// One copy of a service.
struct InstanceInfo {
  InstanceId id; // PROJECT-SERVICE-NUMBER
  std::string service;
  int number = 0;       // 1, 2, …; never reused while the copy exists
  std::string image;    // as it was named when the copy was made
  std::string imageId;  // "sha256:…"; "" where the runtime has no images
  std::string specHash; // of the spec it was started from; "" if not known
  int revision = 0;     // 0 = not ours
  RolloutId rollout;    // which rollout made it; empty = not ours
  InstanceState state = InstanceState::Running;
  int exitCode = 0; // of an exited one
  int restarts = 0;
  std::string address; // where its ports answer: an IP address
  WallTime startedAt;
  Health health = Health::Unknown;
  std::string healthDetail; // why it is not healthy
  Routing routing = Routing::None;
  // Compose keys whose value somebody has changed on the copy since it was started: mem_limit, networks, …
  std::vector<std::string> changedByHand;
  std::map<std::string, std::string> anonymousVolumes; // path inside -> name
};

// What an image's name stands for at the target.
struct ImageSeen {
  std::string id;       // "sha256:…" of the one that is there under this name; "" = none
  std::string digest;   // that the name leads to in its registry now; "" = not known, or it is not asked
  bool isMoved = false; // digest leads to another image than the one that is there
  std::string trouble;  // for people, one line: the registry does not answer …
  std::string missing;  // why a copy of it could not be started, and what to do; "" = it can
};

// What the target knows that a person should know before the first change.
struct TargetFinding {
  enum class Weight { Blocks, Warns, Notes };
  Weight weight = Weight::Warns;
  std::string code;    // as of a plan's problems: lower case with hyphens
  std::string service; // "" = of the whole target; else it matters only if the service takes part
  std::string message; // what, why it matters, what to do
  SourceLocation where;
};

// One thing that was looked at before the first change, for people: "disk", "5.1 GB free at /var/lib/docker".
struct TargetCheck {
  std::string what;
  std::string seen;
  bool operator==(const TargetCheck&) const = default;
};

// Active runs at the moment of the look.
struct RunsSeen {
  int count = 0;
  double oldestSeconds = -1; // age of the oldest; negative = not known
  std::string trouble;       // why they could not be counted; "" = they were
};

struct World {
  bool isReachable = false; // false: nothing is known, compare with nothing
  std::string runtime;      // sandbox, docker, kubernetes
  bool hasRouter = false;
  // The router answers on the host ports of routed services and their copies do not bind them, so a fixed
  // host port is no obstacle to a second copy.
  bool routerPublishesPorts = false;
  std::vector<InstanceInfo> instances;
  // Of which others something runs there, sorted; nothing where the runtime knows no projects.
  std::optional<std::vector<std::string>> otherProjects;
  std::vector<TargetFinding> findings;
  // By service, where copies are not ours: what they run, so that it can be brought back. Without what a
  // container does not tell: dependencies, policy, the number of copies.
  std::map<std::string, ServiceSpec> adopted;
  std::map<std::string, ImageSeen> images; // by name, of the wanted services; empty where there are none
  // By service: files of the host that its running copy mounts and that no revision can bring back, and why.
  std::map<std::string, std::vector<std::string>> unkeptFiles;
  // Where a copy of the router answers GET /health while it works; 0 = not told.
  std::uint16_t routerHealthPort = 0;
  std::vector<std::string> routedServices; // services that have a backend in the router
  // Where the wanted router does not run: services whose copies hold a host port that it is to answer on for
  // them, and that port.
  std::map<std::string, std::string> routerPortHolders;
  // Where probes that are no commands are sent from, for people: "this machine", "ratdeck-relay on
  // shop_ratdeck"; "" = not told.
  std::string vantage;
  std::vector<TargetCheck> checks; // what the target looked at beside the copies
  std::optional<RunsSeen> runs;    // where the stack says where they are read
};

} // namespace ratdeck
