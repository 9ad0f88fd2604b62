#include "core/engine/drain_calls.h"

namespace ratdeck {

Result<DrainPolicy> drainCallsOf(const RolloutState& state, const std::string& service,
                                 const SpecSource& specs) {
  const auto plan = state.plan.services.find(service);
  if (plan == state.plan.services.end() || !plan->second.drain)
    return failure(ErrorKind::NotFound, "nothing of " + service + " is drained");
  auto drain = *plan->second.drain;
  const bool hasSecrets = (drain.hook && drain.hook->signal.empty()) ||
                          (drain.back && drain.back->signal.empty()) ||
                          (drain.count && drain.count->kind != CountKind::Http);
  if (!hasSecrets)
    return drain;
  const auto spec = specs.serviceAt(state.plan.revision, service);
  if (!spec)
    return failure(spec.error());
  const auto& written = spec->policy.drain;
  if (!written)
    return failure(ErrorKind::NotFound, "the revision of " + service + " has no drain");
  if (drain.hook && written->hook)
    drain.hook->command = written->hook->command;
  if (drain.back && written->back)
    drain.back->command = written->back->command;
  if (drain.count && written->count) {
    drain.count->command = written->count->command;
    drain.count->url = written->count->url;
  }
  return drain;
}

} // namespace ratdeck
