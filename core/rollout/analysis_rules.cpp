// What analyses say of the new version of a service, and the end of its monitor time: a failing one makes its
// copies fail; at the end each must have come to a verdict, else a person is asked (or what the plan says).
// The release as a whole is watched the same way once more after its last step: the bake.
#include "core/rollout/turn.h"

#include <algorithm>

namespace ratdeck {

using Phase = InstancePhase;
using Role = InstanceRole;

namespace {

bool isJudged(const InstanceRollout& copy) {
  return copy.role == Role::New && !copy.hasFailed && isIn(copy, {Phase::Verifying, Phase::Serving});
}

const AnalysisSpec* specOf(const ServicePlan& plan, const std::string& name) {
  for (const auto& spec : plan.analyses)
    if (spec.name == name)
      return &spec;
  return nullptr;
}

// --- verdicts as they come ---

void failCopies(Turn& turn, const Observation& observation, const std::string& why) {
  std::vector<InstanceId> failing;
  for (const auto& [id, copy] : turn.state().instances)
    if (copy.service == observation.service && isJudged(copy) &&
        (observation.instance.isEmpty() || observation.instance == id))
      failing.push_back(id);
  for (const auto& id : failing)
    turn.emit(EventType::ServingWentBad, turn.state().instances.at(id), observation.detail,
              id.value + ": " + why);
}

// --- the end of the monitor time ---

Verdict verdictOf(const ServiceView& view, const AnalysisSpec& spec) {
  const auto& analyses = view.service.analyses;
  if (!isOfCopies(spec)) {
    auto it = analyses.find(spec.name);
    return it == analyses.end() ? Verdict::Pending : it->second.verdict;
  }
  // One copy that got enough requests speaks for the others of its version.
  auto verdict = Verdict::Inconclusive;
  for (const auto* copy : view.copies) {
    auto it = analyses.find(analysisKey(spec.name, copy->id));
    if (isJudged(*copy) && copy->batch == view.service.batch && it != analyses.end() &&
        it->second.verdict == Verdict::Passing)
      verdict = Verdict::Passing;
  }
  return verdict;
}

std::string textOf(const ServiceView& view, const AnalysisSpec& spec) {
  auto it = view.service.analyses.find(spec.name);
  if (it != view.service.analyses.end())
    return it->second.text;
  return "fewer than " + std::to_string(spec.minRequests) + " requests in " +
         toHumanString(view.plan.monitor);
}

// What came to no verdict, in words; those of which the plan says that this is a pass are left out.
std::vector<const AnalysisSpec*> undecided(const ServiceView& view) {
  std::vector<const AnalysisSpec*> open;
  for (const auto& spec : view.plan.analyses)
    if (!spec.isObserveOnly && spec.onInconclusive != Inconclusive::Pass &&
        verdictOf(view, spec) != Verdict::Passing)
      open.push_back(&spec);
  return open;
}

std::string sentence(const ServiceView& view, const std::vector<const AnalysisSpec*>& open) {
  std::string text;
  for (const auto* spec : open)
    text += (text.empty() ? "" : "; ") + spec->name + " of " + view.name() +
            " came to no verdict: " + textOf(view, *spec);
  return text;
}

bool canAsk(const RolloutState& state) {
  return state.hasPerson || state.approve == "wait";
}

void giveUp(Turn& turn, const ServiceView& view, const std::string& why) {
  turn.emit(EventType::ServiceFailed, view, {{"undo", true}}, why);
}

void ask(Turn& turn, const ServiceView& view, const std::string& question) {
  Event event;
  event.type = EventType::ApprovalRequested;
  event.gate = inconclusiveGate(view);
  event.service = view.name();
  event.reason = question;
  event.detail = {{"for_s", seconds(Duration(30min))}, {"expires", toRfc3339(turn.now().wall + 30min)}};
  turn.emit(std::move(event));
}

void withdraw(Turn& turn, const ServiceView& view) {
  Event event;
  event.type = EventType::ApprovalGranted;
  event.gate = inconclusiveGate(view);
  event.service = view.name();
  event.actor = "analysis";
  event.reason = "it has come to a verdict";
  turn.emit(std::move(event));
}

void pass(Turn& turn, const ServiceView& view) {
  turn.emit(EventType::MonitorPassed, view, {{"batch", view.service.batch}});
}

} // namespace

std::string analysisKey(const std::string& name, const InstanceId& copy) {
  return copy.isEmpty() ? name : name + " " + copy.value;
}

GateId inconclusiveGate(const ServiceView& view) {
  return GateId("inconclusive-" + view.name() +
                (view.service.batches > 1 ? "-" + std::to_string(view.service.batch) : ""));
}

bool awaitsVerdict(const ServiceView& view) {
  auto it = view.rollout.approvals.find(inconclusiveGate(view));
  return it != view.rollout.approvals.end() && it->second.state == GateState::Waiting;
}

void takeAnalysis(Turn& turn, const Observation& observation) {
  auto service = turn.state().services.find(observation.service);
  const auto* plan = planOf(turn.state(), observation.service);
  const auto name = textAt(observation.detail, "analysis");
  const auto* spec = plan ? specOf(*plan, name) : nullptr;
  if (!spec || service == turn.state().services.end())
    return;
  const auto verdict = textAt(observation.detail, "verdict");
  const auto known = service->second.analyses.find(analysisKey(name, observation.instance));
  if (known != service->second.analyses.end() && toString(known->second.verdict) == verdict)
    return;
  Event event;
  event.type = EventType::AnalysisJudged;
  event.service = observation.service;
  event.instance = observation.instance;
  event.reason = textAt(observation.detail, "text");
  event.detail = observation.detail;
  event.detail.erase("text");
  const auto why = event.reason;
  turn.emit(std::move(event));
  if (verdict == toString(Verdict::Failing) && !spec->isObserveOnly)
    failCopies(turn, observation, why);
}

void passMonitor(Turn& turn, const ServiceView& view) {
  if (!view.service.isBatchSwitched || view.service.hasMonitorPassed ||
      view.service.phase == ServicePhase::Failed ||
      !turn.hasPassed(view.service.batchSwitchedAt.boot + view.plan.monitor))
    return;
  const auto open = undecided(view);
  const auto asked = turn.state().approvals.find(inconclusiveGate(view));
  if (open.empty()) {
    if (awaitsVerdict(view))
      withdraw(turn, view);
    return pass(turn, view);
  }
  if (asked != turn.state().approvals.end()) {
    if (asked->second.state == GateState::Granted)
      pass(turn, view);
    return; // waiting; or rejected or expired, from which the undo follows
  }
  const bool mustUndo = std::any_of(
      open.begin(), open.end(), [](const auto* spec) { return spec->onInconclusive == Inconclusive::Undo; });
  if (mustUndo)
    return giveUp(turn, view, sentence(view, open));
  if (!canAsk(turn.state()))
    return giveUp(turn, view, sentence(view, open) + "; nobody can be asked");
  ask(turn, view, sentence(view, open));
}

bool isBaked(Turn& turn) {
  const auto& state = turn.state();
  if (!state.bakes || state.plan.bake <= 0s)
    return true;
  if (state.bakeSince == Instant())
    turn.emit(EventType::BakeStarted, {{"for_s", seconds(state.plan.bake)}});
  else if (state.isBaking && turn.hasPassed(state.bakeDeadline))
    turn.emit(EventType::BakeFinished);
  return !state.isBaking;
}

} // namespace ratdeck
