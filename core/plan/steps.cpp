// The steps of a plan in the order in which they happen, with words for people.
#include "core/plan/draft.h"
#include "core/plan/plan_names.h"

#include <algorithm>

namespace ratdeck {

namespace {

// What one call of each kind may take; the gate, the drains and the stop have deadlines of their own.
constexpr Duration startLimit = 30s;
constexpr Duration switchLimit = 10s;

std::string copiesText(size_t count) {
  return std::to_string(count) + (count == 1 ? " copy" : " copies");
}

// "ratq 2.0.0"; a version that only says "build" or nothing is left out.
std::string named(const ServicePlan& service, const std::string& version) {
  return version.empty() || version == shownVersion("") ? service.service : service.service + " " + version;
}

std::string atATime(const ServicePlan& service) {
  auto most = static_cast<int>(std::max(service.oldCopies.size(), service.newCopies.size()));
  return batchesOf(service) > 1 ? ", " + std::to_string(std::min(service.parallelism, most)) + " at a time"
                                : "";
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return text;
}

// Where a probe is sent from, where that was told.
std::string from(const std::string& vantage, ProbeKind kind) {
  if (vantage.empty())
    return {};
  return kind == ProbeKind::Exec ? " (inside the copy)" : " (from " + vantage + ")";
}

std::string gateText(const ServicePlan& service, const std::string& vantage) {
  const auto& gate = service.gate;
  if (service.isOneShot)
    return "gate: it ends with exit code 0, at most " + toHumanString(gate.worstCase);
  if (gate.probes.empty())
    return "gate: runs " + toHumanString(gate.minRunning) + " without a restart, at most " +
           toHumanString(gate.worstCase);
  std::vector<std::string> names;
  for (const auto& probe : gate.probes)
    names.push_back(probe.name + from(vantage, probe.kind));
  return "gate: " + listed(names) + ", " + std::to_string(gate.passes) + " passes in a row, at most " +
         toHumanString(gate.worstCase);
}

std::string afterDrainDeadline(const DrainPolicy& drain, bool hasPerson) {
  auto ask = hasPerson ? "a person decides" : "the release is undone";
  switch (drain.atDeadline) {
  case DeadlineAction::Wait:
    return ask;
  case DeadlineAction::Extend:
    return toHumanString(drain.extension) + " more, once; then " + ask;
  case DeadlineAction::End:
    return "what still runs is ended";
  case DeadlineAction::Undo:
    return "the release is undone";
  }
  return {};
}

std::string hookText(const DrainPolicy& drain) {
  if (!drain.hook)
    return {};
  const auto& signal = drain.hook->signal;
  return "tell the old copies to take no new work (" + (signal.empty() ? "a command" : signal) + "), then ";
}

std::string countText(const DrainPolicy& drain) {
  if (!drain.count)
    return {};
  switch (drain.count->kind) {
  case CountKind::Command:
    return " (a command in each old copy counts them)";
  case CountKind::Http:
    return " (counted by " + (drain.count->field.empty() ? "" : drain.count->field + " of ") + "GET " +
           drain.count->path + " on each old copy)";
  case CountKind::Prometheus:
    return " (counted by Prometheus: " + drain.count->query + ")";
  }
  return {};
}

class StepWriter {
public:
  StepWriter(const Plan& plan, bool hasPerson) : m_plan(plan), m_hasPerson(hasPerson) {}

  std::vector<PlanStep> write() {
    preflight();
    for (const auto& wave : m_plan.waves) {
      waveApprovals(wave, ApprovalSpec::When::Before);
      for (const auto& name : wave.services)
        service(m_plan.services.at(name));
      waveApprovals(wave, ApprovalSpec::When::After);
    }
    return std::move(m_steps);
  }

private:
  void add(const ServicePlan& service, StepKind kind, const std::string& title, Duration worstCase,
           const char* suffix = "") {
    auto id = std::to_string(service.wave) + "." + service.service + "." + toString(kind) + suffix;
    m_steps.push_back({id, service.wave, service.service, kind, title, worstCase, false});
  }

  // What is found out again when it starts: nothing has changed until then.
  void preflight() {
    if (m_plan.waves.empty() || m_plan.checked.empty())
      return;
    std::vector<std::string> names;
    for (const auto& check : m_plan.checked)
      names.push_back(check.what);
    m_steps.push_back({std::to_string(m_plan.waves.front().index) + ".preflight",
                       m_plan.waves.front().index,
                       {},
                       StepKind::Preflight,
                       "look again before the first change: " + listed(names),
                       0s,
                       false});
  }

  void addApproval(int wave, const std::string& service, const ApprovalSpec& approval,
                   const std::string& what) {
    auto id = std::to_string(wave) + "." + (service.empty() ? "" : service + ".") + "approve." + approval.id;
    auto when = approval.when == ApprovalSpec::When::Before ? "before " : "after ";
    m_steps.push_back(
        {id, wave, service, StepKind::Approve,
         "approve " + approval.id + " " + when + what + ", expires after " + toHumanString(approval.expires),
         approval.expires, true});
  }

  void waveApprovals(const WavePlan& wave, ApprovalSpec::When when) {
    for (const auto& approval : m_plan.approvals)
      if (approval.service.empty() && approval.wave == wave.index && approval.when == when)
        addApproval(wave.index, "", approval, "wave " + std::to_string(wave.index));
  }

  void approvals(const ServicePlan& service, ApprovalSpec::When when) {
    for (const auto& approval : m_plan.approvals)
      if (approval.service == service.service && approval.when == when)
        addApproval(service.wave, service.service, approval, service.service);
  }

  void start(const ServicePlan& service) {
    if (service.newCopies.empty())
      return;
    auto what = service.isOneShot ? "run the job " + named(service, service.toVersion)
                                  : "start " + copiesText(service.newCopies.size()) + " of " +
                                        named(service, service.toVersion) + atATime(service);
    add(service, StepKind::Start, what, startLimit * batchesOf(service));
    add(service, StepKind::Gate, gateText(service, m_plan.vantage),
        service.gate.worstCase * batchesOf(service));
  }

  void drainRuns(const ServicePlan& service) {
    if (!service.drain || !service.drain->waitForRuns || service.oldCopies.empty())
      return;
    add(service, StepKind::Drain,
        hookText(*service.drain) + "wait until no run is active" + countText(*service.drain) + ", at most " +
            toHumanString(service.drain->deadline) + "; then " +
            afterDrainDeadline(*service.drain, m_hasPerson),
        service.drain->deadline * batchesOf(service), "-runs");
  }

  void switchTraffic(const ServicePlan& service) {
    if (!service.isRouted || service.newCopies.empty())
      return;
    bool replaces = !service.oldCopies.empty();
    add(service, StepKind::Switch,
        (replaces ? "switch traffic to " : "route traffic to ") + named(service, service.toVersion),
        switchLimit * batchesOf(service));
    auto checks = verifyAfter(m_plan, service);
    if (checks.empty())
      return;
    std::vector<std::string> names;
    Duration worstCase = 0s;
    for (const auto& check : checks) {
      names.push_back(check.probe.name + " on " + check.service);
      worstCase += check.probe.timeout;
    }
    add(service, StepKind::Verify,
        "through the router" + from(m_plan.vantage, ProbeKind::Http) + ": " + listed(names),
        worstCase * batchesOf(service));
  }

  void drainRequests(const ServicePlan& service) {
    if (service.isRouted && !service.oldCopies.empty())
      add(service, StepKind::Drain,
          "let requests in flight on " + shownFrom(service) + " finish, at most " +
              toHumanString(service.inFlightDeadline),
          service.inFlightDeadline * batchesOf(service));
  }

  void stop(const ServicePlan& service) {
    if (service.oldCopies.empty())
      return;
    auto warm = service.keepWarm > 0s ? " after " + toHumanString(service.keepWarm) + " without traffic" : "";
    add(service, StepKind::Stop,
        "stop " + copiesText(service.oldCopies.size()) + " of " + shownFrom(service) + warm + ": " +
            service.stopSignal + ", killed after " + toHumanString(service.stopGrace),
        (service.stopGrace + service.keepWarm) * batchesOf(service));
  }

  void removeTried(const ServicePlan& service) {
    add(service, StepKind::Stop,
        "remove what was tried: " + service.stopSignal + ", killed after " + toHumanString(service.stopGrace),
        service.stopGrace);
  }

  static std::string shownFrom(const ServicePlan& service) { return named(service, service.fromVersion); }

  void service(const ServicePlan& service) {
    approvals(service, ApprovalSpec::When::Before);
    if (m_plan.isTry) {
      start(service);
      removeTried(service);
    } else if (service.order == UpdateOrder::StopFirst) {
      drainRuns(service);
      drainRequests(service);
      stop(service);
      start(service);
      switchTraffic(service);
    } else {
      start(service);
      drainRuns(service);
      switchTraffic(service);
      drainRequests(service);
      stop(service);
    }
    approvals(service, ApprovalSpec::When::After);
  }

  const Plan& m_plan;
  bool m_hasPerson;
  std::vector<PlanStep> m_steps;
};

} // namespace

std::vector<PlanStep> laySteps(const Plan& plan, bool hasPerson) {
  return StepWriter(plan, hasPerson).write();
}

} // namespace ratdeck
