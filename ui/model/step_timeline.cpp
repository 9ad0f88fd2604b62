#include "ui/model/step_timeline.h"

#include <algorithm>

namespace ratdeck {

namespace {

StepKind stepKindOf(Stage stage) {
  switch (stage) {
  case Stage::Approval:
    return StepKind::Approve;
  case Stage::Start:
    return StepKind::Start;
  case Stage::Gate:
    return StepKind::Gate;
  case Stage::Switch:
    return StepKind::Switch;
  case Stage::Runs:
  case Stage::Drain:
    return StepKind::Drain;
  case Stage::Watch:
    return StepKind::Verify;
  case Stage::Stop:
  case Stage::Undo:
    return StepKind::Stop;
  case Stage::Task:
    return StepKind::Migrate;
  }
  return StepKind::Stop;
}

// All of its wave wait for it, where it is not of one service.
std::vector<std::string> servicesOf(const ApprovalSpec& spec, const Plan& plan) {
  if (!spec.service.empty())
    return {spec.service};
  for (const auto& wave : plan.waves)
    if (wave.index == spec.wave)
      return wave.services;
  return {};
}

} // namespace

const char* toString(Stage stage) {
  switch (stage) {
  case Stage::Approval:
    return "approval";
  case Stage::Start:
    return "start";
  case Stage::Gate:
    return "gate";
  case Stage::Switch:
    return "switch";
  case Stage::Runs:
    return "drain of runs";
  case Stage::Drain:
    return "drain";
  case Stage::Watch:
    return "watch";
  case Stage::Stop:
    return "stop";
  case Stage::Undo:
    return "undo";
  case Stage::Task:
    return "task";
  }
  return "";
}

// Copies of one service do the same side by side: their spans of a stage are one.
void StepTimeline::begin(const std::string& service, Stage stage, Instant at) {
  auto& spans = m_spans[service];
  const bool isUnderWay = std::any_of(spans.begin(), spans.end(),
                                      [&](const StageSpan& span) { return span.stage == stage && !span.to; });
  if (!isUnderWay)
    spans.push_back({stage, at, std::nullopt, false});
}

void StepTimeline::end(const std::string& service, Stage stage, Instant at, bool hasFailed) {
  auto& spans = m_spans[service];
  for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
    if (span->stage != stage)
      continue;
    if (!span->to || *span->to != at)
      span->to = at; // of several copies the last one counts
    span->hasFailed = span->hasFailed || hasFailed;
    return;
  }
}

void StepTimeline::endAll(const std::string& service, Instant at, bool hasFailed) {
  for (auto& span : m_spans[service])
    if (!span.to) {
      span.to = at;
      span.hasFailed = hasFailed;
    }
}

void StepTimeline::move(Duration by) {
  for (auto& [service, spans] : m_spans)
    for (auto& span : spans) {
      span.from.boot += by;
      if (span.to)
        span.to->boot += by;
    }
  for (auto& absence : m_absences) {
    absence.from.boot += by;
    if (absence.to)
      absence.to->boot += by;
  }
}

// An undo asks nobody any more, and its end ends everything.
void StepTimeline::closeAll(Instant at, bool isOver) {
  for (auto& [service, spans] : m_spans)
    for (auto& span : spans)
      if (!span.to && (isOver || span.stage == Stage::Approval)) {
        span.to = at;
        span.hasFailed = true;
      }
}

void StepTimeline::addApproval(const Event& event, const RolloutState& state) {
  for (const auto& spec : state.plan.approvals)
    if (spec.id == event.gate.value)
      for (const auto& service : servicesOf(spec, state.plan))
        event.type == EventType::ApprovalRequested
            ? begin(service, Stage::Approval, event.at)
            : end(service, Stage::Approval, event.at, event.type != EventType::ApprovalGranted);
}

void StepTimeline::addAbsence(const Event& event, const RolloutState& state) {
  const bool isUnderWay = !m_absences.empty() && !m_absences.back().to;
  if (state.isAway && !isUnderWay)
    m_absences.push_back({state.awaySince, std::nullopt});
  else if (!state.isAway && isUnderWay)
    m_absences.back().to = event.at;
}

void StepTimeline::add(const Event& event, const RolloutState& state) {
  if (const auto by = m_shift.at(event, state); by != Duration::zero())
    move(by);
  addAbsence(event, state);
  const auto& service = event.service;
  switch (event.type) {
  case EventType::ApprovalRequested:
  case EventType::ApprovalGranted:
  case EventType::ApprovalRejected:
  case EventType::ApprovalExpired:
    return addApproval(event, state);
  case EventType::UndoStarted:
    return closeAll(event.at, false);
  case EventType::RolloutEnded:
    return closeAll(event.at, true);
  case EventType::StartRequested:
    return begin(service, Stage::Start, event.at);
  case EventType::InstanceStarted:
    end(service, Stage::Start, event.at);
    return begin(service, Stage::Gate, event.at);
  case EventType::GatePassed:
    return end(service, Stage::Gate, event.at);
  case EventType::GateFailed:
    return end(service, Stage::Gate, event.at, true);
  case EventType::DrainStarted:
    return begin(service, Stage::Runs, event.at);
  case EventType::DrainFinished:
  case EventType::DrainDecided:
    return event.type == EventType::DrainDecided && textAt(event.detail, "decision") != "end"
               ? void()
               : end(service, Stage::Runs, event.at);
  case EventType::JoinRequested:
    return begin(service, Stage::Switch, event.at);
  case EventType::VerifyPassed:
    return end(service, Stage::Switch, event.at);
  case EventType::VerifyFailed:
    return end(service, Stage::Switch, event.at, true);
  case EventType::RouterDrainRequested:
    return begin(service, Stage::Drain, event.at);
  case EventType::InFlightDrained:
  case EventType::InFlightDeadlinePassed:
    return end(service, Stage::Drain, event.at, event.type == EventType::InFlightDeadlinePassed);
  case EventType::BatchSwitched:
    return begin(service, Stage::Watch, event.at);
  case EventType::MonitorPassed:
    return end(service, Stage::Watch, event.at);
  case EventType::StopRequested:
    return begin(service, Stage::Stop, event.at);
  case EventType::InstanceStopped:
    return end(service, Stage::Stop, event.at, boolAt(event.detail, "forced_kill"));
  case EventType::ServiceUndoStarted:
    endAll(service, event.at, true);
    return begin(service, Stage::Undo, event.at);
  case EventType::ServiceUndone:
    return end(service, Stage::Undo, event.at);
  case EventType::ServiceUndoFailed:
    return end(service, Stage::Undo, event.at, true);
  case EventType::TaskStarted:
  case EventType::TaskUndoStarted: // of the release: in no service's line
    return service.empty() ? void() : begin(service, Stage::Task, event.at);
  case EventType::TaskPassed:
  case EventType::TaskUndone:
    return service.empty() ? void() : end(service, Stage::Task, event.at);
  case EventType::TaskFailed:
  case EventType::TaskUndoFailed:
    return service.empty() ? void() : end(service, Stage::Task, event.at, true);
  case EventType::ServiceFinished:
  case EventType::ServiceTried:
    return endAll(service, event.at, false);
  default:
    return;
  }
}

const std::vector<StageSpan>& StepTimeline::spansOf(const std::string& service) const {
  static const std::vector<StageSpan> none;
  const auto it = m_spans.find(service);
  return it == m_spans.end() ? none : it->second;
}

Duration StepTimeline::plannedOf(const Plan& plan, const std::string& service, Stage stage) {
  Duration planned = Duration::zero();
  for (const auto& step : plan.steps)
    if (step.service == service && step.kind == stepKindOf(stage))
      planned = std::max(planned, step.worstCase);
  return planned;
}

} // namespace ratdeck
