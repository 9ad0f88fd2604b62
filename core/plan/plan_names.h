// The words that enumerators have in a plan's JSON. Internal to core/plan.
#pragma once

#include "core/plan/plan.h"

#include <string>
#include <utility>

namespace ratdeck::plan_names {

template <class E>
struct Names; // all: every enumerator with its word

template <>
struct Names<PlanAction> {
  static constexpr std::pair<PlanAction, const char*> all[] = {{PlanAction::Create, "create"},
                                                               {PlanAction::Update, "update"}};
};
template <>
struct Names<StepKind> {
  static constexpr std::pair<StepKind, const char*> all[] = {
      {StepKind::Pull, "pull"},   {StepKind::Preflight, "preflight"}, {StepKind::Migrate, "migrate"},
      {StepKind::Start, "start"}, {StepKind::Gate, "gate"},           {StepKind::Switch, "switch"},
      {StepKind::Drain, "drain"}, {StepKind::Stop, "stop"},           {StepKind::Approve, "approve"},
      {StepKind::Hook, "hook"},   {StepKind::Verify, "verify"}};
};
template <>
struct Names<Severity> {
  static constexpr std::pair<Severity, const char*> all[] = {
      {Severity::Error, "error"}, {Severity::Warning, "warning"}, {Severity::Info, "info"}};
};
template <>
struct Names<UpdateOrder> {
  static constexpr std::pair<UpdateOrder, const char*> all[] = {{UpdateOrder::StopFirst, "stop-first"},
                                                                {UpdateOrder::StartFirst, "start-first"}};
};
template <>
struct Names<FailureAction> {
  static constexpr std::pair<FailureAction, const char*> all[] = {{FailureAction::Pause, "pause"},
                                                                  {FailureAction::Continue, "continue"},
                                                                  {FailureAction::Rollback, "rollback"}};
};
template <>
struct Names<FailureScope> {
  static constexpr std::pair<FailureScope, const char*> all[] = {{FailureScope::Release, "release"},
                                                                 {FailureScope::Service, "service"}};
};
template <>
struct Names<DeadlineAction> {
  static constexpr std::pair<DeadlineAction, const char*> all[] = {{DeadlineAction::Wait, "wait"},
                                                                   {DeadlineAction::Extend, "extend"},
                                                                   {DeadlineAction::End, "end"},
                                                                   {DeadlineAction::Undo, "undo"}};
};
template <>
struct Names<CountKind> {
  static constexpr std::pair<CountKind, const char*> all[] = {
      {CountKind::Command, "exec"}, {CountKind::Http, "http"}, {CountKind::Prometheus, "prometheus"}};
};
template <>
struct Names<ProbeKind> {
  static constexpr std::pair<ProbeKind, const char*> all[] = {{ProbeKind::Exec, "exec"},
                                                              {ProbeKind::Http, "http"},
                                                              {ProbeKind::Tcp, "tcp"},
                                                              {ProbeKind::GrpcHealth, "grpc"}};
};
template <>
struct Names<ApprovalSpec::When> {
  static constexpr std::pair<ApprovalSpec::When, const char*> all[] = {{ApprovalSpec::When::Before, "before"},
                                                                       {ApprovalSpec::When::After, "after"}};
};
template <>
struct Names<MeasurementSource> {
  static constexpr std::pair<MeasurementSource, const char*> all[] = {
      {MeasurementSource::Router, "router"},
      {MeasurementSource::Prometheus, "prometheus"},
      {MeasurementSource::Scrape, "scrape"},
      {MeasurementSource::RequestLog, "request_log"}};
};
template <>
struct Names<MeasuredQuantity> {
  static constexpr std::pair<MeasuredQuantity, const char*> all[] = {
      {MeasuredQuantity::ErrorRatio, "error_ratio"}, {MeasuredQuantity::Latency, "latency"}};
};
template <>
struct Names<LogTimeUnit> {
  static constexpr std::pair<LogTimeUnit, const char*> all[] = {{LogTimeUnit::Nanoseconds, "ns"},
                                                                {LogTimeUnit::Microseconds, "us"},
                                                                {LogTimeUnit::Milliseconds, "ms"},
                                                                {LogTimeUnit::Seconds, "s"}};
};
template <>
struct Names<Inconclusive> {
  static constexpr std::pair<Inconclusive, const char*> all[] = {
      {Inconclusive::Ask, "ask"}, {Inconclusive::Pass, "pass"}, {Inconclusive::Undo, "undo"}};
};

template <class E>
const char* nameOf(E value) {
  for (const auto& [known, name] : Names<E>::all)
    if (known == value)
      return name;
  return "";
}

template <class E>
E valueOf(const std::string& name, E fallback) {
  for (const auto& [known, text] : Names<E>::all)
    if (name == text)
      return known;
  return fallback;
}

} // namespace ratdeck::plan_names
