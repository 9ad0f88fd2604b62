// What the answers of a new version are judged by: the stack's analyses, each of which a service may replace
// by one of its own of the same name, and what users see at the portal while one is judged by its own errors.
#include "core/plan/draft.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr const char* portal = "portal";

void replaceAll(std::string& text, const std::string& word, const std::string& by) {
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size()))
    text.replace(at, word.size(), by);
}

// Queries of a stack's analysis name the service and the versions that they are asked for.
void fillWords(AnalysisSpec& analysis, const ServicePlan& plan) {
  auto& source = analysis.measurement.prometheus;
  for (auto* query : {&source.query, &source.requests}) {
    replaceAll(*query, "{{service}}", plan.service);
    replaceAll(*query, "{{version}}", plan.toVersion);
    replaceAll(*query, "{{old_version}}", plan.fromVersion);
  }
}

bool isPortalServed(const Draft& draft) {
  const auto& routed = draft.world().routedServices;
  return draft.isRat && std::find(routed.begin(), routed.end(), portal) != routed.end();
}

// A new ratd may answer well to those who ask it and yet fail who comes by the portal.
void addPortal(const Draft& draft, std::vector<AnalysisSpec>& analyses, const ServicePlan& plan) {
  if (plan.service == portal || !isPortalServed(draft))
    return;
  for (size_t i = 0, own = analyses.size(); i < own; ++i) {
    if (!isOfCopies(analyses[i]) || analyses[i].measurement.quantity != MeasuredQuantity::ErrorRatio)
      continue;
    auto atPortal = analyses[i];
    atPortal.name += " at the portal";
    atPortal.measurement.service = portal;
    atPortal.onInconclusive = Inconclusive::Pass; // its own requests decide whether enough was seen
    analyses.push_back(std::move(atPortal));
  }
}

// A source other than the router is asked when its window is full, and must have answered by the end.
Duration timeToAnswer(const AnalysisSpec& analysis) {
  return analysis.measurement.source == MeasurementSource::Router
             ? Duration(0s)
             : analysis.interval + analysis.measurement.timeout;
}

std::vector<AnalysisSpec> written(const Draft& draft, const ServiceDraft& service) {
  const auto& own = service.spec->policy.analyses;
  auto analyses = own;
  for (const auto& analysis : draft.stack().policy.analyses)
    if (std::none_of(own.begin(), own.end(), [&](const auto& it) { return it.name == analysis.name; }))
      analyses.push_back(analysis);
  if (!service.plan.isRouted)
    std::erase_if(analyses, [](const auto& analysis) {
      return analysis.measurement.source == MeasurementSource::Router && analysis.measurement.service.empty();
    });
  return analyses;
}

} // namespace

void chooseAnalyses(const Draft& draft, ServiceDraft& service) {
  auto& plan = service.plan;
  if (!service.handsOverPort.empty() || plan.newCopies.empty())
    return;
  plan.analyses = written(draft, service);
  addPortal(draft, plan.analyses, plan);
  Duration longest = 0s;
  for (auto& analysis : plan.analyses) {
    fillWords(analysis, plan);
    analysis.window = analysis.windowOr(plan.monitor > 0s ? plan.monitor : defaultAnalysisWindow);
    longest = std::max(longest, *analysis.window + timeToAnswer(analysis));
  }
  plan.monitor = std::max(plan.monitor, longest);
  std::sort(plan.analyses.begin(), plan.analyses.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
}

} // namespace ratdeck
