#include "app/stack/target_choice.h"

#include "app/stack/stack_source.h"
#include "core/remote/docker/docker_endpoint.h"
#include "core/runtime/docker/docker_target.h"
#include "core/runtime/process/sandbox_target.h"
#include "core/spec/stack_choice.h"

namespace ratdeck {

namespace {

template <class T>
Result<std::unique_ptr<StackTarget>> asTarget(Result<std::unique_ptr<T>> target) {
  if (!target)
    return failure(target.error());
  return std::unique_ptr<StackTarget>(std::move(*target));
}

std::string sandboxUp(const StackChoice& choice) {
  StackChoice named;
  named.sandbox = choice.sandbox;
  return commandLine(named, "sandbox up");
}

TargetChoice chooseSandbox(const Environment& environment, const StackChoice& choice,
                           const StackSpec& stack) {
  const std::string folder = sandboxFolder(environment, choice);
  TargetChoice target;
  target.key = {"sandbox", folder, {}, stack.project};
  target.title = "the sandbox " + choice.sandbox;
  target.open = [folder, stack, secrets = secretsIn(environment.variables), title = target.title,
                 up = sandboxUp(choice)](const std::string&) -> Result<std::unique_ptr<StackTarget>> {
    auto opened = openSandbox(folder, stack, secrets);
    if (!opened && opened.error().kind == ErrorKind::NotFound)
      return failure(ErrorKind::Unreachable, title + " is not up", "start it with `" + up + "`");
    return asTarget(std::move(opened));
  };
  return target;
}

// As the docker command would choose it; --context wins over the environment.
Result<DockerEndpoint> endpointOf(const Environment& environment, const StackChoice& choice) {
  auto variables = environment.variables;
  if (!choice.context.empty()) {
    variables.erase("DOCKER_HOST");
    variables["DOCKER_CONTEXT"] = choice.context;
  }
  return resolveDockerEndpoint(variables);
}

Result<TargetChoice> chooseDocker(const Environment& environment, const StackChoice& choice,
                                  const StackSpec& stack) {
  auto endpoint = endpointOf(environment, choice);
  if (!endpoint)
    return failure(endpoint.error());
  TargetChoice target;
  target.key = {"docker", endpoint->toString(), {}, stack.project};
  target.title = "Docker at " + endpoint->toString();
  DockerPlace place;
  place.endpoint = *endpoint;
  place.environment = environment.variables;
  place.relayProgram = environment.programFolder + "/ratdeck-relay";
  place.folder = environment.stateFolder + "/docker/" + shortHashOf(target.key);
  target.open = [place, stack](const std::string& store) {
    auto here = place;
    here.store = store;
    return asTarget(openDocker(here, stack));
  };
  return target;
}

} // namespace

Result<TargetChoice> chooseTarget(const Environment& environment, const StackChoice& choice,
                                  const StackSpec& stack) {
  if (choice.runtime == "sandbox")
    return chooseSandbox(environment, choice, stack);
  if (choice.runtime == "docker")
    return chooseDocker(environment, choice, stack);
  return failure(ErrorKind::Refused, "this version has no runtime \"" + choice.runtime + "\"",
                 "use --runtime sandbox or --runtime docker");
}

} // namespace ratdeck
