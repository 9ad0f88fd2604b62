#include "core/engine/analysis_watcher.h"

#include "core/plan/analysis_text.h"

namespace ratdeck {

namespace {

RequestTally frontOf(const RolloutState& state, const std::string& service) {
  auto it = state.frontTraffic.find(service);
  return it == state.frontTraffic.end() ? RequestTally() : it->second;
}

Judgement judgementOf(const AnalysisSpec& spec, double limit, const Result<Measurement>& measurement) {
  Judgement judgement;
  judgement.detail = {{"analysis", spec.name}, {"limit", limit}};
  if (!measurement) {
    judgement.verdict = Verdict::Error;
    judgement.text = spec.name + " could not be read: " + measurement.error().toString();
    return judgement;
  }
  if (measurement->samples >= 0)
    judgement.detail["requests"] = measurement->samples;
  const auto quantity = spec.measurement.quantity;
  const bool isTooFew = measurement->samples >= 0 && measurement->samples < spec.minRequests;
  if (!measurement->value || isTooFew) {
    judgement.verdict = Verdict::Inconclusive;
    judgement.text = spec.name + ": " +
                     (measurement->value ? std::to_string(measurement->samples) + " requests are too few"
                                         : "no value: " + measurement->note);
    return judgement;
  }
  judgement.detail["value"] = *measurement->value;
  judgement.verdict = *measurement->value > limit ? Verdict::Failing : Verdict::Passing;
  judgement.text = spec.name + ": " + valueText(quantity, *measurement->value) + " (at most " +
                   valueText(quantity, limit) + ")";
  return judgement;
}

} // namespace

AnalysisWatcher::AnalysisWatcher(Meter* meter, const Clock& clock, const RolloutState& state,
                                 const std::string& service, WatchSet::Post post)
    : m_meter(meter), m_clock(clock), m_service(service),
      m_switchedAt(state.services.at(service).batchSwitchedAt.boot), m_post(std::move(post)) {
  for (const auto& spec : state.plan.services.at(service).analyses) {
    if (isOfCopies(spec))
      continue; // by the watch of each copy
    if (spec.measurement.source == MeasurementSource::Router) {
      const auto& front = spec.measurement.service;
      m_fronts.push_back({front, RouterJudge(spec, frontOf(state, front), false)});
      continue;
    }
    auto& asked = *m_asked.emplace_back(std::make_unique<Asked>());
    asked.spec = spec;
    if (asked.spec.measurement.service.empty())
      asked.spec.measurement.service = service;
    asked.limit = limitOf(spec, trafficOf(state, service, false));
    QObject::connect(&asked.timer, &QTimer::timeout, &asked.timer, [this, &asked] { ask(asked); });
    asked.timer.start(std::chrono::duration_cast<std::chrono::milliseconds>(spec.interval));
    QTimer::singleShot(0, &asked.timer, [this, &asked] { ask(asked); });
  }
}

AnalysisWatcher::~AnalysisWatcher() {
  *m_alive = false;
}

void AnalysisWatcher::read(const RouterSample& sample, BootTime now, std::vector<Observation>& news) {
  for (auto& front : m_fronts)
    if (sample.service == front.service && sample.instance.isEmpty())
      if (auto judgement = front.judge.read(sample, now))
        news.push_back(observationOf(*judgement, m_service, {}));
}

void AnalysisWatcher::ask(Asked& asked) {
  if (asked.isOpen)
    return;
  if (!m_meter)
    return answered(asked, failure(ErrorKind::NotFound, "nothing at this target reads it"));
  asked.isOpen = true;
  m_meter->measure(asked.spec.measurement, asked.spec.windowOr(defaultAnalysisWindow),
                   [this, alive = m_alive, &asked](Result<Measurement> measurement) {
                     if (*alive)
                       answered(asked, measurement);
                   });
}

// A window that reaches back before the switch is the old version's as well.
bool AnalysisWatcher::isTooEarly(const Asked& asked) const {
  return m_clock.now().boot < m_switchedAt + asked.spec.windowOr(defaultAnalysisWindow);
}

void AnalysisWatcher::answered(Asked& asked, const Result<Measurement>& measurement) {
  asked.isOpen = false;
  if (isTooEarly(asked))
    return;
  auto judgement = judgementOf(asked.spec, asked.limit, measurement);
  if (judgement.verdict == asked.verdict)
    return;
  asked.verdict = judgement.verdict;
  judgement.detail["verdict"] = toString(judgement.verdict);
  m_post(observationOf(judgement, m_service, {}));
}

} // namespace ratdeck
