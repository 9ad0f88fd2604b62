// What the x-ratdeck keys say, with their defaults: how a stack and a service want to be rolled.
// The keys themselves are described in resources/x-ratdeck.md; the compose loader reads them.
#pragma once

#include "core/spec/analysis_spec.h"
#include "core/spec/probe_spec.h"
#include "core/spec/schedule.h"
#include "core/spec/task_spec.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

enum class UpdateOrder { StopFirst, StartFirst };
enum class FailureAction { Pause, Continue, Rollback };
enum class TierMode { Strict, Loose }; // Loose: only declared dependencies order the services
enum class FailureScope { Release, Service };
enum class RouteProtocol { Http, H2, Tcp };

// Compose's deploy.update_config or rollback_config, as written; defaults are Swarm's.
struct UpdateConfig {
  int parallelism = 1; // copies replaced at a time; 0 = all
  Duration delay = 0s;
  FailureAction failureAction = FailureAction::Pause;
  Duration monitor = 5s;
  double maxFailureRatio = 0;
  UpdateOrder order = UpdateOrder::StopFirst;
  bool operator==(const UpdateConfig&) const = default;
};

struct RouteSpec {
  std::uint16_t port = 0; // inside the instance
  RouteProtocol protocol = RouteProtocol::Http;
  bool operator==(const RouteSpec&) const = default;
};

enum class DeadlineAction { Wait, Extend, End, Undo };

// What is done to each old copy when its drain begins or is taken back: a command run inside it, or a signal
// sent to it. Repeated after a failure or a crash, so it must do no harm twice.
struct DrainCall {
  std::vector<std::string> command; // argv; empty: the signal. May hold secrets: a plan has only `hash`
  std::string signal = {};          // "SIGUSR1"; "" = the command
  std::string hash = {};            // of a plan: keyed, of the command
  bool operator==(const DrainCall&) const = default;
};

// Where an old copy says by grpc.health.v1 whether it takes new work.
struct DrainHealth {
  std::uint16_t port = 0;
  std::string service = {}; // the service asked for, "" = the server
  bool operator==(const DrainHealth&) const = default;
};

enum class CountKind { Command, Http, Prometheus };

// Where the number of active work is read. Command and Http are asked of each old copy, and added up.
struct WorkCount {
  CountKind kind = CountKind::Command;
  std::vector<std::string> command = {}; // its output is the number. May hold secrets: a plan has only `hash`
  std::uint16_t port = 0;                // Http: GET on this port inside the copy
  std::string path = "/";
  std::string field = {}; // of the JSON body: names and indexes with dots; "" = the body is the number
  std::string url = {};   // Prometheus: the server. May hold secrets: a plan has only `hash`
  std::string query = {};
  PrometheusLogin login = {};
  std::string hash = {}; // of a plan: keyed, of command or url
  bool operator==(const WorkCount&) const = default;
};

// The drain of active runs before a switch (not the router's in-flight requests, which are always drained).
struct DrainPolicy {
  bool waitForRuns = false; // active runs must reach 0 (three zeros over 3 s)
  Duration deadline = 120s;
  DeadlineAction atDeadline = DeadlineAction::Wait; // Wait: ask a person; Undo where nobody can be asked
  Duration extension = 600s;                        // Extend, once, then Wait
  std::optional<DrainCall> hook = {};               // tells an old copy to take no new work
  std::optional<DrainCall> back = {};               // takes the hook back where the old copy serves again
  std::optional<DrainHealth> grpc = {};             // NOT_SERVING confirms that it takes no new work
  std::optional<WorkCount> count = {};              // none: the stack's active runs
  bool operator==(const DrainPolicy&) const = default;
};

struct ApprovalSpec {
  enum class When { Before, After };
  std::string id; // gate id; unique in a stack
  When when = When::Before;
  std::string service; // set on a service …
  int wave = 0;        // … or on a wave, counted from 1 as people see them; 0 = not on a wave
  Duration expires = 30min;
  bool operator==(const ApprovalSpec&) const = default;
};

// x-ratdeck on a service.
struct ServicePolicy {
  std::optional<std::string> tier; // a name of StackPolicy::tierNames
  std::optional<UpdateOrder> order;
  std::optional<std::vector<RouteSpec>> route; // set and empty: nothing routes to it
  std::vector<ProbeSpec> ready;                // further gates beside the healthcheck
  std::optional<DrainPolicy> drain;
  std::optional<Duration> monitor;
  std::optional<Duration> keepWarm;
  std::vector<AnalysisSpec> analyses; // each in the place of the stack's of the same name
  std::string sandboxPlays;           // which stand-in plays it; "" = by its name
  bool sandboxRunsCommands = false;   // its command, and those in its copies, are really run on this machine
  bool operator==(const ServicePolicy&) const = default;
};

// Where the number of active runs is read (RAT: GET /api/v1/runs on ratd).
struct ActiveRunsSpec {
  std::string service;
  std::uint16_t port = 0;
  std::string path = "/api/v1/runs";
  std::string tokenEnv = {};  // the variable of that service whose value is the bearer token; "" = none
  std::string tokenFile = {}; // a file of this machine that holds it; "" = none
  bool operator==(const ActiveRunsSpec&) const = default;
};

// A check through the router that must pass after each switch.
struct VerifySpec {
  std::string service;
  ProbeSpec probe;
  bool operator==(const VerifySpec&) const = default;
};

// x-ratdeck at the top level.
struct StackPolicy {
  TierMode tiers = TierMode::Strict;
  std::vector<std::string> tierNames = {"infrastructure", "query",   "runner",
                                        "plugins",        "gateway", "frontend"};
  FailureScope onFailureScope = FailureScope::Release;
  std::optional<Duration> monitor;
  std::optional<Duration> keepWarm;
  std::vector<AnalysisSpec> analyses; // of every service that is routed or measured
  Duration bake = 600s;
  bool unattended = false;
  std::vector<ApprovalSpec> approvals; // of waves and of services
  std::optional<ActiveRunsSpec> activeRuns;
  std::vector<VerifySpec> verify;
  std::string routerService;         // which service of the file is the router; "" = none named
  std::vector<DeployWindow> windows; // a deploy begins in one of them; empty: at any time
  std::vector<DeployFreeze> freezes; // … and in none of these
  std::vector<TaskSpec> tasks; // of the stack and of its services, each point's in the order of the file
  bool operator==(const StackPolicy&) const = default;
};

} // namespace ratdeck
