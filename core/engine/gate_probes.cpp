#include "core/engine/gate_probes.h"

#include "core/spec/own_checks.h"

#include <algorithm>

namespace ratdeck {

int revisionOf(const RolloutState& state, const InstanceRollout& copy) {
  return copy.role == InstanceRole::New ? state.plan.revision
                                        : state.plan.services.at(copy.service).fromRevision;
}

std::vector<ProbeSpec> gateProbesOf(const RolloutState& state, const InstanceRollout& copy,
                                    const SpecSource& specs) {
  auto probes = state.plan.services.at(copy.service).gate.probes;
  auto hasCommands =
      std::any_of(probes.begin(), probes.end(), [](const auto& p) { return p.kind == ProbeKind::Exec; });
  auto spec = hasCommands ? specs.serviceAt(revisionOf(state, copy), copy.service)
                          : Result<ServiceSpec>(ServiceSpec{});
  if (!spec)
    return probes;
  for (const auto& check : ownChecks(*spec))
    for (auto& probe : probes)
      if (probe.kind == ProbeKind::Exec && probe.name == check.name)
        probe.command = check.command;
  return probes;
}

} // namespace ratdeck
