// Parts of a plan as JSON, shared by the plan's file form and its hash. Internal to core/plan.
#pragma once

#include "core/plan/plan.h"

namespace ratdeck {

Json toJson(const ServicePlan& service);
Json toJson(const AnalysisSpec& analysis);
AnalysisSpec analysisFrom(const Json& json);
Json toJson(const PrometheusLogin& login);
PrometheusLogin loginFrom(const Json& json);
Json toJson(const ApprovalSpec& approval);
Json toJson(const VerifySpec& check);
Json toJson(const ActiveRunsSpec& runs);

} // namespace ratdeck
