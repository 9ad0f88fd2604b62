#include "core/engine/router_judge.h"

#include "core/plan/analysis_text.h"

#include <algorithm>

namespace ratdeck {

namespace {

// What the old version showed by the same measure; nothing where too little was seen of it.
std::optional<double> valueOf(const AnalysisSpec& spec, const RequestTally& old) {
  if (spec.measurement.quantity == MeasuredQuantity::Latency) {
    if (old.timedCount < spec.minRequests)
      return {};
    return old.timeMs / 1000;
  }
  if (old.requests < spec.minRequests)
    return {};
  return static_cast<double>(old.failed) / static_cast<double>(old.requests);
}

// A factor of nothing would be nothing: one failed request of all those counts as the least.
double leastOf(const AnalysisSpec& spec, const RequestTally& old) {
  return spec.measurement.quantity == MeasuredQuantity::Latency ? 0.001
                                                                : 1.0 / static_cast<double>(old.requests);
}

} // namespace

double limitOf(const AnalysisSpec& spec, const RequestTally& old) {
  const auto before = valueOf(spec, old);
  if (!before)
    return spec.most;
  const double limit = std::max(spec.most, *before);
  return spec.mostOverOld ? std::min(limit, *spec.mostOverOld * std::max(*before, leastOf(spec, old)))
                          : limit;
}

RouterJudge::RouterJudge(AnalysisSpec spec, const RequestTally& old, bool isFromZero)
    : m_spec(std::move(spec)), m_limit(limitOf(m_spec, old)) {
  if (isFromZero)
    m_readings.push_back({BootTime::min(), 0, 0});
}

RouterJudge::Reading RouterJudge::inWindow(const Reading& now) {
  if (!m_readings.empty() && now.requests < m_readings.back().requests)
    m_readings = {{BootTime::min(), 0, 0}}; // it joined anew and counts from zero
  m_readings.push_back(now);
  const auto edge = now.at - m_spec.windowOr(defaultAnalysisWindow);
  while (m_readings.size() > 2 && m_readings[1].at <= edge)
    m_readings.pop_front();
  return {now.at, now.requests - m_readings.front().requests, now.failed - m_readings.front().failed};
}

Judgement RouterJudge::judge(const RouterSample& sample, const Reading& counted) const {
  Judgement judgement;
  judgement.detail = {{"analysis", m_spec.name},
                      {"limit", m_limit},
                      {"requests", counted.requests},
                      {"failed", counted.failed}};
  const auto quantity = m_spec.measurement.quantity;
  const auto limit = " (at most " + valueText(quantity, m_limit) + ")";
  std::optional<double> value;
  if (counted.requests >= m_spec.minRequests && quantity == MeasuredQuantity::ErrorRatio) {
    value = static_cast<double>(counted.failed) / static_cast<double>(counted.requests);
    judgement.text = std::to_string(counted.failed) + " of " + std::to_string(counted.requests) +
                     " requests failed at the router" + limit;
  } else if (counted.requests >= m_spec.minRequests && sample.timeMs) {
    value = *sample.timeMs / 1000;
    judgement.text = valueText(quantity, *value) + " to an answer at the router" + limit;
  }
  if (!value)
    return judgement;
  judgement.detail["value"] = *value;
  judgement.verdict = *value > m_limit ? Verdict::Failing : Verdict::Passing;
  return judgement;
}

std::optional<Judgement> RouterJudge::read(const RouterSample& sample, BootTime now) {
  const auto counted = inWindow({now, sample.requests, sample.errors5xx + sample.connectionErrors});
  auto judgement = judge(sample, counted);
  if (judgement.verdict == Verdict::Pending || judgement.verdict == m_verdict)
    return {};
  m_verdict = judgement.verdict;
  judgement.detail["verdict"] = toString(judgement.verdict);
  return judgement;
}

} // namespace ratdeck
