#include "app/ratdeckctl/sandbox_session.h"

namespace ratdeck {

SandboxSession::SandboxSession(const Environment& environment, const Options& options)
    : m_environment(environment), m_options(options), m_sandbox(environment, options) {}

Result<SessionResult> SandboxSession::up() {
  auto isNew = m_sandbox.up();
  if (!isNew)
    return failure(isNew.error());
  auto place = openPlace(m_environment, m_options, true);
  if (!place)
    return failure(place.error());
  auto deployment = place->prepare(place->stack(), m_options, {});
  if (!deployment)
    return failure(deployment.error());
  if (auto checked = checkProblems(deployment->plan); !checked)
    return failure(checked.error());
  if (deployment->plan.isEmpty()) {
    SessionResult nothing;
    nothing.exitCode = 0;
    nothing.state.plan = deployment->plan;
    return nothing;
  }
  if (auto held = holdForRollout(*place, m_environment.actor, m_options.takesOver); !held)
    return failure(held.error());
  return carryOut(m_environment, m_options, *place, *deployment, {}, *isNew);
}

} // namespace ratdeck
