// A plan: what would change, in which waves, how each service is replaced, what it waits for and for how long
// at most. An immutable value made by makePlan (planner.h); the rollout executes it and nothing else. It
// carries names and hashes only: no environment, no secret. Ids, paths and times of day are not part of its
// hash.
#pragma once

#include "core/base/id.h"
#include "core/base/json.h"
#include "core/spec/policy.h"
#include "core/spec/world.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

enum class PlanAction { Create, Update };
enum class StepKind { Pull, Preflight, Migrate, Start, Gate, Switch, Drain, Stop, Approve, Hook, Verify };
enum class Severity { Error, Warning, Info };

struct Problem {
  Severity severity = Severity::Warning;
  std::string code; // no-healthcheck, fixed-host-port, …; stable, lower case with hyphens
  std::string service;
  std::string message; // what, why it matters, what to do
  SourceLocation where;
  bool operator==(const Problem&) const = default;
};

struct PlanStep {
  std::string id; // WAVE.SERVICE.KIND, unique
  int wave = 0;
  std::string service;
  StepKind kind = StepKind::Start;
  std::string title;
  Duration worstCase = 0s;
  bool needsApproval = false;
  bool operator==(const PlanStep&) const = default;
};

struct PlanChange {
  std::string service;
  std::string from; // version; "" where it does not run
  std::string to;
  std::vector<std::string> fields; // which keys differ: image, environment.RATQ_ADDR, command, …
  bool operator==(const PlanChange&) const = default;
};

struct Exclusion {
  std::string service;
  std::string reason;
  bool operator==(const Exclusion&) const = default;
};

// One copy that takes part: an old one to retire or a new one to make.
struct PlannedCopy {
  InstanceId id;
  int number = 0;
  std::string address = {}; // of an old one, where the world knew it: an undo gives it its traffic back there
  bool operator==(const PlannedCopy&) const = default;
};

// When a new copy counts as healthy and when as bad.
struct GatePlan {
  // All must pass; empty: it must have run for minRunning without a restart. Commands are not in a plan,
  // since they may hold secrets: the copy's own spec has them, by the probe's name (core/spec/own_checks.h).
  std::vector<ProbeSpec> probes;
  Duration interval = 200ms; // between two probes of one instance
  int passes = 3;            // in a row
  Duration startPeriod = 0s; // failures in it do not count
  Duration worstCase = 0s;   // after it the copy is bad, whatever it says
  Duration minRunning = 2s;
  bool operator==(const GatePlan&) const = default;
};

struct ServicePlan {
  std::string service;
  int wave = 0; // 1, 2, …
  PlanAction action = PlanAction::Update;
  std::string fromImage, toImage;
  std::string fromVersion, toVersion;
  std::string fromHash, toHash; // specHash
  int fromRevision = 0;         // 0 = not ours: what runs is adopted as the first
  std::vector<PlannedCopy> oldCopies;
  std::vector<PlannedCopy> newCopies;
  UpdateOrder order = UpdateOrder::StartFirst;
  std::string orderReason;      // why this order
  Duration secondsWithout = 0s; // the time nobody serves it, at most; 0 for start-first
  bool isRouted = false;
  bool isOneShot = false; // its gate is its exit code 0; nothing is switched or drained
  int parallelism = 1;    // copies replaced at a time, at least 1
  Duration delay = 0s;    // between two batches
  Duration monitor = 0s;  // after a switch: how long a new copy that goes bad counts as a failed update
  Duration keepWarm = 0s; // how long an old copy is kept without traffic after its drain
  double maxFailureRatio = 0;
  FailureAction failureAction = FailureAction::Rollback;
  std::vector<AnalysisSpec> analyses; // with their windows, and their queries' words filled in
  GatePlan gate;
  std::optional<DrainPolicy> drain; // of active runs; the router's in-flight requests are always drained
  Duration inFlightDeadline =
      30s; // drain of requests in flight at the router; then the copy is stopped all the same
  Duration stopGrace = 10s;
  std::string stopSignal = "SIGTERM";
  bool operator==(const ServicePlan&) const = default;
};

struct WavePlan {
  int index = 0;     // 1, 2, …
  std::string title; // the tier's name, or "wave N"
  std::vector<std::string> services;
  // Its old copies hold host ports that the next wave takes: that one waits until they are gone, and in an
  // undo they come back when it is gone.
  bool handsOverPorts = false;
  bool operator==(const WavePlan&) const = default;
};

// What the plan was made from, so that a deploy of a saved plan can read it again. Not part of the hash.
struct PlanInputs {
  std::vector<std::string> files, envFiles, profiles;
  std::vector<std::string> services; // named ones; empty = all
  std::map<std::string, std::string> setImages;
  std::string projectName; // as given; "" = found by the loader
  bool operator==(const PlanInputs&) const = default;
};

struct Plan {
  std::string project;
  std::string runtime;
  std::string hash;
  std::string
      vantage;      // where probes that are no commands are sent from, for people; "" = not told; not hashed
  int revision = 0; // the number this stack gets when it has been rolled; not part of the hash
  bool isTry = false; // its new copies are removed again, whatever comes of them: try_plan.h
  std::vector<WavePlan> waves;
  std::map<std::string, ServicePlan> services;
  std::vector<ApprovalSpec> approvals;
  std::vector<PlanStep> steps;
  std::vector<std::string> unchanged;
  std::map<std::string, std::string> unchangedVersions; // of the services that stay
  std::vector<Exclusion> excluded;
  std::vector<PlanChange> changes;
  std::vector<Problem> problems;
  std::vector<Problem> baseline; // what is broken before the first change
  std::vector<VerifySpec> verify;
  std::optional<ActiveRunsSpec> activeRuns;
  FailureScope onFailureScope = FailureScope::Release;
  bool unattended = false;
  Duration bake = 600s;
  PlanInputs inputs;
  std::vector<TargetCheck> checked; // what was looked at before the first change; not part of the hash
  // Services whose old version serves nobody: each of its copies fails its own checks or is down at the
  // router. Those that take part, and those that a verify asks. Their old copies are brought back by an undo
  // as they were, whatever their checks say, and no verify asks them before they have been replaced.
  std::vector<std::string> alreadyDown;

  bool isEmpty() const { return services.empty(); }
  bool hasErrors() const; // a problem of severity Error: not to be deployed
  bool operator==(const Plan&) const = default;
};

// Whether the service is one of plan.alreadyDown.
bool isAlreadyDown(const Plan& plan, const std::string& service);

// Why a deploy may not begin now without a person's word for it (codes outside-window and freeze). A rollback
// and a try may begin at any time: for them these are notes, and not among the answers.
std::vector<Problem> closuresOf(const Plan& plan);

// In how many batches the copies are replaced: old and new ones pair up, `parallelism` pairs at a time; the
// surplus of either side belongs to the last batch. At least 1.
int batchesOf(const ServicePlan& service);

// The checks that can pass once `service` has been switched: those on services that serve by then.
std::vector<VerifySpec> verifyAfter(const Plan& plan, const ServicePlan& service);

// The contract's shape ("format": "plan/1") plus what a rollout needs under "execution".
Json toJson(const Plan& plan);
// Errors (kind Input): not a plan, another format, a hash that does not match its content.
Result<Plan> planFromJson(const Json& value);

const char* toString(PlanAction action);
const char* toString(StepKind kind);
const char* toString(Severity severity);

} // namespace ratdeck
