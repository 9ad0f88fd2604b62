#include "ui/model/why_on.h"

#include "core/rollout/rollout.h"
#include "ui/model/plain.h"
#include "ui/model/tr.h"

#include <QLocale>

#include <algorithm>

namespace ratdeck {

namespace {

struct Culprit {
  const ServicePlan* plan = nullptr; // absent: no new version has failed a request
  RequestTally traffic;

  double share() const { return static_cast<double>(traffic.failed) / static_cast<double>(traffic.requests); }
};

Culprit worstOf(const RolloutState& state) {
  Culprit worst;
  for (const auto& [name, plan] : state.plan.services) {
    const auto traffic = trafficOf(state, name, true);
    if (traffic.failed > worst.traffic.failed && traffic.requests >= traffic.failed)
      worst = {&plan, traffic};
  }
  return worst;
}

QString percent(double part) {
  constexpr double least = 0.01; // percent
  const double value = 100 * part;
  const QLocale english(QLocale::English);
  return value < least
             ? tr("under %1 %").arg(least)
             : tr("%1 %").arg(value < 10 ? english.toString(value, 'g', 2) : english.toString(value, 'f', 0));
}

Verdict verdictOf(const RolloutState& state, const Culprit& culprit, const AnalysisSpec& gate,
                  std::string& text) {
  const auto service = state.services.find(culprit.plan->service);
  auto verdict = Verdict::Pending;
  if (service != state.services.end())
    for (const auto& [key, analysis] : service->second.analyses)
      if (analysis.name == gate.name && verdict != Verdict::Failing) {
        verdict = analysis.verdict;
        text = analysis.text;
      }
  return verdict;
}

// What keeps the strictest gate on its errors from acting.
QString sayingOf(const RolloutState& state, const Culprit& culprit, const AnalysisSpec& gate) {
  if (culprit.traffic.requests < gate.minRequests)
    return tr("its gate judges from %1 requests on").arg(gate.minRequests);
  if (culprit.share() <= gate.most && !gate.mostOverOld) // else the old version's share is the limit
    return tr("its gate acts above %1").arg(percent(gate.most));
  std::string text;
  switch (verdictOf(state, culprit, gate, text)) {
  case Verdict::Passing:
    return tr("its gate's last verdict is a pass: %1").arg(plain(text));
  case Verdict::Failing:
    return tr("its gate failed, and the plan lets that pass");
  case Verdict::Pending:
  case Verdict::Inconclusive:
    return tr("its gate has come to no verdict yet");
  case Verdict::Error:
    return tr("its gate cannot be read");
  }
  return {};
}

QString gateText(const RolloutState& state, const Culprit& culprit) {
  const AnalysisSpec *strictest = nullptr, *observing = nullptr;
  for (const auto& analysis : culprit.plan->analyses) {
    if (analysis.measurement.quantity != MeasuredQuantity::ErrorRatio)
      continue;
    if (analysis.isObserveOnly)
      observing = &analysis;
    else if (!strictest || analysis.most < strictest->most)
      strictest = &analysis;
  }
  if (strictest)
    return sayingOf(state, culprit, *strictest);
  return observing ? tr("its gate on errors only observes") : tr("no gate watches its errors");
}

bool isWaiting(const RolloutState& state) {
  return state.isHeld || state.isBaking ||
         std::any_of(state.approvals.begin(), state.approvals.end(),
                     [](const auto& entry) { return entry.second.state == GateState::Waiting; }) ||
         std::any_of(state.services.begin(), state.services.end(),
                     [](const auto& entry) { return entry.second.drainAwaitsDecision; });
}

} // namespace

QString whyItGoesOn(const RolloutState& state) {
  if (state.phase != RolloutPhase::Rolling || state.isAway)
    return {};
  const auto goesOn = isWaiting(state) ? tr("not undone: %1") : tr("rolls on: %1");
  const auto culprit = worstOf(state);
  if (!culprit.plan)
    return goesOn.arg(tr("no new version fails requests, and gates judge those alone"));
  return goesOn.arg(tr("%1 of all requests to %2 failed, %3")
                        .arg(percent(culprit.share()),
                             plain(culprit.plan->service + " " + culprit.plan->toVersion),
                             gateText(state, culprit)));
}

} // namespace ratdeck
