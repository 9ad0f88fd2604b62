// x-ratdeck's source of a measurement -> MeasurementSpec. Described in resources/x-ratdeck.md.
#pragma once

#include "core/spec/compose/policy_values.h"
#include "core/spec/measurement_spec.h"

#include <optional>
#include <vector>

namespace ratdeck::compose {

// The keys token_env, user and password_env of a mapping that names a Prometheus server, to be added to its
// others. `name`: the mapping as people see it; `login` lives as long as the fields.
std::vector<Field> loginFields(PolicyReader& in, const std::string& name, PrometheusLogin& login);
// Reports what does not go together.
void checkLogin(PolicyReader& in, const Node& node, const std::string& name, const PrometheusLogin& login);
constexpr const char* loginInsteadOfUser = "use user and password_env, or token_env";

// What a gate's mapping said of its source, until measurementOf() has looked at the whole.
struct MeasurementKeys {
  const Node* router = nullptr;
  const Node* prometheus = nullptr;
  const Node* scrape = nullptr;
  const Node* requestLog = nullptr;
};

// The keys router, prometheus, scrape and request_log, to be added to those of the gate's own mapping.
// `found` lives as long as the fields.
std::vector<Field> measurementFields(MeasurementKeys& found);

// The source that was named. `name`: the gate's key as people see it; `node`: its mapping. Reports two
// sources at once; with none it is the router.
MeasurementSpec measurementOf(PolicyReader& in, const Node& node, const std::string& name,
                              const MeasurementKeys& found, MeasuredQuantity quantity);

} // namespace ratdeck::compose
