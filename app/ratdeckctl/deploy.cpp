#include "app/ratdeckctl/deploy.h"

#include "app/ratdeckctl/hint.h"
#include "app/ratdeckctl/outcome_text.h"
#include "app/ratdeckctl/output.h"
#include "core/rollout/outcome.h"

namespace ratdeck {

Status checkProblems(const Plan& plan) {
  for (const auto& problem : plan.problems)
    if (problem.severity == Severity::Error)
      return failure(ErrorKind::Input, problem.message, {}, problem.where);
  return Done{};
}

Result<SessionResult> carryOut(const Environment& environment, const Options& options, Place& place,
                               const Deployment& deployment, const std::string& undoes) {
  StartRollout request;
  request.plan = deployment.plan;
  request.actor = environment.actor;
  request.hasPerson = environment.hasTerminal;
  request.approve = options.approve;
  request.undoes = undoes;
  RolloutSession session(environment, options, place.engineConfig());
  return session.start(request, deployment.revision);
}

void printOutcome(const Options& options, const Json& outcome) {
  if (options.output == OutputFormat::Json)
    printJson(outcome);
  else
    printText(summaryOf(outcome));
}

Json emptyOutcome(const Plan& plan) {
  RolloutState state;
  state.plan = plan;
  state.result = RolloutResult::Succeeded;
  return outcomeOf(state, {}, {});
}

} // namespace ratdeck
