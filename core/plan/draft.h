// A plan in the making: what each module of the planner has found out about each service so far. Internal to
// core/plan; makePlan (planner.cpp) runs the modules in the order in which they stand here. Each is pure but
// for the draft it fills in.
#pragma once

#include "core/plan/planner.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace ratdeck {

enum class Fate { Unchanged, TakesPart, Excluded };

struct ServiceDraft {
  const ServiceSpec* spec = nullptr;
  bool isStore = false;          // a known database, queue, object store or catalog image
  bool isInfrastructure = false; // changes only when named
  bool isRouter = false;
  // The host port that its copies give up to the router that is started in this plan; "" = none.
  std::string handsOverPort;
  int tier = 0;          // index into StackPolicy::tierNames
  std::string tierTitle; // "" where the tier is nothing people named
  bool runs = false;     // at least one copy is up
  bool isDown = false;   // … and none of them serves anybody
  Fate fate = Fate::Unchanged;
  std::string reason; // of an exclusion
  PlanChange change;
  ServicePlan plan;
};

struct Draft {
  explicit Draft(const PlanRequest& made) : request(made) {}
  const PlanRequest& request; // outlives the draft
  bool isRat = false;         // the stack has a service named ratd
  bool hasRouter = false;     // something can route to its services
  std::map<std::string, ServiceDraft> services;
  std::vector<WavePlan> waves;
  std::vector<VerifySpec> verify;
  std::optional<ActiveRunsSpec> activeRuns;
  std::vector<Problem> problems;

  const StackSpec& stack() const { return request.wanted; }
  const World& world() const { return request.world; }
  bool changesAnything() const; // a service takes part
  // Adds a problem of the service that stands at its key.
  void addProblem(Severity severity, const char* code, const ServiceDraft& service, const std::string& key,
                  const std::string& message);
};

// roles.cpp: infrastructure, router, tiers, what a RAT stack is known to have.
void assignRoles(Draft& draft);
// changes.cpp: which services take part, with which copies.
void findChanges(Draft& draft);
// waves.cpp: who is replaced when.
void layWaves(Draft& draft);
// gates.cpp: probes, monitor, drain of runs.
void chooseGates(Draft& draft);
// analyses.cpp: what its answers are judged by, and for how long at least; needs isRouted and what of the
// monitor is written.
void chooseAnalyses(const Draft& draft, ServiceDraft& service);
// already_down.cpp: services whose old version serves nobody; nothing is waited for on their behalf.
void findAlreadyDown(Draft& draft);
// order.cpp: start-first or stop-first, why, and the time without; needs the gates' worst cases.
void chooseOrders(Draft& draft);
// preflight.cpp: what a person should know of each service before it starts.
void findProblems(Draft& draft);
// stack_problems.cpp: … and of the stack as a whole.
void findStackProblems(Draft& draft);
// proxies.cpp: proxies of others in front of what changes.
void findProxies(Draft& draft);
std::vector<Problem> findBaseline(const Draft& draft);
// tasks.cpp: hooks and migrations, in the order in which they run; what a person should know of them.
std::vector<TaskPlan> layTasks(Draft& draft, std::vector<std::string>& pastSchema);
// task_steps.cpp: one step of a task, in the wave given.
PlanStep stepOf(const TaskPlan& task, int wave, bool hasPerson);
// already_down.cpp: Plan::alreadyDown; and what the baseline says of such a service.
std::vector<std::string> alreadyDownOf(const Draft& draft);
std::string whyAlreadyDown(const Draft& draft, const ServiceDraft& service);
// checked.cpp: Plan::checked; and what the problems say of active runs.
std::vector<TargetCheck> checksOf(const Draft& draft);
void findRuns(Draft& draft);
// steps.cpp: the steps of a plan that has everything else.
std::vector<PlanStep> laySteps(const Plan& plan, bool hasPerson);

// roles.cpp: the ports that the service answers on inside a copy, as written: route, else ports, else expose.
std::vector<std::uint16_t> portsOf(const ServiceSpec& spec);
// order.cpp: a host port that two copies cannot both have; "" if there is none.
std::string fixedHostPortOf(const ServiceSpec& spec);
// order.cpp: the source of a writable mount that two copies would share; "" if there is none.
std::string sharedMountOf(const ServiceSpec& spec);
// The version people see; "build" where the image has no name.
std::string shownVersion(const std::string& image);

} // namespace ratdeck
